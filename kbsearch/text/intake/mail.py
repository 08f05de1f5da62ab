"""Mails: the newest part of a thread, and what it quotes.

Forms of Outlook, Gmail, Apple Mail, Thunderbird and ticket systems, in the languages the service reads and their
neighbours. Lines are looked at one by one, so that a text costs in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FROM = (
    "from|von|de|da|van|от|od|fra|från|de la|expéditeur|mittente|remitente|afzender|отправитель|nadawca|feladó|kimden"
)
_OTHERS = (
    "sent|gesendet|envoyé|envoye|inviato|verzonden|enviado|enviada el|изпратено|отправлено|trimis|wysłano|odesláno"
    "|date|datum|data|дата|fecha|dată|to|an|à|a|para|aan|до|кому|către|catre|do|komu|til|till|subject|betreff"
    "|objet|oggetto"
    "|onderwerp|asunto|assunto|относно|тема|subiect|temat|předmět|predmet|emne|ämne|cc|kopie|копие|копия|bcc|reply-to"
)
_MARK = r"^[>\s|*_]{0,20}"
_FROM_LINE = re.compile(rf"{_MARK}(?:{_FROM})[*_\s]{{0,3}}:[*_]{{0,2}}\s{{0,5}}\S", re.IGNORECASE)
_OTHER_LINE = re.compile(rf"{_MARK}(?:{_OTHERS})[*_\s]{{0,3}}:", re.IGNORECASE)
_SUBJECT_LINE = re.compile(
    rf"{_MARK}(?:subject|betreff|objet|oggetto|onderwerp|asunto|assunto|относно|тема|subiect|temat|předmět|emne|ämne)"
    r"[*_\s]{0,3}:[*_\s]{0,4}(.*)$",
    re.IGNORECASE,
)
_HEADER_LINES = 8
_WROTE = re.compile(
    r"(?:\bwrote(?:\b.{0,60})?|\bschrieb(?:\b.{0,120})?|a écrit|a ecrit|escribió|escribio|ha scritto"
    r"|\bschreef(?:\b.{0,120})?"
    r"|escreveu"
    r"|a scris|написав|написал(?:а|\(а\))?|писал(?:а|\(а\))?|написа|пише|пишет|pisze|napsal(?:a|\(a\))?"
    r"|napísal|napisał(?:\(a\)|a)?"
    r"|skrev(?:\b.{0,120})?"
    r"|kirjoitti|írta|yazdı)\s{0,3}:\s{0,3}$",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}|@|<[A-Z]+>")
_ADDRESS_ENDS = re.compile(r"<(?:[^<>\s@]{1,64}@[^<>\s]{1,190}|EMAIL)>\)?:$")  # Gmail in Russian has no verb
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}")
_LONGEST_WROTE = 300
_SEPARATOR = re.compile(
    r"^[>\s]{0,10}(?:[-_=*]{3,}\s{0,3}(?:original message|original appointment|forwarded message|forwarded by"
    r"|reply message"
    r"|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|message d'origine|message original"
    r"|message transféré|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato"
    r"|oorspronkelijk bericht|doorgestuurd bericht|mensagem original|mesaj original|mesajul original"
    r"|mesaj redirecționat"
    r"|оригинално (?:съобщение|писмо)|изходно съобщение|препратено писмо|исходное письмо|пересланное письмо"
    r"|първоначално съобщение|препратено съобщение|исходное сообщение|пересылаемое сообщение"
    r"|пересланное сообщение|původní zpráva|wiadomość oryginalna|oprindelig meddelelse)\b.{0,120}"
    r"|-{2,6}\s{0,3}(?:on|am|le|el|il|op|на)\b.{5,200}\s-{2,6}$"
    r"|begin forwarded message:|anfang der weitergeleiteten nachricht:|début du message réexpédié"
    r"|inizio messaggio inoltrato:"
    r"|начало на препратено съобщение:|inicio del mensaje reenviado:|##-.{0,120}-##"
    r"|.{0,20}(?:type your reply above this line|reply above this line|пишете над този ред"
    r"|antworten sie oberhalb dieser).{0,40})",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*[_-]{20,}\s*$")
_LAST_RULE = re.compile(r"(?:\n[ \t]{0,3}[-_=*]{3,100}[ \t]{0,3})+\Z")
_QUOTED = re.compile(r"^[ \t]{0,3}>")
_QUOTE_MARKS = re.compile(r"^[ \t]{0,3}(?:>[ \t]?){1,20}")
_MIME_HEADER = re.compile(
    r"^(?:content-type|content-transfer-encoding|mime-version|x-[\w-]{2,40}|message-id|received|return-path"
    r"|dkim-signature|in-reply-to|references|thread-topic|thread-index)\s?:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Thread:
    """``newest`` was written last; ``quoted`` are the mails before it, the latest first, headers taken off."""

    newest: str
    quoted: tuple[str, ...]


def thread(text: str) -> Thread:
    """Take a mail apart. A text that quotes nothing is all newest, and comes back unchanged."""
    if not _may_quote(text):
        return Thread(text, ())
    lines = text.split("\n")
    parts: list[list[str]] = [[]]
    at = 0
    while at < len(lines):
        end, subject = _header(lines, at)
        if end > at:
            parts.append([subject] if subject else [])
            at = end
            continue
        if _is_quoted(lines, at):
            if len(parts) == 1:
                parts.append([])
            parts[1 if len(parts) == 2 else -1].append(_QUOTE_MARKS.sub("", lines[at]))
        else:
            # Below quoted lines that no header announced, what has no mark is the answer written in between.
            parts[0 if len(parts) > 1 and _was_marked(lines, at) else -1].append(lines[at])
        at += 1
    newest, *quoted = ["\n".join(part).strip("\n") for part in parts]
    if not quoted:
        return Thread(text, ())
    newest = _LAST_RULE.sub("", newest)
    return Thread(newest, tuple(part for part in quoted if part.strip()))


def _may_quote(text: str) -> bool:
    return ">" in text or ":" in text or "--" in text or "__" in text or "reply above" in text.lower()


def _header(lines: Sequence[str], at: int) -> tuple[int, str]:
    """The first line behind a header that begins here, and the subject it names; ``at`` itself if none begins."""
    line = lines[at]
    if not line or line.isspace():
        return at, ""
    if _SEPARATOR.match(line) or _RULE.match(line):
        following = _skip_blank(lines, at + 1)
        end, subject = _block(lines, following)
        if end > following:
            return end, subject
        return (at + 1, "") if not _RULE.match(line) else (at, "")
    end, subject = _block(lines, at)
    if end > at:
        return end, subject
    return _wrote(lines, at), ""


def _block(lines: Sequence[str], at: int) -> tuple[int, str]:
    """A block of From, Sent, To, Subject lines."""
    if at >= len(lines) or not (_FROM_LINE.match(lines[at]) or _MIME_HEADER.match(lines[at])):
        return at, ""
    found, end, subject, address = 0, at + 1, "", "@" in lines[at] or "<" in lines[at]
    for n in range(at + 1, min(len(lines), at + _HEADER_LINES)):
        if _OTHER_LINE.match(lines[n]) or _MIME_HEADER.match(lines[n]):
            found, end = found + 1, n + 1
            if named := _SUBJECT_LINE.match(lines[n]):
                subject = named.group(1).strip()
        elif not lines[n].strip(" >|") and found:
            break
    return (end, subject) if found >= 2 or (found and address) else (at, "")


def _wrote(lines: Sequence[str], at: int) -> int:
    """Behind "On … wrote:", which mail programs break over up to three lines."""
    said = ""
    for n in range(at, min(len(lines), at + 3)):
        line = _QUOTE_MARKS.sub("", lines[n]).strip(" \t*_")
        if not line:
            return at
        said = f"{said} {line}"
        if len(said) > _LONGEST_WROTE:
            return at
        if line.endswith(":"):
            wrote = _WROTE.search(said) or (_ADDRESS_ENDS.search(said) and _CLOCK.search(said))
            return n + 1 if wrote and _WHEN.search(said) else at
    return at


def _is_quoted(lines: Sequence[str], at: int) -> bool:
    """A line with a mark; one alone between others is somebody's arrow or prompt."""
    if not _QUOTED.match(lines[at]):
        return False
    before = at > 0 and (_QUOTED.match(lines[at - 1]) is not None or lines[at - 1].rstrip().endswith(":"))
    after = at + 1 < len(lines) and _QUOTED.match(lines[at + 1]) is not None
    return before or after


def _was_marked(lines: Sequence[str], at: int) -> bool:
    """Whether the nearest line above that is not empty has a mark or this line goes on below such a one."""
    for n in range(at - 1, max(-1, at - 40), -1):
        if _QUOTED.match(lines[n]):
            return True
        if _FROM_LINE.match(lines[n]) or _OTHER_LINE.match(lines[n]) or _WROTE.search(lines[n][-_LONGEST_WROTE:]):
            return False
    return False


def _skip_blank(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip(" >"):
        at += 1
    return at
