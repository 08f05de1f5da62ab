"""What letting a request in costs: the same small request without and with a key, in this process, CPU time.

python -m scripts.measure.gate_cost
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
import time
from pathlib import Path

from starlette.types import Message

from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.model import Role, TenantId
from scripts.harness.hashing import HashingEmbedder

REQUESTS = 3_000
KEYS = 200


async def main() -> None:
    """Print the medians in microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        knowledge = embedded(Path(folder) / "data", lambda model: HashingEmbedder())
        app = create_app(Service(knowledge), GateRules(requests_per_minute=10**8))
        headers = [(b"host", b"127.0.0.1")]

        async def request() -> None:
            scope = {
                "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/v1/articles",
                "raw_path": b"/v1/articles", "query_string": b"", "root_path": "", "headers": headers,
                "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
            }  # fmt: skip
            await app(scope, _receive, _send)

        async def median_us() -> float:
            times: list[float] = []
            for _ in range(REQUESTS):
                started = time.process_time()
                await request()
                times.append(time.process_time() - started)
            return statistics.median(times) * 1e6

        await median_us()
        print(f"without keys  {await median_us():6.0f} µs")
        keys = [Keys(knowledge.store).create("any", Role.AGENT, (TenantId("acme"),))[1] for _ in range(KEYS)]
        headers.append((b"authorization", f"Bearer {keys[KEYS // 2]}".encode()))
        print(f"with a key    {await median_us():6.0f} µs")
        knowledge.close()


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Message) -> None:
    assert message.get("status", 200) == 200


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(main())
