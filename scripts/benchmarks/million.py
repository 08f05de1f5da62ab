"""The whole service with a million passages of 50 uneven tenants: memory, start, what questions and writes cost.

Real tickets over and over under other ids, their words analysed once; passages have synthetic vectors around real ones.
They are written as an import writes them, but for the model. Then the real server, with the real model, is
started on the folder, asked and written to, over HTTP, as the tenants in proportion to their size.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from scripts.benchmarks.calls import question
from scripts.benchmarks.desk import questions, tickets
from scripts.benchmarks.embedders import apart
from scripts.benchmarks.footprint import folder_mb, memory_mb
from scripts.benchmarks.options import Options
from scripts.benchmarks.synthetic import NEEDS as NEEDS
from scripts.benchmarks.synthetic import TENANTS, synthetic, tenant_sizes
from scripts.harness.figures import at_most, percentiles
from scripts.harness.invented import problem
from scripts.harness.served import Served

_PASSAGES_A_TICKET = 2
_TEMPLATES = 4_000
_AT_ONCE = 2_000
_ASKED, _WRITTEN = 200, 200


def run(data: Path, options: Options) -> dict[str, Any]:
    passages = options.size(1_000_000, 4_000)
    folder = options.kept("million")
    if not (folder / "filled.json").is_file():
        synthetic(data, options)
        apart(fill, data, options, folder / "data", passages)
        (folder / "filled.json").write_text(json.dumps({"passages": passages}))
    first = Served(folder / "data", ready_within_s=1_800)
    built_s = first.start()  # without a snapshot: the index is built from the store
    first.stop()
    first.client.close()
    sizes = np.array(tenant_sizes(passages))
    with Served(folder / "data", ready_within_s=600) as server:
        ready_s = _ready(server)
        idle = memory_mb(server.process.pid)
        asked = _asked(server, questions(data), sizes, options)
        written = _writes(server, sizes, options)
        used = memory_mb(server.process.pid)
    held = {
        "passages": passages,
        "tenants": TENANTS,
        "largest_tenant": int(sizes[0]),
        "first_start_s": round(built_s, 1),
        "ready_s": round(ready_s, 2),
        "idle_bytes_a_passage": round(idle["rss_mb"] * 1e6 / passages),
        "used_bytes_a_passage": round(used["rss_mb"] * 1e6 / passages),
        "disk_mb": folder_mb(folder / "data"),
    }
    stages = [{"stage": name, **percentiles(times)} for name, times in asked.items()]
    writes = [{"what": name, **percentiles(times)} for name, times in written.items()]
    return {
        "tables": {"the server": [held], "suggest over HTTP, ms": stages, "write-back over HTTP, ms": writes},
        "targets": [
            at_most("resident bytes a passage, in use", held["used_bytes_a_passage"], 900),
            at_most("ready after start in s", ready_s, 5),
            at_most("vector search (stage dense) p50 in ms", percentiles(asked["dense"])["p50_ms"], 3),
            at_most("write-back acknowledged, p99 in ms", percentiles(written["acknowledged"])["p99_ms"], 50),
        ],
    }


def fill(data: Path, options: Options, folder: Path, passages: int) -> None:
    """Write the tickets into a new data folder."""
    from kbsearch.bootstrap import open_knowledge
    from kbsearch.index.vectors import vector_bytes
    from kbsearch.knowledge.indexing.documents import PassageVectors, prepare, ticket_text
    from kbsearch.model import IndexedDocument, Resolution, SolutionRef, Source, TenantId, Ticket, WriteBackOutcome
    from kbsearch.settings import Settings
    from kbsearch.store import documents, generations, solutions
    from kbsearch.store import tickets as stored_tickets
    from kbsearch.store.sqlite.database import SQLiteStore

    open_knowledge(Settings(data_dir=folder)).close()  # makes the folder with its first generation
    store = SQLiteStore(folder)
    with store.read() as tx:
        generation = generations.current(tx)
    assert generation is not None

    class Silent:
        """Counts as the model does and makes no vectors: they are put in below."""

        name, model_id, dimension, max_tokens = "silent", "silent", generation.dimension, 254

        def count_tokens(self, texts: Any) -> list[int]:
            return [len(text) // 4 + 1 for text in texts]

        def embed_documents(self, texts: Any) -> Any:
            return np.zeros((len(texts), generation.dimension), np.float32)

    made: list[tuple[Ticket, str, IndexedDocument]] = []
    for row in islice(tickets(data), _TEMPLATES):
        about = Ticket(row["ticket"]["subject"], row["ticket"]["description"][:600])
        text = ticket_text(TenantId("x"), row["ticket"]["id"], about, row["resolution"][:300])
        silent: Any = Silent()
        made.append((about, row["resolution"][:300], prepare(PassageVectors(store), silent, [text])[0]))
    templates = cycle(made)
    number = 0
    for tenant_number, chunk in synthetic(data, options).vectors(passages, options.seed):
        tenant, vectors = TenantId(f"tenant-{tenant_number}"), vector_bytes(chunk)
        for start in range(0, len(vectors), _AT_ONCE * _PASSAGES_A_TICKET):
            some = vectors[start : start + _AT_ONCE * _PASSAGES_A_TICKET]
            with store.write() as tx:
                for place in range(0, len(some), _PASSAGES_A_TICKET):
                    number += 1
                    about, fix, document = next(templates)
                    id, ref = f"T-{number}", SolutionRef(tenant, f"fix-{number}")
                    resolution, digest = Resolution(fix), number.to_bytes(16, "big")
                    solutions.put_from_ticket(tx, ref, about, resolution, digest, "en")
                    stored_tickets.put(tx, tenant, id, about, resolution, ref, WriteBackOutcome.CREATED, digest)
                    documents.put(
                        tx,
                        generation.id,
                        _with_vectors(
                            document,
                            Source(tenant, document.source.kind, id),
                            some[place : place + _PASSAGES_A_TICKET],
                            digest,
                        ),
                    )
        print(f"  {number} tickets written", flush=True)
    store.close()


def _with_vectors(document: Any, source: Any, vectors: list[bytes], digest: bytes) -> Any:
    """The document under another id with so many passages, each with its vector."""
    from dataclasses import replace

    texts = cycle(document.passages)
    passages = tuple(
        replace(next(texts), vector=vector, digest=digest[:15] + bytes([place])) for place, vector in enumerate(vectors)
    )
    return replace(document, source=source, passages=passages)


def _ready(server: Served) -> float:
    """Seconds from start to ready, of a start of its own: the one before has only read the files into the cache."""
    server.stop()
    return server.start()


def _asked(server: Served, texts: list[str], sizes: Any, options: Options) -> dict[str, list[float]]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    times: dict[str, list[float]] = {"all": []}
    chosen = _tenants(sizes, options.size(_ASKED, 10) + 5, options.seed)
    for turn, (tenant, text) in enumerate(zip(chosen, texts, strict=False)):
        body = json.dumps({**json.loads(question(text)), "stages": True}).encode()
        began = time.perf_counter()
        answer = _send(connection, "POST", "/v1/suggest", body, tenant)
        if turn >= 5:  # the first ones set up what the others use
            times["all"].append((time.perf_counter() - began) * 1000)
            for stage, took in answer["stages_ms"].items():
                times.setdefault(stage, []).append(took)
    connection.close()
    return times


def _writes(server: Served, sizes: Any, options: Options) -> dict[str, list[float]]:
    """Milliseconds until a write-back is acknowledged, and until the suggest right behind it has found it."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    times: dict[str, list[float]] = {"acknowledged": [], "found": []}
    for number, tenant in enumerate(_tenants(sizes, options.size(_WRITTEN, 5), options.seed)):
        one = problem(int(time.time()) * 1_000 + number)  # the folder is kept: never the same one again
        began = time.perf_counter()
        _send(connection, "PUT", f"/v1/tickets/{one.id}/resolution", json.dumps(one.write_back()).encode(), tenant)
        times["acknowledged"].append((time.perf_counter() - began) * 1000)
        found = _send(connection, "POST", "/v1/suggest", question(one.issue), tenant)
        times["found"].append((time.perf_counter() - began) * 1000)
        if not any(one.code in solution["resolution"] for solution in found["solutions"]):
            raise RuntimeError(f"{one.id} was written back, but the next suggest did not find it")
    connection.close()
    return times


def _tenants(sizes: Any, count: int, seed: int) -> Iterator[str]:
    chosen = np.random.default_rng(seed).choice(len(sizes), count, p=sizes / sizes.sum())
    return (f"tenant-{tenant}" for tenant in chosen)


def _send(connection: HTTPConnection, method: str, path: str, body: bytes, tenant: str) -> Any:
    connection.request(method, path, body, {"Content-Type": "application/json", "KBSearch-Tenant": tenant})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status >= 400:
        raise RuntimeError(content.decode())
    return json.loads(content)
