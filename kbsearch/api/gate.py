"""The way in: credential, role, tenant, share, body, place, in this order, before a route does anything.

And the way out: work that takes too long is answered for and goes on alone.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

from kbsearch.access.code_flow import Attempt, CodeFlow
from kbsearch.access.hosts import is_loopback
from kbsearch.access.key_text import PREFIX
from kbsearch.access.keys import Keys
from kbsearch.access.people import People
from kbsearch.access.shares import Lockout, Rates
from kbsearch.api import bodies
from kbsearch.api.access import ACCESS, PUBLIC, Rule
from kbsearch.api.callers import CLIENT_PARAMETER, DEFAULT_TENANT, TENANT_HEADER, Caller
from kbsearch.api.cookies import session_token
from kbsearch.api.idempotency import KEY_HEADER, claimed
from kbsearch.api.lanes import FAIR, Lane, Party, Shares
from kbsearch.api.service import Service
from kbsearch.errors import Forbidden, InvalidInput, TookTooLong, Unauthorized, UnknownKey
from kbsearch.model import LADDER, Credential, Role
from kbsearch.store.acting import acting

_log = logging.getLogger(__name__)

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_T = TypeVar("_T")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
"""Answers one request."""

_BODIES_AT_ONCE = 256  # of 1 MiB at most

LOCAL = Credential("admin", Role.ADMIN, None, DEFAULT_TENANT)
"""Everyone who reaches a server without keys, which listens on its own machine only."""


PANEL_HEADER = "KBSearch-Panel"
"""Holds the token of the side panel, which stands in another site's page: browsers keep no cookie for it there."""


@dataclass(frozen=True, slots=True)
class PanelSession:
    """In ``request.state.panel`` of what the side panel asks. Other sites cannot send its header along."""

    ticket_id: str | None


@dataclass(frozen=True, slots=True)
class GateRules:
    """How much is let in at once, and whom a server without keys lets in.

    ``open_without_keys`` is for a server that only its own machine can reach. ``people`` recognises tokens of people;
    ``code_flow`` signs them in to the pages.
    After ``wrong_keys`` an address is shut out. Of all places one caller and one tenant hold their part of ``shares``
    at most. Bodies take ``body_timeout_s`` at most; those of imports take longer if in each such span
    ``import_bytes_per_s`` come on average. Whoever asks waits ``request_timeout_s`` at most for the work itself; an
    import waits that long for its place, and then has no limit.
    """

    open_without_keys: bool = True
    people: People | None = None
    code_flow: CodeFlow | None = None
    wrong_keys: int = 10
    requests_per_minute: int = 6_000
    requests_at_once: int = 32
    requests_waiting: int = 128
    imports_at_once: int = 2
    uploads_at_once: int = 32
    import_bytes_per_s: int = 512
    shares: Shares = FAIR
    body_timeout_s: float = 30.0
    request_timeout_s: float = 60.0
    patience_s: float = 5.0


