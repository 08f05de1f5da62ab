"""Puts the parts together."""

from __future__ import annotations

import os
from collections.abc import Collection, Generator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from kbsearch.access.code_flow import Client, CodeFlow
from kbsearch.access.hosts import is_loopback
from kbsearch.access.keys import Keys
from kbsearch.access.people import Issuer, People
from kbsearch.api.gate import GateRules
from kbsearch.api.lanes import Shares
from kbsearch.embedding.embedder import Embedder
from kbsearch.embedding.loading import INT8, load_embedder
from kbsearch.embedding.weights import BULGARIAN_MODEL, DEFAULT_MODEL, ENGLISH_MODEL
from kbsearch.errors import InvalidInput
from kbsearch.index.local.index import LocalIndexes
from kbsearch.knowledge import KnowledgeBase
from kbsearch.knowledge.indexing.index_generations import LoadEmbedder
from kbsearch.knowledge.redaction import Redaction, Seal
from kbsearch.knowledge.sealing import FernetSeal
from kbsearch.settings import Settings
from kbsearch.store.port import Clock, Store, utc_now
from kbsearch.store.retention import KEPT, Retention
from kbsearch.store.sqlite.database import SQLiteStore


def open_knowledge(settings: Settings, clock: Clock = utc_now) -> KnowledgeBase:
    """The knowledge base of the configured data folder. Raises KBSearchError where it cannot be opened."""
    if not settings.model_download:
        os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's library is imported, which only a model does
    exports = settings.export_dir or settings.data_dir / "models"
    load = partial(_load_embedder, exports=exports, settings=settings)
    return embedded(
        settings.data_dir,
        load,
        _absolute(settings.model),
        DEFAULT_MODEL,
        clock,
        seal=_seal(settings.raw_key),
        kept=Retention(
            suggestions=timedelta(days=settings.suggestions_days),
            answers=timedelta(hours=settings.idempotency_hours),
            jobs=timedelta(days=settings.jobs_days),
        ),
        offered=_offered(settings),
    )


def embedded(
    folder: Path,
    load_embedder: LoadEmbedder,
    model: str | None = None,
    default_model: str = "default",
    clock: Clock = utc_now,
    *,
    seal: Seal | None = None,
    kept: Retention = KEPT,
    offered: Collection[str] | None = None,
) -> KnowledgeBase:
    """A knowledge base on one data folder: store and index in this process. For the arguments see KnowledgeBase.

    Raises:
        StorageError, ModelNotLoadable, ModelMismatch: see there.
    """
    store = SQLiteStore(folder, clock, in_use=True)
    indexes = LocalIndexes(folder / "index")
    try:
        return KnowledgeBase(
            store, indexes, load_embedder, model, default_model, clock, seal=seal, kept=kept, offered=offered
        )
    except BaseException:
        store.close()
        raise


@contextmanager
def opened_redaction(settings: Settings) -> Generator[Redaction]:
    """Redaction alone, without the model, for one command."""
    with closing(open_store(settings)) as store:
        yield Redaction(store, _seal(settings.raw_key))


def open_store(settings: Settings) -> Store:
    """The store of the configured data folder alone, without model and index."""
    return SQLiteStore(settings.data_dir)


def local_indexes(settings: Settings) -> LocalIndexes:
    """Where the indexes of the configured data folder are kept."""
    return LocalIndexes(settings.data_dir / "index")


def gate_rules(settings: Settings) -> GateRules:
    """Who is let in.

    Raises:
        InvalidInput: others could reach the address, and without keys everyone would be admin.
    """
    people = code_flow = None
    if settings.oidc_issuer is not None:
        people = People(
            Issuer(
                settings.oidc_issuer,
                settings.oidc_audience or "",
                settings.oidc_role_claim,
                settings.oidc_tenants_claim,
                settings.oidc_roles,
            ),
            utc_now,
        )
        if settings.oidc_client_id is not None:
            secret = settings.oidc_client_secret
            code_flow = CodeFlow(
                people,
                Client(
                    settings.oidc_client_id,
                    secret.get_secret_value() if secret is not None else None,
                    settings.oidc_scope,
                ),
            )
    loopback = is_loopback(settings.host)
    if people is None and not loopback:
        with closing(open_store(settings)) as store:
            if not Keys(store).any_created():
                raise InvalidInput(
                    "",
                    f"refusing to listen on {settings.host}: there are no keys, so everyone who reaches the server "
                    "would be admin; create one with 'kbsearch keys create', or listen on 127.0.0.1",
                )
    return GateRules(
        open_without_keys=loopback and people is None,
        people=people,
        code_flow=code_flow,
        requests_per_minute=settings.requests_per_minute,
        requests_at_once=settings.requests_at_once,
        requests_waiting=settings.requests_waiting,
        imports_at_once=settings.imports_at_once,
        uploads_at_once=settings.uploads_at_once,
        import_bytes_per_s=settings.import_bytes_per_s,
        shares=Shares(settings.caller_share_percent / 100, settings.tenant_share_percent / 100),
        body_timeout_s=settings.body_timeout_s,
        request_timeout_s=settings.request_timeout_s,
    )


def _seal(keys: SecretStr | None) -> FernetSeal | None:
    if keys is None:
        return None
    try:
        return FernetSeal([key.strip() for key in keys.get_secret_value().split(",")])
    except ValueError:
        raise InvalidInput("", "KBSEARCH_RAW_KEY: not a key; 'kbsearch redaction key' creates one") from None


def _load_embedder(model: str, exports: Path, settings: Settings) -> Embedder:
    return load_embedder(_absolute(model) or DEFAULT_MODEL, exports, settings.threads)


def _offered(settings: Settings) -> set[str]:
    """The models that POST /v1/reindex may name: no request reaches for another folder or a network."""
    listed = [one.strip() for one in (settings.models or "").split(",")]
    names = {DEFAULT_MODEL, BULGARIAN_MODEL, ENGLISH_MODEL, *filter(None, listed)}
    if settings.model is not None:
        names.add(settings.model)
    return names | {name + INT8 for name in names if not name.endswith(INT8)}


def _absolute(model: str | None) -> str | None:
    """A folder is named by its full path, so that a server started elsewhere finds it again."""
    if model is None:
        return None
    base = model.removesuffix(INT8)
    if (os.sep in base or base.startswith(".")) and Path(base).is_dir():
        return str(Path(base).resolve()) + model[len(base) :]
    return model
