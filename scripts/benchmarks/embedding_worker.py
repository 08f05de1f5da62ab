"""One embedder in its own process.

python -m scripts.benchmarks.embedding_worker kbsearch|plain
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scripts.benchmarks.embedders import kbsearch_embedder, plain_encode
from scripts.benchmarks.footprint import memory_mb
from scripts.benchmarks.worker import answer_lines, own_output


def main() -> None:
    answers = own_output()
    passages, question = _kbsearch() if sys.argv[1] == "kbsearch" else _plain()
    question("a first question, for which everything is set up")

    def answer(command: dict[str, Any]) -> dict[str, Any]:
        match command["do"]:
            case "passages":
                texts = json.loads(Path(command["file"]).read_text(encoding="utf-8"))[command["first"] : command["end"]]
                began = time.perf_counter()
                passages(texts)
                return {"seconds": time.perf_counter() - began, "count": len(texts)}
            case "question":
                began = time.perf_counter()
                question(command["text"])
                return {"ms": (time.perf_counter() - began) * 1000}
            case _:
                return memory_mb()

    answer_lines(answers, answer)


def _kbsearch() -> tuple[Callable[[Sequence[str]], object], Callable[[str], object]]:
    """Passages as an import embeds them, in its batches and threads; a question as ``suggest`` does."""
    from kbsearch.evaluation.collections import ticket_of
    from kbsearch.knowledge.indexing.pipeline import batched, in_order
    from kbsearch.knowledge.questions.retrieval import ask

    embedder = kbsearch_embedder()
    engine: Any = SimpleNamespace(embedder=embedder)

    def passages(texts: Sequence[str]) -> None:
        for _ in in_order(batched(texts, len), lambda batch, _: embedder.embed_documents(batch)):
            pass

    return passages, lambda text: ask(engine, ticket_of(text).text).vectors.result()


def _plain() -> tuple[Callable[[Sequence[str]], object], Callable[[str], object]]:
    encode = plain_encode()
    return encode, lambda text: encode([text])


if __name__ == "__main__":
    main()
