"""Pages of a knowledge base as HTML: a file, or a ZIP file of many as Confluence exports a space."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kbsearch.errors import BrokenFile
from kbsearch.ticketing.records import LONGEST_RECORD, Numbered

_SUFFIXES = (".html", ".htm")
_CONTENTS = ("#main-content", "main", "article", "#content", "body")
_TITLES = ("#title-text", "h1", "title")
_LIST_OF_PAGES = "index"
_SPACE_ENDS = " : "


def page_rows(path: Path) -> Iterator[Numbered]:
    """The pages, numbered from 1: ``name`` (without folder and ending), ``title`` and ``body`` as HTML.

    Raises:
        BrokenFile: a ZIP file is damaged.
    """
    if not zipfile.is_zipfile(path):
        yield Numbered(1, _page(PurePosixPath(path.name), path.read_bytes()), path.stat().st_size)
        return
    try:
        with zipfile.ZipFile(path) as opened:
            pages = [one for one in opened.infolist() if PurePosixPath(one.filename).suffix.lower() in _SUFFIXES]
            for number, entry in enumerate(pages, start=1):
                name = PurePosixPath(entry.filename)
                if name.stem == _LIST_OF_PAGES:
                    continue
                with opened.open(entry) as page:
                    yield Numbered(number, _page(name, page.read(LONGEST_RECORD + 1)), entry.header_offset)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise BrokenFile(str(path), f"the ZIP file cannot be read: {type(error).__name__}") from None


def _page(name: PurePosixPath, content: bytes) -> dict[str, Any] | str:
    if len(content) > LONGEST_RECORD:
        return f"the page has more than {LONGEST_RECORD} bytes"
    tree = LexborHTMLParser(content)
    title = _first(tree, _TITLES)
    body = _first(tree, _CONTENTS)
    shown = (title.text(strip=True) if title is not None else "").rpartition(_SPACE_ENDS)[2]
    return {"name": name.stem, "title": shown, "body": body.html if body is not None else ""}


def _first(tree: LexborHTMLParser, selectors: tuple[str, ...]) -> LexborNode | None:
    for selector in selectors:
        found = tree.css_first(selector)
        if found is not None and found.text(strip=True):
            return found
    return None