class Gate:
    """Admits requests, or raises the reason why not."""

    def __init__(self, rules: GateRules, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._rates = Rates(rules.requests_per_minute, monotonic)
        self._lockout = Lockout(monotonic, rules.wrong_keys)
        self.lanes = {
            "bodies": Lane(_BODIES_AT_ONCE, 0, rules.patience_s, rules.shares),
            "uploads": Lane(rules.uploads_at_once, 0, rules.patience_s, rules.shares),
            "requests": Lane(rules.requests_at_once, rules.requests_waiting, rules.patience_s, rules.shares),
            # What has come waits as long as a request may take; its place among the uploads bounds how many do.
            "imports": Lane(rules.imports_at_once, rules.uploads_at_once, rules.request_timeout_s, rules.shares),
        }

    async def answer(self, request: Request, rule: Rule, handle: Handler) -> Response:
        """What the route answers, to a request with its caller in ``state.caller`` and its body read.

        Nothing is held while a body comes but its caller's share of those that may come. Work that is given up on
        goes on, as a thread cannot be ended, and holds its place until it ends: what is at work stays bounded.

        Raises:
            NotReady, Unauthorized, Forbidden, InvalidTenant, TooManyRequests, BodyTooLarge, BodyTooSlow, Overloaded,
            NoRoomForBody.
            StillAtWork: a request of this caller with the same Idempotency-Key has not ended.
            TookTooLong: the time limit is over. A change may still complete.
        """
        credential = self._of_page(request, rule) if rule.page else await self._credential(request)
        request.state.actor, request.state.credential = credential.name, credential
        if credential is not LOCAL:
            self._rates.take(credential.name)
        named = request.query_params.get(CLIENT_PARAMETER) if rule.page else request.headers.get(TENANT_HEADER)
        request.state.caller = caller = Caller.of(credential, named or None if rule.page else named, rule)
        party = None if credential is LOCAL else Party(caller.agent, caller.tenant)
        with ExitStack() as held, acting(caller.agent, getattr(request.state, "request_id", None)):
            if key := request.headers.get(KEY_HEADER):
                service: Service = request.app.state.service
                held.enter_context(claimed(service.knowledge().store, caller, key))
            if rule.bulk:
                return await self._imported(request, party, handle)
            if bodies.has_one(request):
                async with self.lanes["bodies"].place(party):
                    request = await bodies.whole(request, self._rules.body_timeout_s)
            lane = self.lanes["requests"]
            await lane.take(party)
            held.callback(lane.leave, party)
            work = asyncio.create_task(handle(request))
            until_its_end = held.pop_all()
            work.add_done_callback(lambda _: until_its_end.close())
        await asyncio.wait({work}, timeout=self._rules.request_timeout_s)
        if work.done():
            return work.result()
        work.add_done_callback(_note_end)
        raise TookTooLong(self._rules.request_timeout_s)

    async def _imported(self, request: Request, party: Party | None, handle: Handler) -> Response:
        """What an import answers, whose body is in ``state.spooled``. It waits for a place once all of it has come."""
        rules = self._rules
        async with (
            self.lanes["uploads"].place(party),
            bodies.spooled(request, rules.body_timeout_s, rules.import_bytes_per_s) as request.state.spooled,
            self.lanes["imports"].place(party),
        ):
            return await handle(request)

    def sign_in(self, request: Request, key: str) -> str:
        """Start a session with a key. Returns its token.

        Raises:
            NotReady, TooManyRequests, UnknownKey, Unauthorized: see Sessions.begin.
            Forbidden: the key is for a program, or a page of another site sent it.
        """
        service: Service = request.app.state.service
        if not _is_same_site(request):
            raise Forbidden("a page of another site sent this")
        address = _address(request)
        self._lockout.check(address)
        try:
            credential = service.keys().recognise(key)
            if credential.role not in LADDER:
                raise Forbidden(f"a key of role {credential.role} is for programs")
            with acting(credential.name, getattr(request.state, "request_id", None)):
                return service.sessions().begin(key)
        except UnknownKey:
            self._wrong(address)
            raise

    @asynccontextmanager
    async def hook(self, request: Request, source: str) -> AsyncGenerator[bytes]:
        """The body of a ticket system's message, which has its place inside the block.

        Raises:
            TooManyRequests, BodyTooLarge, BodyTooSlow, Overloaded: as ``answer`` does.
        """
        self._lockout.check(_address(request))
        party = Party(f"hook:{source}", f"hook:{source}")
        async with self.lanes["bodies"].place(party):
            body = await (await bodies.whole(request, self._rules.body_timeout_s)).body()
        async with self.lanes["requests"].place(party):
            yield body

    async def verified(self, request: Request, check: Callable[[], _T]) -> _T:
        """What a check of a message gives. Who sends several that do not hold is locked out, as with wrong keys."""
        try:
            return await run_in_threadpool(check)
        except Unauthorized:
            self._wrong(_address(request))
            raise

    @property
    def code_flow(self) -> CodeFlow | None:
        """How people sign in at an issuer, None where they cannot."""
        return self._rules.code_flow

    def sign_in_at_issuer(self, request: Request, attempt: Attempt, redirect_uri: str, state: str, code: str) -> str:
        """Start a session for somebody whom the issuer sends back. Returns its token.

        Raises:
            NotReady, Unauthorized, Forbidden, IssuerUnreachable: see CodeFlow.finish.
        """
        service: Service = request.app.state.service
        sessions = service.sessions()
        assert self._rules.code_flow is not None
        person = self._rules.code_flow.finish(attempt, redirect_uri, state, code)
        with acting(person.name, getattr(request.state, "request_id", None)):
            return sessions.begin_for(person)

    def lets_in_without_key(self, request: Request) -> bool:
        """Whether nobody needs to sign in. Raises NotReady."""
        service: Service = request.app.state.service
        return self._rules.open_without_keys and not service.keys().any_created()

    def _of_page(self, request: Request, rule: Rule) -> Credential:
        service: Service = request.app.state.service
        panel = request.headers.get(PANEL_HEADER)
        if panel is not None and rule.panel:
            credential, ticket_id = service.sessions().recognise_panel(panel)
            if credential.name == LOCAL.name and not self.lets_in_without_key(request):
                raise Unauthorized("this panel was opened while there was no key")
            request.state.panel = PanelSession(ticket_id)
            return credential
        token = session_token(request)
        if token is None or self.lets_in_without_key(request):
            return self._without_key(request, service.keys())
        return service.sessions().recognise(token)

    async def _credential(self, request: Request) -> Credential:
        service: Service = request.app.state.service
        keys = service.keys()
        given = request.headers.get("authorization")
        if given is None:
            return self._without_key(request, keys)
        address = _address(request)
        self._lockout.check(address)
        scheme, _, token = given.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Unauthorized("credentials come as: Authorization: Bearer KEY")
            if token.startswith(PREFIX) or self._rules.people is None:
                return keys.recognise(token.strip())
            return await run_in_threadpool(self._rules.people.recognise, token.strip())
        except UnknownKey:
            self._wrong(address)
            raise

    def _wrong(self, address: str) -> None:
        if self._lockout.wrong(address):
            _log.warning("too many wrong keys from %s: the address is locked out for a while", address)

    def _without_key(self, request: Request, keys: Keys) -> Credential:
        if not self._rules.open_without_keys or keys.any_created():
            raise Unauthorized("a key is needed: Authorization: Bearer KEY", given=False)
        if not _is_of_this_machine(request):
            raise Forbidden("without keys only this machine's own pages and programs are answered; create a key")
        return LOCAL


def _note_end(work: asyncio.Task[Response]) -> None:
    """Of work that was given up on nobody else learns how it ended."""
    error = None if work.cancelled() else work.exception()
    _log.warning("a request failed after its time limit", exc_info=error)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_of_this_machine(request: Request) -> bool:
    """Whether no page of another site sent it, which can do so by a form of its own, or under a name that it lets
    point here.
    """
    try:
        here = urlsplit(f"//{request.headers.get('host', '')}")
        return is_loopback(here.hostname or "") and _is_same_site(request)
    except ValueError:  # neither a name nor an address
        return False


def _is_same_site(request: Request) -> bool:
    """Whether the browser says that a page of this host sent it, or says nothing."""
    origin = request.headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    except ValueError:
        return False


class GuardedRoute(APIRoute):
    """A route that is guarded by the gate of its application, by its row in ACCESS."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        rules = {method: ACCESS[method, self.path] for method in self.methods or () if (method, self.path) in ACCESS}
        if not rules:
            return handle

        reading = self.reading(handle)

        async def guarded(request: Request) -> Response:
            check_address(request)
            gate: Gate = request.app.state.gate
            return await gate.answer(request, rules[request.method], reading)

        return guarded

    def reading(self, handle: Handler) -> Handler:
        """The handler of a request whose body has been read: a route with a body takes JSON only."""

        async def of_json(request: Request) -> Response:
            bodies.check_json(request, await request.body())
            return await handle(request)

        return handle if self.body_field is None else of_json


def check_address(request: Request) -> None:
    """Raises InvalidInput for an address that would be taken for another one.

    Every byte that is not UTF-8 would be the same character, and routes drop a line break at the end.
    """
    written = request.scope.get("raw_path", b"") + b"?" + request.scope.get("query_string", b"")
    try:
        unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput("", "the address is not UTF-8") from None
    if _BREAKS.search(request.scope["path"]):
        raise InvalidInput("", "the address contains a control character or a line break")


def check_guarded(app: FastAPI) -> None:
    """Raises RuntimeError for an unguarded route: neither public, nor with a row for each method."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Mount) or context.path in PUBLIC:
            continue
        rows = {(method, context.path) for method in context.methods or {""}}
        if not isinstance(route, GuardedRoute) or route.path != context.path or not rows <= ACCESS.keys():
            raise RuntimeError(f"{context.path} has no row in kbsearch.api.access, or is no GuardedRoute")
