"""The Markdown of fixes as safe HTML, and as plain text to copy.

Only text, emphasis, lists, links and code come through. HTML stays visible as text, pictures are links' text, and a
link leads to http, https or mailto.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from kbsearch.web.controls import with_visible_overrides, without_overrides

_SCHEMES = frozenset({"http", "https", "mailto"})
_ESCALATION = re.compile(r"escalat|ескал|второ ниво|second line|contact the service desk|обърнете към нас", re.I)

# ``escape`` would eat a backslash of \\server\share; ``lheading`` would make headings of a log's lines.
_NEVER = ["image", "html_block", "html_inline", "hr", "lheading", "blockquote", "reference", "escape"]
_ONLY_WRITTEN_MARKDOWN = ["emphasis", "entity", "heading"]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a fix under a heading, which the first part may lack."""

    heading: str
    html: Markup
    plain: str

    @property
    def is_escalation(self) -> bool:
        """Whether it says when and how to hand the ticket on."""
        return bool(self.heading) and _ESCALATION.search(f"{self.heading}\n{self.plain}") is not None


def sections(text: str, is_markdown: bool = True) -> list[Section]:
    """The parts of a fix, in order.

    Args:
        text: as it is stored.
        is_markdown: whether its author wrote Markdown; of a ticket's text only lists, links and code are read.
    """
    parser = _parser(is_markdown)
    parts: list[tuple[str, list[Token]]] = [("", [])]
    tokens = parser.parse(with_visible_overrides(text))
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.level == 0:
            parts.append((_text_of(tokens[place + 1]), []))
        parts[-1][1].append(token)
    return [
        Section(heading, Markup(parser.renderer.render(part, parser.options, {})), _plain(part))  # noqa: S704
        for heading, part in parts
        if part
    ]


def plain_text(text: str, is_markdown: bool = True) -> str:
    """The text without marks, to paste anywhere."""
    return "\n\n".join(part.plain for part in sections(text, is_markdown))


def without_marks(text: str) -> str:
    """A passage of Markdown in one line, without the marks of emphasis and code."""
    return re.sub(r"\*\*|`", "", text)


def _parser(is_markdown: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": True})
    parser.enable("linkify").disable([*_NEVER, *([] if is_markdown else _ONLY_WRITTEN_MARKDOWN)])
    parser.validateLink = _is_link
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # pyright: ignore[reportUnknownMemberType]
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("heading_open", _heading_open)
    parser.add_render_rule("heading_close", _heading_close)
    return parser


def _is_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _link_open(self: object, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    href = Markup.escape(str(tokens[place].attrGet("href") or ""))
    return f'<a href="{href}" rel="noopener noreferrer" target="_blank">'


def _heading_open(self: object, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    return '<p class="part">'  # a page has one outline, whatever stands in a fix


def _heading_close(self: object, tokens: Sequence[Token], place: int, options: object, env: object) -> str:
    return "</p>\n"


def _text_of(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def _plain(tokens: list[Token]) -> str:
    blocks = (_block(node) for node in SyntaxTreeNode(tokens).children)
    return without_overrides("\n\n".join(blocks)).strip()


def _block(node: SyntaxTreeNode) -> str:
    if node.type in ("bullet_list", "ordered_list"):
        return "\n".join(_list_lines(node))
    if node.type in ("fence", "code_block"):
        return node.content.rstrip("\n")
    return "".join(_inline(child) for child in node.children)


def _list_lines(node: SyntaxTreeNode) -> Iterator[str]:
    number = int(str(node.attrs.get("start", 1)))
    for item in node.children:
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        number += 1
        text = "\n".join(_block(block) for block in item.children)
        first, *rest = text.split("\n")
        yield mark + first
        yield from (" " * len(mark) + line if line else line for line in rest)


def _inline(node: SyntaxTreeNode) -> str:
    if node.type == "link":
        text = "".join(_inline(child) for child in node.children)
        href = str(node.attrs.get("href", ""))
        return text if href in (text, f"mailto:{text}") else f"{text} ({href})"
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    if node.children:
        return "".join(_inline(child) for child in node.children)
    return node.content
