"""``suggest`` over HTTP with a whole desk loaded: one client against the query's embedding alone, 32 against one.

Every question is real and asked once, so that a cache of queries helps nobody. By Little's law 32 clients that
never pause have a mean time of 32 / throughput, whatever the server does: with 1.5 times the throughput of one client
that is 21 times the lone time. So there is a paced run too, at 70 % of the throughput.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from scripts.benchmarks.calls import Calls, question
from scripts.benchmarks.desk import questions
from scripts.benchmarks.loaded import NEEDS as NEEDS
from scripts.benchmarks.loaded import loaded_desk
from scripts.benchmarks.options import Options
from scripts.benchmarks.worker import Worker
from scripts.harness.figures import at_least, at_most, percentiles, ratios
from scripts.harness.invented import problem
from scripts.harness.served import Served

_CLIENTS = 32
_LOAD = 0.7
_TRIES = 50
_SHORT, _LONG = 50, 2_000
_SUBJECT, _LONGEST_SUBJECT = 8, 300  # words, characters


def run(data: Path, options: Options) -> dict[str, Any]:
    folder, held = loaded_desk(data, options)
    texts = iter(questions(data))
    with Served(folder, ready_within_s=600) as server:
        lone = _lone(server, texts, options.size(500, 8))
        print(f"  {lone}", flush=True)
        many = _many(server, texts, options)
        print(f"  {many['rows']}", flush=True)
        lengths = _lengths(server, texts, options.size(20, 2))
        writes = _writes(server, options.seed, options.size(200, 3))
    alone, asked = lone["embedding"], lone["suggest"]
    p50, p99 = asked["p50_ms"] / alone["p50_ms"], asked["p99_ms"] / alone["p99_ms"]
    return {
        "held": held,
        "tables": {
            f"one client, {held['tickets']} tickets and {held['articles']} articles": [
                {"what": "the query's embedding alone", **alone},
                {"what": "suggest over HTTP", **asked},
                {"what": "ratio", **{name: round(asked[name] / alone[name], 2) for name in alone}},
            ],
            f"{_CLIENTS} clients": many["rows"],
            "tickets of so many words, p50 in ms": lengths,
            "write-back, then suggest until it is found": [
                {"what": name, **percentiles(of)} for name, of in writes.items()
            ],
        },
        "targets": [
            at_most("suggest p50 against the embedding alone", p50, 1.3),
            at_most("suggest p99 against the embedding alone", p99, 2.5),
            at_least(f"throughput of {_CLIENTS} clients against one", many["throughput"]["ratio"], 1.5),
            at_most(f"p99 of {_CLIENTS} clients that never pause against the lone p50", many["closed_p99"], 10),
            at_most(f"p99 of {_CLIENTS} clients at {_LOAD:.0%} load against the lone p50", many["paced_p99"], 10),
            at_most("errors", many["errors"], 0),
            at_most(
                f"lexical search of a ticket of {_LONG:,} words against one of {_SHORT}",
                lengths[1]["lexical"] / lengths[0]["lexical"],
                2,
            ),
        ],
        "throughput": many["throughput"],
        "notes": many["notes"],
    }


def _lone(server: Served, texts: Iterator[str], count: int) -> dict[str, dict[str, float]]:
    """Times in ms of ``count`` questions, each asked and embedded by turns, in two processes."""
    embedding = Worker("scripts.benchmarks.embedding_worker", "kbsearch")
    calls = Calls(server.port)
    calls.suggest("a first question, for which everything is set up")
    times: dict[str, list[float]] = {"embedding": [], "suggest": []}
    for number, text in enumerate(islice(texts, count)):
        for what in ("embedding", "suggest")[:: 1 if number % 2 else -1]:
            if what == "embedding":
                times[what].append(embedding.ask(do="question", text=text)["ms"])
            else:
                began = time.perf_counter()
                status, answer = calls.suggest(text)
                times[what].append((time.perf_counter() - began) * 1000)
                if status != 200:
                    raise RuntimeError(answer.decode())
    calls.close()
    embedding.close()
    return {what: percentiles(took) for what, took in times.items()}


def _many(server: Served, texts: Iterator[str], options: Options) -> dict[str, Any]:
    """Blocks of one client and of many by turns, then many at a load that leaves them time to think."""
    clients = Worker("scripts.benchmarks.clients", str(server.port))
    per_second: dict[int, list[float]] = {1: [], _CLIENTS: []}
    times: dict[int, list[float]] = {1: [], _CLIENTS: []}
    errors: list[str] = []
    for _ in range(options.size(4, 1)):
        for count, asked in ((1, options.size(100, 5)), (_CLIENTS, options.size(400, 40))):
            done = clients.ask(clients=count, texts=list(islice(texts, asked)))
            per_second[count].append(len(done["times_ms"]) / done["seconds"])
            times[count] += done["times_ms"]
            errors += done["errors"]
    rate = _LOAD * median(per_second[_CLIENTS])
    paced = clients.ask(
        clients=_CLIENTS, texts=list(islice(texts, options.size(600, 30))), rate=rate, seed=options.seed
    )
    clients.close()
    errors += paced["errors"]
    rows = [
        {"load": "one client", "per_s": round(median(per_second[1]), 2), **percentiles(times[1])},
        {
            "load": "32 that never pause",
            "per_s": round(median(per_second[_CLIENTS]), 2),
            **percentiles(times[_CLIENTS]),
        },
        {"load": f"32 at {_LOAD:.0%} load", "per_s": round(rate, 2), **percentiles(paced["times_ms"])},
    ]
    lone = rows[0]["p50_ms"]
    return {
        "rows": rows,
        "throughput": ratios(per_second[_CLIENTS], per_second[1]),
        "closed_p99": rows[1]["p99_ms"] / lone,
        "paced_p99": rows[2]["p99_ms"] / lone,
        "errors": len(errors),
        "notes": [f"error: {error}" for error in errors[:5]],
    }


def _lengths(server: Served, texts: Iterator[str], count: int) -> list[dict[str, Any]]:
    """Stages in ms of short tickets and of long ones by turns.

    A long one is the words of many tickets, so that it has far more different ones than a real one of its length.
    """
    calls = Calls(server.port)
    took: dict[int, list[dict[str, float]]] = {_SHORT: [], _LONG: []}
    words = (word for text in texts for word in text.split())
    for _ in range(count):
        for length, stages in took.items():
            subject, description = (" ".join(islice(words, count)) for count in (_SUBJECT, length - _SUBJECT))
            began = time.perf_counter()
            status, answer = calls.suggest(f"{subject[:_LONGEST_SUBJECT]}\n{description}", stages=True)
            whole = (time.perf_counter() - began) * 1000
            if status != 200:
                raise RuntimeError(answer.decode())
            stages.append({**json.loads(answer)["stages_ms"], "all": whole})
    calls.close()
    return [
        {"words": length, **{name: round(median(one[name] for one in stages), 2) for name in stages[0]}}
        for length, stages in took.items()
    ]


def _writes(server: Served, seed: int, count: int) -> dict[str, list[float]]:
    """Milliseconds until a write-back is acknowledged, and until a suggest has found it."""
    calls = Calls(server.port)
    times: dict[str, list[float]] = {"acknowledged": [], "found": []}
    for number in range(count):
        one = problem(int(time.time()) * 1_000 + seed + number)  # the folder is kept: never the same one again
        began = time.perf_counter()
        status, answer = calls.send("PUT", f"/v1/tickets/{one.id}/resolution", json.dumps(one.write_back()).encode())
        times["acknowledged"].append((time.perf_counter() - began) * 1000)
        if status >= 300:
            raise RuntimeError(answer.decode())
        if not any(
            one.code.encode() in calls.send("POST", "/v1/suggest", question(one.issue))[1] for _ in range(_TRIES)
        ):
            raise RuntimeError(f"{one.id} was not found")
        times["found"].append((time.perf_counter() - began) * 1000)
    calls.close()
    return times
