"""How log lines are written. An error's own words are left out: they may quote a ticket."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

from kbsearch.store.acting import current_actor

_FACTS = ("method", "path", "status", "took_ms", "actor")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """Writes of an exception its kind and where it was raised, with what caused it, but not its message.

    A message is one line, whatever a name in it contains, and moves no cursor.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _escaped(super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:
        lines: list[str] = []
        error = ei[1]
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            lines += traceback.format_tb(error.__traceback__)
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}\n")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "".join(lines).rstrip()


class JsonLines(DiscreetFormatter):
    """One JSON object a line: time, level, logger, message, request_id, and the facts of a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = getattr(record, "request_id", None) or current_actor().request_id
        if request_id is not None:
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in _FACTS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _escaped(json.dumps(line, ensure_ascii=False))


def _escaped(text: str) -> str:
    r"""The text with ``\uXXXX`` for what is not printable; JSON stays JSON."""
    return "".join(one if one.isprintable() else _code(one) for one in text)


def _code(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else json.dumps(character)[1:-1]
