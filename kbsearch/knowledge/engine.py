"""One generation of the index in memory, with the model that made it."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import numpy as np

from kbsearch.embedding.embedder import Embedder
from kbsearch.errors import ModelMismatch, SnapshotInvalid
from kbsearch.index import snapshot
from kbsearch.index.dense import DenseIndex
from kbsearch.knowledge.documents import vector_array
from kbsearch.model import Generation, TenantId
from kbsearch.store import changes, documents, tenants
from kbsearch.store.database import Read, Store

_log = logging.getLogger(__name__)

_CHANGES_AT_ONCE = 256


class Engine:
    """Dense search and embedding for one generation; follows the store's changes.

    Build one with ``open_engine``. ``dense`` may be searched at any time; ``catch_up`` brings it level
    with the store.
    """

    def __init__(self, generation: Generation, embedder: Embedder, dense: DenseIndex, applied: int) -> None:
        self.generation = generation
        self.embedder = embedder
        self.dense = dense
        self._applied = applied
        self._catching_up = threading.Lock()
        self._snapshot_at = applied

    @property
    def applied(self) -> int:
        """The last change that ``dense`` holds."""
        return self._applied

    def catch_up(self, store: Store) -> None:
        """Take in every change committed before the call, whichever process made it."""
        with store.read() as tx:
            if changes.last(tx) <= self._applied:
                return
        with self._catching_up:
            while True:
                with store.read() as tx:
                    batch = changes.since(tx, self._applied, _CHANGES_AT_ONCE)
                    if not batch:
                        return
                    removed: dict[TenantId, list[int]] = {}
                    added: dict[TenantId, list[documents.PassageVector]] = {}
                    for _, source in batch:
                        document, passages = documents.vectors_of(tx, self.generation.id, source)
                        if document is not None:
                            removed.setdefault(source.tenant, []).append(document)
                            added.setdefault(source.tenant, []).extend(passages)
                for tenant, gone in removed.items():
                    _replace(self.dense, tenant, gone, added[tenant])
                self._applied = batch[-1][0]

    def save(self, folder: Path, store: Store, at_least: int = 1) -> None:
        """Write a snapshot if ``at_least`` changes came since the last one."""
        with self._catching_up:
            with store.read() as tx:
                known = changes.last(tx)
            applied = self._applied
            if applied > known or applied - self._snapshot_at < at_least:
                return
            snapshot.save(folder, self.dense, self.generation.id, self.generation.model_id, applied)
            self._snapshot_at = applied


def open_engine(store: Store, folder: Path, generation: Generation, embedder: Embedder) -> Engine:
    """Open a generation from its snapshot, or from the store where there is no sound one, and catch up.

    Raises:
        ModelMismatch: the embedder's vectors are not the generation's.
    """
    if embedder.model_id != generation.model_id:
        raise ModelMismatch(embedder.model_id, generation.model_id)
    engine = None
    path = snapshot.newest(folder, generation.id)
    if path is not None:
        try:
            dense, seq = snapshot.load(path, generation.model_id, generation.dimension)
            with store.read() as tx:
                if seq > changes.last(tx):
                    raise SnapshotInvalid(str(path), "it is newer than the store, which must have been restored")
            engine = Engine(generation, embedder, dense, seq)
        except SnapshotInvalid as error:
            _log.warning("snapshot not used, the index is rebuilt from the store: %s", error)
            snapshot.discard(path)
    if engine is None:
        with store.read() as tx:
            engine = Engine(generation, embedder, _rebuilt(tx, generation), changes.last(tx))
            engine._snapshot_at = 0  # pyright: ignore[reportPrivateUsage]
    engine.catch_up(store)
    return engine


def _rebuilt(tx: Read, generation: Generation) -> DenseIndex:
    dense = DenseIndex(generation.dimension)
    for tenant in tenants.all_tenants(tx):
        for batch in documents.all_vectors(tx, generation.id, tenant):
            _replace(dense, tenant, [], batch)
    return dense


def _replace(dense: DenseIndex, tenant: TenantId, gone: list[int], passages: list[documents.PassageVector]) -> None:
    dense.replace(
        tenant,
        gone,
        vector_array([passage.vector for passage in passages], dense.dimension),
        np.array([passage.id for passage in passages], np.int64),
        np.array([passage.document for passage in passages], np.int64),
    )
