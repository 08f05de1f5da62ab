"""HTML in a text: whether there is any, and the same as plain text with Markdown lists, tables and quotes.

Mail programs and ticket systems send HTML, escaped HTML, or plain text with a picture or a break in it. What only looks
like a tag stays: ``<EMAIL>``, ``a < b``, ``List<String>``, a piece of XML, code between backticks.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from kbsearch.text.intake.rendering import rendered

_KNOWN = (
    "a|abbr|address|article|aside|b|base|bdi|bdo|big|blockquote|body|br|button|caption|center|cite|code|col"
    "|colgroup|dd"
    "|del|details|dfn|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i"
    "|iframe|img"
    "|input|ins|kbd|label|legend|li|link|main|mark|meta|nav|noscript|object|ol|option|p|picture|pre|q|s|samp|script"
    "|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead"
    "|title|tr|tt|u|ul|var|video|wbr|xml|(?:o|v|w|m|st1):[a-z]+"
)
_OPENING = re.compile(rf"<({_KNOWN})(?=[\s/>])([^<>]*)>", re.IGNORECASE)
_CLOSING = re.compile(rf"</({_KNOWN})\s*>", re.IGNORECASE)
_NOT_A_TAG = re.compile(
    rf"<(?!(?:/?(?:{_KNOWN})(?:[\s/][^<>]*)?>|!--|!doctype\b|!\[(?:if|endif)|\?xml\b))", re.IGNORECASE
)
_ANY_ELEMENT = re.compile(r"<([A-Za-z][\w.:-]*)(?=[\s/>])[^<>]*>")
_CELL_END = re.compile(r"</t[dh]\s*>(?=\s*<t[dh][\s>])", re.IGNORECASE)
_ROW_END = re.compile(r"</tr\s*>", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "wbr", "input", "col", "meta", "link", "base", "source"})
_UNCLOSED = frozenset({"p", "li", "td", "th", "tr", "dt", "dd", "option"})
"""Elements whose end tag may be left out."""
_RAW = ("script", "style", "textarea", "title", "noscript", "iframe", "xml", "svg", "select", "object", "head")
"""Elements that take in all that follows if they are never closed."""
_DOCUMENT = re.compile(
    r"\s*(?:<!doctype\b|<!--|<\?xml[^<>]*>\s*<html|<(?:html|head|body|div|p|table|span|font|br|ul|ol|h[1-6]"
    r"|style|meta"
    r"|center|blockquote|section|article)(?=[\s/>]))",
    re.IGNORECASE,
)
_CODE = re.compile(r"```[^`]*(?:`{1,2}[^`]+)*```|~~~[^~]*~~~|`[^`\n]+`")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_UNESCAPED = re.compile(r"[<>]|&(?![#A-Za-z])")
_STRUCTURAL = frozenset({"&lt;", "&gt;", "&amp;", "&quot;"})


def without_markup(text: str) -> str:
    """The text as a person reads it. A text without HTML stays as it is, but for entities such as ``&nbsp;``.

    The result read again is the same.
    """
    if "&" not in text and "<" not in text:
        return text
    if "<" in text and _DOCUMENT.match(text) and is_html(text):
        return rendered(_only_tags(text), "<body" not in text[:20_000].lower())
    if "&lt;" in text and "<" not in text:
        unescaped = html.unescape(text)
        if _DOCUMENT.match(unescaped) and is_html(unescaped):
            return without_markup(unescaped)
    if "`" in text or "~~~" in text:
        return _outside_code(text, _mixed)
    return _mixed(text)


def is_html(text: str) -> bool:
    """Whether it has tags that a mail program or an editor writes, and not more elements that HTML does not have."""
    opened = [(found.group(1).lower(), found.group(1), found.group(2)) for found in _OPENING.finditer(text)]
    if not opened:
        return False
    closed = {found.group(1).lower() for found in _CLOSING.finditer(text)}
    tags = [
        name
        for name, written, attributes in opened
        if name in closed
        or (name in _VOID and (name in ("br", "hr") or attributes.strip(" /")))
        or (name in _UNCLOSED and len(opened) > 1)
        or (not written.isupper() and attributes.strip(" /") and "=" in attributes)
    ]
    if not tags and _DOCUMENT.match(text):
        tags = [name for name, _, _ in opened if name in _UNCLOSED]
    foreign = sum(1 for found in _ANY_ELEMENT.finditer(text) if not _OPENING.match(found.group()))
    return bool(tags) and foreign <= len(opened) // 2


def _mixed(text: str) -> str:
    """Plain text, perhaps with tags in it: its line ends count."""
    if "<" in text and is_html(text):
        return rendered(_only_tags(text), True)
    return _without_entities(text) if "&" in text else text


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    end = 0
    for code in _CODE.finditer(text):
        parts += [_at_edges(text[end : code.start()], change), code.group()]
        end = code.end()
    return "".join([*parts, _at_edges(text[end:], change)])


def _at_edges(text: str, change: Callable[[str], str]) -> str:
    """Changed, with the white space around it as it was."""
    if "<" not in text and "&" not in text:
        return text
    inner = text.strip()
    start = text.index(inner) if inner else 0
    return f"{text[:start]}{change(inner)}{text[start + len(inner) :]}"


def _only_tags(text: str) -> str:
    """The text with every ``<`` escaped that opens no tag, so that the parser takes none of it for one."""
    lowered = text.lower()
    for name in _RAW:
        if f"<{name}" in lowered:
            last = lowered.rfind(f"</{name}")
            text = re.sub(rf"<(?={name}[\s/>])", lambda found, last=last: _kept(found, last), text, flags=re.IGNORECASE)
            lowered = text.lower()
    if "<!--" in text:
        last = text.rfind("-->")
        text = re.sub("<(?=!--)", lambda found: _kept(found, last), text)
    if "<table" not in lowered:
        text = _ROW_END.sub("<br>", _CELL_END.sub(" | ", text))  # cells without a table: a parser drops their tags
    closed = {found.group(1).lower() for found in _CLOSING.finditer(text)}
    text = _OPENING.sub(lambda found: _lone(found, closed), text)
    return _NOT_A_TAG.sub("&lt;", text)


def _kept(found: re.Match[str], last: int) -> str:
    return "<" if found.start() < last else "&lt;"


def _lone(found: re.Match[str], closed: set[str]) -> str:
    """A tag in capitals that is never closed is somebody's placeholder."""
    name, attributes = found.group(1), found.group(2)
    known = name.lower() in closed or name.lower() in _VOID or name.lower() in _UNCLOSED
    if known or (attributes.strip(" /") and not name.isupper()):
        return found.group()
    return f"&lt;{found.group()[1:]}" if name.isupper() or not attributes else found.group()


def _without_entities(text: str) -> str:
    escaped = _UNESCAPED.search(text) is None

    def character(found: re.Match[str]) -> str:
        written = found.group()
        if written in _STRUCTURAL and not escaped:
            return written
        meant = html.unescape(written)
        return " " if meant == "\u00a0" else meant

    return _ENTITY.sub(character, text)
