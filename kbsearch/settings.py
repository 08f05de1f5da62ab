"""All settings: one frozen class, read once from ``KBSEARCH_*``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kbsearch.model import Role

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


class Settings(BaseSettings):
    """Where the data is, which model reads it, where the server listens."""

    model_config = SettingsConfigDict(env_prefix="KBSEARCH_", frozen=True, extra="forbid")

    data_dir: Path = Field(
        Path("data"), description="The data folder: database, index snapshots and exported models. Created if missing."
    )
    host: str = Field(
        "127.0.0.1", description="Address to listen on. Without keys, only loopback addresses are allowed."
    )
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8080, description="Port to listen on; 0 takes a free one.")
    model: str | None = Field(
        None,
        description="Embedding model: `default`, `bulgarian`, `english`, the name of a sentence-transformers model, "
        "or a folder. Unset: the model that the data folder was indexed with, `default` for a new one.",
    )
    models: str | None = Field(
        None,
        description="Further models, names or folders, comma-separated, that `POST /v1/reindex` may name in addition "
        "to the built-in ones and `KBSEARCH_MODEL`.",
    )
    model_download: bool = Field(
        False, description="Allow downloading a model from the Hugging Face hub if it is not on this machine."
    )
    export_dir: Path | None = Field(
        None,
        description="Folder for exported models; several data folders can share one. Unset: `models` in the data "
        "folder.",
    )
    threads: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None, description="Threads per model call. Unset: the fastest number, measured at the first start."
    )
    requests_at_once: Annotated[int, Field(ge=1)] = Field(32, description="Requests that run at the same time.")
    requests_waiting: Annotated[int, Field(ge=0)] = Field(
        128, description="Requests that may wait for a free place, for up to 5 seconds; excess requests get 503."
    )
    imports_at_once: Annotated[int, Field(ge=1)] = Field(2, description="Imports over HTTP that run at the same time.")
    uploads_at_once: Annotated[int, Field(ge=1)] = Field(
        32, description="Import bodies that are received, or wait for their import to start, at the same time."
    )
    caller_share_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        25, description="Largest share of the places that one key or person may use, in percent; at least one place."
    )
    tenant_share_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        50,
        description="Largest share of the places that all callers of one tenant may use together, in percent; at "
        "least one place.",
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        6_000,
        description="Rate limit per caller: requests per minute, with bursts of up to a tenth; excess requests get "
        "429.",
    )
    body_timeout_s: Annotated[int, Field(ge=1)] = Field(
        30,
        description="Time limit for receiving a request body, in seconds. For imports see "
        "`KBSEARCH_IMPORT_BYTES_PER_S`.",
    )
    import_bytes_per_s: Annotated[int, Field(ge=1)] = Field(
        512,
        description="Lowest average rate, in bytes per second, at which an import body must arrive within each "
        "`KBSEARCH_BODY_TIMEOUT_S`.",
    )
    request_timeout_s: Annotated[int, Field(ge=1)] = Field(
        60,
        description="Time limit for a request other than an import, in seconds. After it the answer is 503, and a "
        "change may still complete.",
    )
    idempotency_hours: Annotated[int, Field(ge=1, le=8_760)] = Field(
        24, description="How long a repeated POST with the same `Idempotency-Key` gets the first answer, in hours."
    )
    suggestions_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        180, description="How long suggestions are kept, in days. Feedback on an older one gets 404."
    )
    jobs_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        30, description="How long finished jobs are kept, in days."
    )
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        730, description="How long entries of the audit log are kept, in days."
    )
    log_format: Literal["text", "json"] = Field("text", description="Format of log lines: `text` or `json`.")
    telemetry: bool = Field(
        False,
        description="Send a trace of each request, without texts, to the OpenTelemetry collector that the "
        "`OTEL_EXPORTER_OTLP_*` variables name. Needs the extra `telemetry`.",
    )
    trusted_proxies: str | None = Field(
        None, description="Addresses of reverse proxies, comma-separated, whose `X-Forwarded-For` header is trusted."
    )
    cors_origins: str | None = Field(
        None,
        description="Other origins, comma-separated, whose pages may call the API, for example "
        "`https://desk.example.org`.",
    )
    mcp_hosts: str | None = Field(
        None,
        description="Names of this server, comma-separated, under which MCP clients reach `/mcp`, for example "
        "`kb.example.org` or `kb.example.org:*`. Unset: the names of its own machine only; others get 421.",
    )
    panel_origins: str | None = Field(
        None,
        description="Other origins, comma-separated, whose pages may show the side panel in a frame, for example "
        "`https://tickets.example.org`.",
    )
    connectors_dir: Path | None = Field(
        None, description="Folder with a YAML file for each connected ticket system (`kbsearch connectors`)."
    )
    oidc_issuer: str | None = Field(None, description="OpenID Connect issuer whose tokens are accepted.")
    oidc_audience: str | None = Field(
        None, description="Audience that tokens must name; required with `KBSEARCH_OIDC_ISSUER`."
    )
    oidc_role_claim: str = Field(
        "kbsearch_role", description="Claim that holds the roles; dots separate the levels of nested objects."
    )
    oidc_roles: dict[str, Role] | None = Field(
        None,
        description='Maps the issuer\'s role names to roles of kbsearch, as JSON: `{"desk-l2": "engineer"}`. Unset: '
        "the names are the same.",
    )
    oidc_tenants_claim: str = Field(
        "kbsearch_tenants", description="Claim that holds the tenants; `*` stands for all tenants."
    )
    oidc_client_id: str | None = Field(
        None,
        description="Client id of this server at the issuer. Set: people can sign in to the pages at the issuer, which "
        "must know the redirect URI `https://HOST/sign-in/return`.",
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="Secret of that client. Unset: it is a public client."
    )
    oidc_scope: str = Field(
        "openid", description="Scopes that a sign-in asks for, separated by spaces; `openid` is one of them."
    )
    raw_key: SecretStr | None = Field(
        None,
        description="Encrypts the original texts of tickets, where a tenant keeps them. `kbsearch redaction key` "
        "creates a key. Several keys, comma-separated: the first encrypts, all decrypt. Unset: original "
        "texts are stored unencrypted.",
    )
    shutdown_timeout_s: Annotated[int, Field(ge=0)] = Field(
        20, description="How long running requests may take to finish after SIGTERM, in seconds."
    )

    @field_validator("panel_origins")
    @classmethod
    def _are_origins(cls, listed: str | None) -> str | None:
        # They become part of a header: anything else could allow more than is meant.
        if any(_ORIGIN.fullmatch(origin.strip()) is None for origin in (listed or "").split(",") if origin.strip()):
            raise ValueError("KBSEARCH_PANEL_ORIGINS lists origins, such as https://tickets.example.org")
        return listed

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer is not None and not self.oidc_audience:
            raise ValueError("KBSEARCH_OIDC_AUDIENCE is required with KBSEARCH_OIDC_ISSUER")
        if self.oidc_client_id is not None and self.oidc_issuer is None:
            raise ValueError("KBSEARCH_OIDC_ISSUER is required with KBSEARCH_OIDC_CLIENT_ID")
        if "openid" not in self.oidc_scope.split():
            raise ValueError("KBSEARCH_OIDC_SCOPE must name openid")
        return self
