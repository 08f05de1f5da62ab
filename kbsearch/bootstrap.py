"""Puts the parts together."""

from __future__ import annotations

import ipaddress
import os
from functools import partial
from pathlib import Path

import faiss

from kbsearch.embedding.embedder import Embedder
from kbsearch.embedding.sentence_transformer import DEFAULT_MODEL, SentenceTransformerEmbedder
from kbsearch.errors import InvalidInput
from kbsearch.knowledge import KnowledgeBase
from kbsearch.settings import Settings


def open_knowledge(settings: Settings) -> KnowledgeBase:
    """The knowledge base of the configured data folder. Raises KBSearchError where it cannot be opened."""
    # A second thread for one query can make it ten times slower (docs/benchmarks.md); queries run side by side.
    faiss.omp_set_num_threads(1)
    load = partial(_load_embedder, threads=settings.threads)
    return KnowledgeBase(settings.data_dir, load, _absolute(settings.model), DEFAULT_MODEL)


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


def _load_embedder(model: str, threads: int | None) -> Embedder:
    return SentenceTransformerEmbedder(_absolute(model) or DEFAULT_MODEL, threads)


def _absolute(model: str | None) -> str | None:
    """A folder is named by its full path, so that a server started elsewhere finds it again."""
    if model is not None and (os.sep in model or model.startswith(".")) and Path(model).is_dir():
        return str(Path(model).resolve())
    return model
