"""Who makes the changes: known to each transaction, so that the audit log stands in the same one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """``actor`` is a name of a credential or of a part of the program, ``request_id`` that of the HTTP request."""

    actor: str
    request_id: str | None = None


# The context of a request follows it into its threads; a thread started otherwise is the program itself.
_acting: ContextVar[Acting] = ContextVar("acting")
_PROGRAM = Acting("kbsearch")


@contextmanager
def acting(actor: str, request_id: str | None = None) -> Generator[None]:
    """Changes inside the block are made by this actor."""
    token = _acting.set(Acting(actor, request_id))
    try:
        yield
    finally:
        _acting.reset(token)


def current_actor() -> Acting:
    """Who acts here; ``kbsearch`` itself where nobody is named."""
    return _acting.get(_PROGRAM)
