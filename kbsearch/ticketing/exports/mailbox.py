"""Mailboxes (mbox) of ticket systems that work by mail, one record a conversation."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any

from kbsearch.ticketing.records import LONGEST_RECORD, Numbered

_TAG = re.compile(r"\[[^\[\]#]*#\s*(\d+)\]")
_ANSWER = re.compile(r"^\s*((re|fw|fwd|aw|sv|отг|отн|пр)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_ID = re.compile(r"<[^<>\s]+>")


@dataclass(slots=True)
class _Conversation:
    number: int
    id: str
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def mailbox_rows(path: Path, agents: Sequence[str]) -> Iterator[Numbered]:
    """The conversations of a mailbox, in the order of their first mail.

    Mails belong together by a tag in the subject, such as ``[desk #42]``, else by the mails that they answer.

    A record has ``id``, ``subject``, ``first`` and ``last`` with ``from``, ``date`` and ``body``, ``last_agent`` with
    the last mail whose sender's address ends with one of ``agents``, and ``messages``.
    """
    found: dict[str, _Conversation] = {}
    of_message: dict[str, str] = {}
    box = mailbox.mbox(path, create=False)
    try:
        for number, message in enumerate(box, start=1):
            id = _conversation(message, of_message)
            for name in _ID.findall(str(message.get("Message-ID", ""))):
                of_message[name] = id
            found.setdefault(id, _Conversation(number, id)).messages.append(_mail(message))
    finally:
        box.close()
    size = path.stat().st_size
    for conversation in found.values():
        yield Numbered(conversation.number, _record(conversation, agents), size)


def _conversation(message: Message, of_message: dict[str, str]) -> str:
    tag = _TAG.search(_header(message, "Subject"))
    if tag is not None:
        return tag[1]
    for name in _ID.findall(f"{message.get('References', '')} {message.get('In-Reply-To', '')}"):
        if name in of_message:
            return of_message[name]
    own = _ID.findall(str(message.get("Message-ID", "")))
    return own[0].strip("<>") if own else f"mail-{len(of_message) + 1}"


def _record(conversation: _Conversation, agents: Sequence[str]) -> dict[str, Any]:
    messages = conversation.messages
    endings = tuple(ending.casefold() for ending in agents)
    of_agents = [one for one in messages if endings and one["from"].casefold().endswith(endings)]
    return {
        "id": conversation.id,
        "subject": _TAG.sub("", _ANSWER.sub("", _TAG.sub("", messages[0]["subject"]))).strip(),
        "first": messages[0],
        "last": messages[-1],
        "last_agent": of_agents[-1] if of_agents and of_agents[-1] is not messages[0] else None,
        "messages": messages,
    }


def _mail(message: Message) -> dict[str, Any]:
    try:
        date = parsedate_to_datetime(str(message.get("Date", ""))).isoformat()
    except (ValueError, TypeError):
        date = ""
    return {
        "subject": _header(message, "Subject"),
        "from": parseaddr(_header(message, "From"))[1],
        "date": date,
        "body": _body(message),
    }


def _body(message: Message) -> str:
    """The text of a mail: its plain part, else its HTML."""
    for kind in ("text/plain", "text/html"):
        for part in message.walk():
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                content = part.get_payload(decode=True)
                if isinstance(content, bytes) and content.strip():
                    return _decoded(content[:LONGEST_RECORD], part.get_content_charset() or "utf-8")
    return ""


def _decoded(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    try:
        return str(make_header(decode_header(str(message.get(name, ""))))).replace("\n", " ").strip()
    except (ValueError, LookupError):
        return str(message.get(name, "")).strip()
