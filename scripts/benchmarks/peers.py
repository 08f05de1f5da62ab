"""The same work on kbsearch, txtai, Chroma and LanceDB, with the same model.

Every system runs in its own process and they take turns: in each round of the import, in each query, in each
write. A peer gets the passages that kbsearch's splitter makes (none splits texts itself), ready made; kbsearch gets
whole articles and splits within the time measured.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

from kbsearch.evaluation.collections import Collection, JudgedQuery, read_beir
from kbsearch.evaluation.metrics import scores
from kbsearch.knowledge.indexing.documents import article_text
from kbsearch.model import Article, TenantId
from kbsearch.text.passages import split
from scripts.benchmarks.embedders import apart, kbsearch_embedder
from scripts.benchmarks.footprint import folder_mb
from scripts.benchmarks.options import Options
from scripts.benchmarks.worker import PACKAGES, SYSTEMS, Worker, read_documents
from scripts.harness.figures import percentiles, ratios
from scripts.harness.invented import problem

NEEDS = ("sumo_kb/corpus.jsonl", "sumo_kb/queries.jsonl", "sumo_kb/qrels.tsv")

_REST_S = 0.01  # threads that wait by spinning have gone to sleep before the next system's turn
_OURS = ("kbsearch in process", "kbsearch over HTTP")
_PARTS = ("imports", "starts", "queries", "writes")
_JUDGED = ("ndcg@10", "hit@1", "recall@10")


def run(data: Path, options: Options) -> dict[str, Any]:
    collection = read_beir(data / "sumo_kb")
    folder = options.kept("peers")
    documents = folder / "documents.jsonl"
    apart(_write_documents, collection.articles[: options.size(len(collection.articles), 40)], documents)
    queries = _answerable(collection, documents)
    queries = queries[: options.size(len(queries), 20)]
    names = [name for name in SYSTEMS if name not in PACKAGES or find_spec(PACKAGES[name])]
    missing = [name for name in SYSTEMS if name not in names]

    count = len(read_documents(documents))
    texts = [query.ticket.text for query in queries]
    imports = _part(folder, "imports", lambda: _imports(names, folder, documents, count, options.size(6, 2)))
    starts = _part(folder, "starts", lambda: _cold_starts(names, folder, texts, options.size(5, 1)))
    asked = _part(folder, "queries", lambda: _queries(names, folder, queries))
    writes = _part(folder, "writes", lambda: _writes(names, folder, options.seed, options.size(50, 3)))
    for part in _PARTS:
        (folder / f"{part}.json").unlink()

    figures = [_row(name, count, imports[name], starts[name], asked[name], writes[name]) for name in names]
    against = list(_against(names, figures, imports, starts))
    return {
        "tables": {"each system": figures, "kbsearch against each, above 1 kbsearch is ahead": against},
        "notes": [
            *([f"not installed: {', '.join(missing)}"] if missing else []),
            f"disk_mb is the index: kbsearch also keeps what it exports, {folder_mb(_exports()):.0f} MB, once for all",
            *(_behind(row) for row in against),
        ],
        "queries": len(queries),
        "documents": count,
    }


def _part(folder: Path, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a part of the run found; one that was cut off goes on behind the parts that it finished."""
    path = folder / f"{name}.json"
    if not path.is_file():
        found = measure()
        path.write_text(json.dumps(found), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def _write_documents(articles: Sequence[Article], path: Path) -> None:
    """What the workers read: articles with the passages that kbsearch's splitter makes of them."""
    embedder = kbsearch_embedder()
    with path.open("w", encoding="utf-8") as opened:
        for article in articles:
            text = article_text(TenantId("default"), article)
            assert text is not None
            passages = split(text.title, text.fields, embedder.max_tokens, embedder.count_tokens)
            row = {"id": article.id, "title": article.title, "text": article.resolution}
            opened.write(json.dumps({**row, "passages": [passage.embedded for passage in passages]}) + "\n")


def _answerable(collection: Collection, documents: Path) -> list[JudgedQuery]:
    """The queries with a relevant document among those written, no text twice: a cache must not flatter."""
    held = {document.id for document in read_documents(documents)}
    asked = [query for query in collection.queries if held.intersection(query.relevant)]
    return list({query.ticket.text: query for query in asked}.values())


def _turns(names: Sequence[str], number: int) -> Iterator[str]:
    """Everyone once, another one first each time."""
    start = number % len(names)
    yield from (*names[start:], *names[:start])


def _exports() -> Path:
    """Where the exported models are; python -m scripts.bench sets it."""
    return Path(os.environ["KBSEARCH_EXPORT_DIR"])


def _folder(folder: Path, name: str) -> Path:
    return folder / name.replace(" ", "-")


def _imports(names: Sequence[str], folder: Path, documents: Path, count: int, rounds: int) -> dict[str, dict[str, Any]]:
    """Seconds of each round, a round being a part of the documents; the highest memory, the size on disk."""
    workers: dict[str, Worker] = {}
    for name in names:
        own = _folder(folder, name)
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir()
        workers[name] = Worker("scripts.benchmarks.worker", name, str(own))
    found: dict[str, dict[str, Any]] = {name: {"seconds": []} for name in names}
    cuts = [count * number // rounds for number in range(rounds + 1)]
    for number, (first, end) in enumerate(pairwise(cuts)):
        for name in _turns(names, number):
            answer = workers[name].ask(do="import", file=str(documents), first=first, end=end)
            found[name]["seconds"].append(answer["seconds"])
            found[name]["peak_mb"] = answer["peak_mb"]
            time.sleep(_REST_S)
        print(f"  {end} of {count} documents", flush=True)
    for name, worker in workers.items():
        worker.close()
        found[name]["disk_mb"] = folder_mb(_folder(folder, name))
    return found


def _cold_starts(names: Sequence[str], folder: Path, questions: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Seconds from starting the process until it has answered the first question on an index that exists."""
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in _turns(names, number):
            worker = Worker("scripts.benchmarks.worker", name, str(_folder(folder, name)))
            worker.ask(do="ask", text=questions[number], judge=False)
            found[name].append(time.monotonic() - worker.started)
            worker.close()
    return found


def _queries(names: Sequence[str], folder: Path, queries: Sequence[JudgedQuery]) -> dict[str, dict[str, Any]]:
    """Times in ms, memory after all queries, quality. Each system is asked each query once."""
    workers = {name: Worker("scripts.benchmarks.worker", name, str(_folder(folder, name))) for name in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    quality: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for name in names:
        workers[name].ask(do="ask", text="a first question, for which everything is set up", judge=False)
    for number, query in enumerate(queries):
        for name in _turns(names, number):
            answer = workers[name].ask(do="ask", text=query.ticket.text, judge=True)
            times[name].append(answer["ms"])
            if answer["ranked"]:
                quality[name].append(scores(answer["ranked"], query.relevant))
            time.sleep(_REST_S)
        if number % 200 == 199:
            print(f"  {number + 1} of {len(queries)} queries", flush=True)
    found: dict[str, dict[str, Any]] = {}
    for name, worker in workers.items():
        judged = (
            {metric: round(mean(one[metric] for one in quality[name]), 4) for metric in _JUDGED}
            if quality[name]
            else {}
        )
        found[name] = {"times": times[name], "memory": worker.ask(do="memory"), "quality": judged}
        worker.close()
    return found


def _writes(names: Sequence[str], folder: Path, seed: int, rounds: int) -> dict[str, list[float | None]]:
    """Milliseconds from handing over a document until a query has found it, None where fifty did not."""
    workers = {name: Worker("scripts.benchmarks.worker", name, str(_folder(folder, name))) for name in names}
    found: dict[str, list[float | None]] = {name: [] for name in names}
    for number in range(rounds):
        one = problem(seed * 1_000 + number)
        document = {"id": one.id, "title": one.issue, "text": one.fix, "passages": [f"{one.issue}\n{one.fix}"]}
        for name in _turns(names, number):
            answer = workers[name].ask(do="write", document=document, question=one.issue)
            found[name].append(answer["ms"])
            time.sleep(_REST_S)
    for worker in workers.values():
        worker.close()
    return found


def _row(
    name: str,
    count: int,
    imported: dict[str, Any],
    starts: list[float],
    asked: dict[str, Any],
    writes: list[float | None],
) -> dict[str, Any]:
    found = [one for one in writes if one is not None]
    return {
        "system": name,
        "import_documents_s": round(count / sum(imported["seconds"]), 2),
        **percentiles(asked["times"], "query_"),
        **asked["quality"],
        "import_peak_mb": imported["peak_mb"],
        "asking_rss_mb": asked["memory"]["rss_mb"],
        "disk_mb": imported["disk_mb"],
        **percentiles(found, "write_to_found_"),
        "written_never_found": len(writes) - len(found),
        "cold_start_s": round(median(starts), 2),
    }


def _against(
    names: Sequence[str],
    figures: Sequence[dict[str, Any]],
    imports: dict[str, dict[str, Any]],
    starts: dict[str, list[float]],
) -> Iterator[dict[str, Any]]:
    """One row for each of ours and each peer: how many times better kbsearch is."""
    rows = {row["system"]: row for row in figures}
    for ours in _OURS:
        for peer in (name for name in names if name not in _OURS):
            own, other = rows[ours], rows[peer]
            judged = {
                metric: round(rows[_OURS[0]][metric] / other[metric], 3) for metric in _JUDGED if other.get(metric)
            }
            smaller_is_better = (
                "query_p50_ms", "query_p95_ms", "query_p99_ms", "import_peak_mb", "asking_rss_mb", "disk_mb",
                "write_to_found_p50_ms", "write_to_found_p99_ms",
            )  # fmt: skip
            yield {
                "kbsearch": ours,
                "peer": peer,
                "import": ratios(imports[peer]["seconds"], imports[ours]["seconds"])["ratio"],
                **{name: round(other[name] / own[name], 3) for name in smaller_is_better},
                **(judged if ours == _OURS[0] else {}),
                "cold_start": ratios(starts[peer], starts[ours])["ratio"],
            }


def _behind(row: dict[str, Any]) -> str:
    """Where kbsearch loses, said in words: the documents must not leave it out."""
    lost = [f"{name} {value}" for name, value in row.items() if isinstance(value, float) and value < 1]
    return f"{row['kbsearch']} is behind {row['peer']} in: {', '.join(lost) or 'nothing'}"
