"""All settings: one frozen class, read once from ``KBSEARCH_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kbsearch.model import Role


class Settings(BaseSettings):
    """Where the data is, which model reads it, where the server listens."""

    model_config = SettingsConfigDict(env_prefix="KBSEARCH_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("data"), description="The data folder: store, index snapshots. Made if missing.")
    host: str = Field("127.0.0.1", description="Address to listen on. Without keys, loopback addresses only.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8080, description="Port to listen on; 0 takes a free one.")
    model: str | None = Field(
        None,
        description="Embedding model: `default`, a sentence-transformers name or a folder. "
        "Unset: what the data folder was indexed with, `default` for a new one.",
    )
    models: str | None = Field(
        None,
        description="Further models, names or folders, comma-separated, that `POST /v1/reindex` may name beside those "
        "that come with kbsearch and `KBSEARCH_MODEL`.",
    )
    model_download: bool = Field(
        False, description="Whether a model that is not on this machine may be fetched from the Hugging Face hub."
    )
    export_dir: Path | None = Field(
        None,
        description="Where exported models are kept, for several data folders to share. Unset: `models` in the data.",
    )
    threads: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None, description="Threads of one model call. Unset: what is measured to be best at the first start."
    )
    requests_at_once: Annotated[int, Field(ge=1)] = Field(32, description="Requests that run at once.")
    requests_waiting: Annotated[int, Field(ge=0)] = Field(
        128, description="Requests that wait for one of these to end, 5 seconds at most; beyond, 503."
    )
    imports_at_once: Annotated[int, Field(ge=1)] = Field(2, description="Imports over HTTP that run at once.")
    uploads_at_once: Annotated[int, Field(ge=1)] = Field(
        32, description="Bodies of imports that come or wait for an import to end at once."
    )
    caller_share_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        25, description="How much of all places one key or person may hold, in percent, one place at least."
    )
    tenant_share_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        50, description="How much of all places one tenant's callers together may hold, in percent, one place at least."
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        6_000, description="Requests of one key or person a minute, a tenth of them at once; beyond, 429."
    )
    body_timeout_s: Annotated[int, Field(ge=1)] = Field(
        30, description="How long a body may take to come, in seconds; an import's may take longer, see below."
    )
    import_bytes_per_s: Annotated[int, Field(ge=1)] = Field(
        512,
        description="Bytes per second that an import's body must bring on average within each KBSEARCH_BODY_TIMEOUT_S.",
    )
    request_timeout_s: Annotated[int, Field(ge=1)] = Field(
        60,
        description="How long a request that is no import may take, in seconds; beyond, 503, and what it was to change "
        "may still be done.",
    )
    idempotency_hours: Annotated[int, Field(ge=1, le=8_760)] = Field(
        24, description="How long a POST that is sent again with its Idempotency-Key gets the first answer, in hours."
    )
    suggestions_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        180, description="How long suggestions that were shown are kept for feedback and figures, in days."
    )
    jobs_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        30, description="How long jobs that ended are kept, in days."
    )
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = Field(
        730, description="How long the audit log is kept, in days."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines are written.")
    telemetry: bool = Field(
        False,
        description="Send a trace of each request, without its texts, to the OpenTelemetry collector that the "
        "OTEL_EXPORTER_OTLP_* variables name; needs `pip install 'kbsearch[telemetry]'`.",
    )
    trusted_proxies: str | None = Field(
        None, description="Addresses of proxies, comma-separated, whose X-Forwarded-For names the client."
    )
    cors_origins: str | None = Field(
        None, description="Other sites, comma-separated, whose pages may call the API, as in https://desk.example.org."
    )
    oidc_issuer: str | None = Field(None, description="OpenID Connect issuer whose tokens of people are taken.")
    oidc_audience: str | None = Field(None, description="What that issuer calls this server; needed with it.")
    oidc_role_claim: str = Field("kbsearch_role", description="The claim that names roles; dots lead into objects.")
    oidc_roles: dict[str, Role] | None = Field(
        None,
        description='The issuer\'s roles as ours, in JSON: {"desk-l2": "engineer"}. Unset: they are named as ours.',
    )
    oidc_tenants_claim: str = Field("kbsearch_tenants", description="The claim that names tenants; * is every one.")
    raw_key: SecretStr | None = Field(
        None,
        description="Encrypts ticket texts that a tenant keeps as they came (`kbsearch redaction key` makes one). "
        "Several, parted by commas: the first encrypts, all decrypt. Unset: such texts are not encrypted.",
    )
    shutdown_timeout_s: Annotated[int, Field(ge=0)] = Field(
        20, description="How long running requests may take to finish after SIGTERM, in seconds."
    )

    @model_validator(mode="after")
    def _has_audience(self) -> Self:
        if self.oidc_issuer is not None and not self.oidc_audience:
            raise ValueError("KBSEARCH_OIDC_AUDIENCE is needed with KBSEARCH_OIDC_ISSUER")
        return self
