"""The clients: one that waits, one that is awaited. Both have the methods that stand at the end of each class."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from kbsearch_client import calls
from kbsearch_client.calls import Call, Page
from kbsearch_client.errors import ConnectionFailed, Problem
from kbsearch_client.models import Article, Hit, StoredTicket
from kbsearch_client.retrying import Retry

_P = ParamSpec("_P")
_T = TypeVar("_T")

_TIMEOUT_S = 65.0
"""A little more than the server itself takes before it answers that it took too long."""

_READY = "/readyz"


def _options(url: str, key: str | None, tenant: str | None, timeout_s: float, more: dict[str, Any]) -> dict[str, Any]:
    headers = {"User-Agent": "kbsearch-client/0.2.0"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    if tenant is not None:
        headers["KBSearch-Tenant"] = tenant
    return {"base_url": url.rstrip("/"), "headers": headers, "timeout": timeout_s, **more}


def _request(call: Call[Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {"params": dict(call.parameters), "headers": dict(call.headers)}
    if call.body is not None:
        sent["json"] = call.body
    return sent


def _problem(call: Call[Any], response: httpx.Response) -> Problem | None:
    return None if response.is_success or call.path == _READY else Problem.of(response)


def _sent(call: Callable[_P, Call[_T]]) -> Callable[Concatenate[Client, _P], _T]:
    """The method of the client that waits, for one kind of request."""

    @wraps(call)
    def method(client: Client, *arguments: _P.args, **named: _P.kwargs) -> _T:
        return client.send(call(*arguments, **named))

    return method


def _awaited(call: Callable[_P, Call[_T]]) -> Callable[Concatenate[AsyncClient, _P], Awaitable[_T]]:
    """The method of the client that is awaited, for one kind of request."""

    @wraps(call)
    def method(client: AsyncClient, *arguments: _P.args, **named: _P.kwargs) -> Awaitable[_T]:
        return client.send(call(*arguments, **named))

    return method


class Client:
    """Asks a server and waits for the answer. Safe to use from several threads.

    Args:
        url: where the server is, such as ``https://kb.example.org``.
        key: the key; None for a server of this machine that has none.
        tenant: the tenant to act for, if the key covers several.
        retry: how often a request that got no proper answer is sent again.
        timeout_s: how long one answer may take.
        httpx_options: further arguments of ``httpx.Client``, such as ``verify`` or ``transport``.

    Raises:
        Problem, ConnectionFailed: by each method.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        tenant: str | None = None,
        *,
        retry: Retry | None = None,
        timeout_s: float = _TIMEOUT_S,
        **httpx_options: Any,
    ) -> None:
        self._http = httpx.Client(**_options(url, key, tenant, timeout_s, httpx_options))
        self._retry = retry or Retry()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, call: Call[_T]) -> _T:
        """The answer to one request, which is sent again where that may help."""
        attempt = 1
        while True:
            problem = None
            try:
                content = None if call.may_repeat else call.content()
                response = self._http.request(call.method, call.path, content=content, **_request(call))
                problem = _problem(call, response)
                if problem is None:
                    return call.read(response)
            except httpx.TransportError as error:
                failed = ConnectionFailed(f"no answer from {self._http.base_url.host}: {type(error).__name__}")
                failed.__cause__ = error
            else:
                failed = problem
            wait_s = self._retry.wait_s(attempt, problem) if call.may_repeat else None
            if wait_s is None:
                raise failed
            time.sleep(wait_s)
            attempt += 1

    def search_all(self, q: str, **filters: Any) -> Iterator[Hit]:
        """Every hit of a search, page by page. For ``filters`` see ``search``."""
        yield from self._every(calls.search, q, **filters)

    def all_tickets(self, **filters: Any) -> Iterator[StoredTicket]:
        """Every ticket, page by page. For ``filters`` see ``tickets``."""
        yield from self._every(calls.tickets, **filters)

    def all_articles(self, **filters: Any) -> Iterator[Article]:
        """Every article that the tenant sees, page by page. For ``filters`` see ``articles``."""
        yield from self._every(calls.articles, **filters)

    def _every(self, page_of: Callable[..., Call[Page[_T]]], *arguments: Any, **filters: Any) -> Iterator[_T]:
        cursor: str | None = None
        while True:
            page = self.send(page_of(*arguments, **filters, cursor=cursor))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    suggest = _sent(calls.suggest)
    search = _sent(calls.search)
    give_feedback = _sent(calls.give_feedback)
    resolve = _sent(calls.resolve)
    reopen = _sent(calls.reopen)
    ticket = _sent(calls.ticket)
    tickets = _sent(calls.tickets)
    erase_ticket = _sent(calls.erase_ticket)
    article = _sent(calls.article)
    articles = _sent(calls.articles)
    create_article = _sent(calls.create_article)
    put_article = _sent(calls.put_article)
    change_article = _sent(calls.change_article)
    delete_article = _sent(calls.delete_article)
    flag_article = _sent(calls.flag_article)
    import_tickets = _sent(calls.import_tickets)
    import_articles = _sent(calls.import_articles)
    open_panel = _sent(calls.open_panel)
    is_ready = _sent(calls.is_ready)


