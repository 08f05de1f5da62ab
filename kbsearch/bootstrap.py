"""Puts the parts together."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from kbsearch.embedding.embedder import Embedder
from kbsearch.embedding.loading import INT8, load_embedder
from kbsearch.embedding.weights import DEFAULT_MODEL
from kbsearch.errors import InvalidInput
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.redaction import Redaction
from kbsearch.knowledge.sealing import FernetSeal
from kbsearch.settings import Settings
from kbsearch.store.database import Store


def open_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge base of the configured data folder. Raises KBSearchError where it cannot be opened."""
    exports = settings.export_dir or settings.data_dir / "models"
    load = partial(_load_embedder, exports=exports, settings=settings)
    return KnowledgeBase(
        settings.data_dir, load, _absolute(settings.model), DEFAULT_MODEL, seal=_seal(settings.raw_key)
    )


@contextmanager
def opened_redaction(settings: Settings) -> Generator[Redaction]:
    """Redaction alone, without the model, for one command."""
    store = Store(settings.data_dir)
    try:
        yield Redaction(store, _seal(settings.raw_key))
    finally:
        store.close()


def check_host(host: str) -> None:
    """Raises InvalidInput for an address that others could reach: without keys everyone would be admin."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise InvalidInput(
            "",
            f"refusing to listen on {host}: there are no keys, so everyone who reaches the server would be admin; "
            "listen on 127.0.0.1 and put an authenticating proxy before it",
        )


def _seal(keys: SecretStr | None) -> FernetSeal | None:
    if keys is None:
        return None
    try:
        return FernetSeal([key.strip() for key in keys.get_secret_value().split(",")])
    except ValueError:
        raise InvalidInput("", "KBSEARCH_RAW_KEY: not a key; 'kbsearch redaction key' makes one") from None


def _load_embedder(model: str, exports: Path, settings: Settings) -> Embedder:
    return load_embedder(_absolute(model) or DEFAULT_MODEL, exports, settings.threads)


def _absolute(model: str | None) -> str | None:
    """A folder is named by its full path, so that a server started elsewhere finds it again."""
    if model is None:
        return None
    base = model.removesuffix(INT8)
    if (os.sep in base or base.startswith(".")) and Path(base).is_dir():
        return str(Path(base).resolve()) + model[len(base) :]
    return model
