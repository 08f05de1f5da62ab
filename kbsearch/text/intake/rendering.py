"""HTML as plain text. Lists, tables, headings, quotes and code become Markdown; what is hidden is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kbsearch.text.intake.characters import visible

_DROPPED = frozenset(
    {
        "script", "style", "head", "title", "template", "iframe", "object", "svg", "audio", "video", "canvas", "xml",
        "meta", "link", "base", "noscript", "-comment", "_comment", "map", "math",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "p", "div", "ul", "ol", "dl", "table", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "section",
        "article", "header", "footer", "main", "nav", "aside", "address", "fieldset", "form", "figure", "figcaption",
        "center", "details", "summary", "dt", "dd", "li", "tr", "caption", "legend", "body", "html",
    }
)  # fmt: skip
_PARAGRAPHS = frozenset({"p", "ul", "ol", "dl", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:font-size|max-height|opacity)\s*:\s*0(?![.\d]*[1-9])",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"(?:gmail_|moz-|outlook|ms-outlook-mobile-)?signature|\bdata-signature", re.IGNORECASE)
_QUOTE = re.compile(r"gmail_quote|yahoo_quoted|protonmail_quote|zmail_extra|moz-cite-prefix", re.IGNORECASE)
_PICTURE_NAME = re.compile(
    r"(?:image|img|picture|bild|outlook-|cid:)[\w.@-]*$|.{0,80}\.(?:png|jpe?g|gif|bmp|svg)$", re.I
)
_WHITE = re.compile(r"[ \t\n\r\f]+")
_SPACES = re.compile(r"[ \t\f]+")
_MANY_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[ \t]+\n")
_TAG_LIKE = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,10}(?:\s[^<>]{0,200})?/?>")
_HEADINGS = {f"h{level}": "#" * min(level + 1, 6) + " " for level in range(1, 7)}
_MOST_LISTS = 8


def rendered(source: str, lines_count: bool) -> str:
    """What a person sees of HTML.

    Args:
        source: HTML; every ``<`` in it belongs to a tag or a comment.
        lines_count: whether a line end outside of all elements is one, as in plain text with a few tags.
    """
    body = LexborHTMLParser(source).body
    if body is None:
        return ""
    page = _Page(lines_count)
    page.walk(body)
    return page.text()


@dataclass(slots=True)
class _Part:
    """Text under way: of the page, a quote or a table's cell."""

    pieces: list[str] = field(default_factory=list[str])
    tail: str = "\n"

    def add(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.tail = (self.tail + text[-2:])[-2:]

    def line(self, empty: bool = False) -> None:
        """Begin a new line, after an empty one if asked."""
        if not self.pieces:
            return
        if not self.tail.endswith("\n"):
            self.add("\n")
        if empty and self.tail != "\n\n":
            self.add("\n")

    def text(self) -> str:
        text = _TRAILING.sub("\n", "".join(self.pieces))
        return _MANY_LINES.sub("\n\n", text).strip("\n").rstrip()


class _Page:
    """Renders one page. The tree is walked without recursion: mails are nested thousands deep."""

    def __init__(self, lines_count: bool) -> None:
        self._lines_count = lines_count
        self._parts = [_Part()]
        self._rows: list[list[str]] = []
        self._lists: list[int | None] = []
        self._preformatted = 0
        self._depth = 0

    def text(self) -> str:
        return visible(self._parts[0].text())

    def walk(self, root: LexborNode) -> None:
        todo: list[tuple[LexborNode, bool]] = [(root, False)]
        while todo:
            node, done = todo.pop()
            if done:
                self._leave(node)
                continue
            tag = node.tag or ""
            if tag == "-text":
                self._write(node.text_content or "")
            elif tag in _DROPPED or _is_hidden(node):
                if (tag == "-comment" or tag == "_comment") and not self._lines_count:
                    continue
            else:
                self._enter(node)
                todo.append((node, True))
                children: list[LexborNode] = []
                child = node.child
                while child is not None:
                    children.append(child)
                    child = child.next
                todo.extend((child, False) for child in reversed(children))

    def _write(self, text: str) -> None:
        part = self._parts[-1]
        if self._preformatted:
            part.add(text)
            return
        if "<" in text:
            text = _TAG_LIKE.sub(r"`\g<0>`", text)
        if self._lines_count and self._depth == 0:
            lines = text.split("\n")
            if part.tail[-1:].isspace():
                lines[0] = lines[0] if part.tail.endswith("\n") else lines[0].lstrip(" \t")
            part.add("\n".join(lines))
            return
        text = _WHITE.sub(" ", text)
        if part.tail[-1:].isspace():
            text = text.lstrip(" ")
        part.add(text)

    def _enter(self, node: LexborNode) -> None:  # noqa: C901 - a flat table of elements
        tag, part = node.tag or "", self._parts[-1]
        if tag not in ("body", "html"):
            self._depth += tag not in ("br", "img", "a", "b", "i", "u", "em", "strong", "span", "font", "kbd", "wbr")
        if tag in _BLOCKS:
            part.line(tag in _PARAGRAPHS and not self._lists and not self._rows)
        attributes = node.attributes if tag in ("a", "img", "input", "div", "span", "table", "pre", "td", "p") else {}
        named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}" if attributes else ""
        if tag == "br":
            part.add("\n")
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            part.add("  " * min(len(self._lists) - 1, _MOST_LISTS) if self._lists else "")
            part.add("- " if number is None else f"{number}. ")
            if number is not None:
                self._lists[-1] = number + 1
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag in _HEADINGS:
            part.add(_HEADINGS[tag])
        elif tag == "hr":
            part.add("---\n")
        elif tag == "pre":
            part.add("```\n")
            self._preformatted += 1
        elif tag == "code" and not self._preformatted:
            part.add("`")
        elif tag == "img":
            part.add(_alternative(attributes.get("alt") or ""))
        elif tag == "input":
            part.add(attributes.get("value") or "")
        elif tag == "blockquote":
            self._parts.append(_Part())
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._parts.append(_Part())
        elif named.strip() and _SIGNATURE.search(named):
            part.line()
            part.add("-- \n")
        elif named.strip() and _QUOTE.search(named):
            part.line(True)

    def _leave(self, node: LexborNode) -> None:  # noqa: C901 - a flat table of elements
        tag = node.tag or ""
        if tag not in ("body", "html"):
            self._depth -= tag not in ("br", "img", "a", "b", "i", "u", "em", "strong", "span", "font", "kbd", "wbr")
        if tag in ("td", "th"):
            cell = self._parts.pop().text()
            if self._rows:
                self._rows[-1].append(cell)
            else:
                self._parts[-1].add(cell)
        elif tag == "tr" and self._rows:
            self._parts[-1].add(_row(self._rows.pop()))
        elif tag == "blockquote":
            quoted = self._parts.pop().text()
            self._parts[-1].add("\n".join(f"> {line}".rstrip() for line in quoted.split("\n")) if quoted else "")
        part = self._parts[-1]
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted -= 1
            part.line()
            part.add("```")
        elif tag == "code" and not self._preformatted:
            part.add("`")
        elif tag == "a":
            self._link(node, part)
        if tag in _BLOCKS:
            part.line(tag in _PARAGRAPHS and not self._lists and not self._rows)

    def _link(self, node: LexborNode, part: _Part) -> None:
        """The address behind a link, where it is no mail address and the text does not say it already."""
        address = (node.attributes.get("href") or "").strip()
        said = _WHITE.sub(" ", node.text() or "").strip()
        if address.lower().startswith(("http://", "https://")) and said and said not in address and len(address) < 500:
            part.add(f" ({address})")


def _row(cells: list[str]) -> str:
    filled = [cell for cell in cells if cell.strip()]
    if any("\n" in cell for cell in filled):
        return "\n".join(filled)
    if len(filled) == 2 and (filled[0].rstrip().endswith(":") or len(cells) == 2):
        label = filled[0].rstrip()
        return f"{label} {filled[1]}" if label.endswith(":") else f"{label} | {filled[1]}"
    return " | ".join(filled)


def _alternative(text: str) -> str:
    text = " ".join(text.split())
    return "" if len(text) > 200 or _PICTURE_NAME.match(text) else text


def _is_hidden(node: LexborNode) -> bool:
    if (node.tag or "") in ("br", "b", "i", "u", "strong", "em", "body"):
        return False
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (attributes.get("type") or "").lower() == "hidden":
        return True
    style = attributes.get("style")
    return bool(style and _HIDDEN.search(style))