class AsyncClient:
    """As ``Client``, but each method is awaited."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        tenant: str | None = None,
        *,
        retry: Retry | None = None,
        timeout_s: float = _TIMEOUT_S,
        **httpx_options: Any,
    ) -> None:
        self._http = httpx.AsyncClient(**_options(url, key, tenant, timeout_s, httpx_options))
        self._retry = retry or Retry()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, call: Call[_T]) -> _T:
        """The answer to one request, which is sent again where that may help."""
        attempt = 1
        while True:
            problem = None
            try:
                content = None if call.may_repeat else _awaited_lines(call)
                response = await self._http.request(call.method, call.path, content=content, **_request(call))
                problem = _problem(call, response)
                if problem is None:
                    return call.read(response)
            except httpx.TransportError as error:
                failed = ConnectionFailed(f"no answer from {self._http.base_url.host}: {type(error).__name__}")
                failed.__cause__ = error
            else:
                failed = problem
            wait_s = self._retry.wait_s(attempt, problem) if call.may_repeat else None
            if wait_s is None:
                raise failed
            await asyncio.sleep(wait_s)
            attempt += 1

    async def search_all(self, q: str, **filters: Any) -> AsyncIterator[Hit]:
        """Every hit of a search, page by page. For ``filters`` see ``search``."""
        async for hit in self._every(calls.search, q, **filters):
            yield hit

    async def all_tickets(self, **filters: Any) -> AsyncIterator[StoredTicket]:
        """Every ticket, page by page. For ``filters`` see ``tickets``."""
        async for ticket in self._every(calls.tickets, **filters):
            yield ticket

    async def all_articles(self, **filters: Any) -> AsyncIterator[Article]:
        """Every article that the tenant sees, page by page. For ``filters`` see ``articles``."""
        async for article in self._every(calls.articles, **filters):
            yield article

    async def _every(
        self, page_of: Callable[..., Call[Page[_T]]], *arguments: Any, **filters: Any
    ) -> AsyncIterator[_T]:
        cursor: str | None = None
        while True:
            page = await self.send(page_of(*arguments, **filters, cursor=cursor))
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    suggest = _awaited(calls.suggest)
    search = _awaited(calls.search)
    give_feedback = _awaited(calls.give_feedback)
    resolve = _awaited(calls.resolve)
    reopen = _awaited(calls.reopen)
    ticket = _awaited(calls.ticket)
    tickets = _awaited(calls.tickets)
    erase_ticket = _awaited(calls.erase_ticket)
    article = _awaited(calls.article)
    articles = _awaited(calls.articles)
    create_article = _awaited(calls.create_article)
    put_article = _awaited(calls.put_article)
    change_article = _awaited(calls.change_article)
    delete_article = _awaited(calls.delete_article)
    flag_article = _awaited(calls.flag_article)
    import_tickets = _awaited(calls.import_tickets)
    import_articles = _awaited(calls.import_articles)
    open_panel = _awaited(calls.open_panel)
    is_ready = _awaited(calls.is_ready)


async def _awaited_lines(call: Call[Any]) -> AsyncIterator[bytes]:
    for line in call.content():
        yield line
