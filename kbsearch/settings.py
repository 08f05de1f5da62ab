"""All settings: one frozen class, read once from ``KBSEARCH_*``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    export_dir: Path | None = Field(
        None,
        description="Where exported models are kept, for several data folders to share. Unset: `models` in the data.",
    )
    threads: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None, description="Threads of one model call. Unset: what is measured to be best at the first start."
    )
    raw_key: SecretStr | None = Field(
        None,
        description="Encrypts ticket texts that a tenant keeps as they came (`kbsearch redaction key` makes one). "
        "Several, parted by commas: the first encrypts, all decrypt. Unset: such texts are not encrypted.",
    )
    shutdown_timeout_s: Annotated[int, Field(ge=0)] = Field(
        20, description="How long running requests may take to finish after SIGTERM, in seconds."
    )
