"""Judged collections: the BEIR layout, and known-item search made from a KB file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from kbsearch.errors import BrokenFile
from kbsearch.model import Article, Ticket
from kbsearch.ticketing.files import read_lines

_TITLE_CHARACTERS = 120
_ID, _TEXT = ("_id", "id"), ("text", "body")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query and its relevant documents with grades; when it came (ISO 8601) and its language, where that is known."""

    id: str
    ticket: Ticket
    relevant: dict[str, int]
    created: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Articles and queries. ``corpus`` names the articles if several collections share them."""

    name: str
    articles: list[Article]
    queries: list[JudgedQuery]
    corpus: str = ""


def read_beir(folder: Path, corpus: Path | None = None, where: tuple[str, str] | None = None) -> Collection:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``.

    Args:
        folder: holds the three files.
        corpus: another file of documents; rows of a KB file (``id``, ``title``, ``body``) are read too.
        where: (name, value): only queries whose metadata has this value.

    Raises:
        BrokenFile: a file is missing or a line is not what it should be.
    """
    articles = [_article(row) for row in rows(corpus or folder / "corpus.jsonl", _ID, _TEXT)]
    known = {article.id for article in articles}
    judgements: dict[str, dict[str, int]] = {}
    path = folder / "qrels.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
    except OSError as error:
        raise BrokenFile(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BrokenFile(str(path), "the file is not UTF-8") from error
    for number, line in enumerate(lines, start=2):
        try:
            query, document, grade = line.split("\t")
            if int(grade) > 0 and document in known:
                judgements.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise BrokenFile(str(path), "expected query-id, corpus-id and score between tabs", number) from error
    queries = [
        JudgedQuery(
            row["_id"],
            ticket_of(row["text"]),
            judgements[row["_id"]],
            _text_of(row.get("metadata"), "created"),
            _text_of(row.get("metadata"), "lang"),
        )
        for row in rows(folder / "queries.jsonl", ("_id",), ("text",))
        if row["_id"] in judgements and (where is None or row.get("metadata", {}).get(where[0]) == where[1])
    ]
    return Collection(folder.name, articles, queries, corpus.stem if corpus else "")


def read_known_item(path: Path, query_field: str = "title", queries: int = 600, seed: int = 1) -> Collection:
    """Known-item search on a KB file: a title is asked, the article's body (its title left out) is relevant.

    Args:
        path: NDJSON with ``id``, ``title``, ``body``.
        query_field: which field is asked, ``title`` or ``english_title``.
        queries: how many are drawn.
        seed: of the draw.
    """
    kept = [row for row in rows(path, ("id",), ("body",), (query_field,)) if row["body"].strip()]
    articles = [_article({"_id": row["id"], "title": "", "text": row["body"]}) for row in kept]
    drawn = random.Random(seed).sample(kept, min(queries, len(kept)))  # noqa: S311 - a sample, not a secret
    return Collection(
        f"{path.stem}: {query_field} -> body",
        articles,
        [JudgedQuery(row["id"], Ticket(subject=row[query_field]), {row["id"]: 1}) for row in drawn],
        f"{path.stem} bodies",
    )


def ticket_of(text: str) -> Ticket:
    """A query's text as a ticket: the first line is the subject."""
    subject, _, description = text.strip().partition("\n")
    return Ticket(subject=subject, description=description.strip())


def rows(path: Path, *texts: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The objects of an NDJSON file.

    Args:
        path: the file.
        texts: what each object must hold as text, each under one of the names given.

    Raises:
        BrokenFile: names the line that is not so.
    """
    for number, line in read_lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BrokenFile(str(path), "not JSON in UTF-8", number) from error
        if not isinstance(row, dict):
            raise BrokenFile(str(path), "expected a JSON object", number)
        row = cast("dict[str, Any]", row)
        for names in texts:
            if not any(isinstance(row.get(name), str) for name in names):
                raise BrokenFile(str(path), f"it has no text in {' or '.join(names)}", number)
        yield row


def first_line(text: str, characters: int = _TITLE_CHARACTERS) -> str:
    """A title for a text that has none: the beginning of its first line."""
    line = next((stripped for line in text.splitlines() if (stripped := line.strip("#*_> \t"))), "")
    return line if len(line) <= characters else line[:characters].rsplit(" ", 1)[0]


def _text_of(metadata: Any, name: str) -> str | None:
    value = cast("dict[str, Any]", metadata).get(name) if isinstance(metadata, dict) else None
    return value if isinstance(value, str) else None


def _article(row: dict[str, Any]) -> Article:
    text = row.get("text") or row.get("body") or ""
    return Article(
        id=row.get("_id") or row["id"], title=row.get("title") or first_line(text) or "(untitled)", resolution=text
    )
