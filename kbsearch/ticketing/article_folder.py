"""A folder of Markdown articles with front matter, one folder a tenant.

``<folder>/<tenant>/<slug>.<language>.md``, in folders within it too; the file's name without ``.md`` or ``.markdown``
is the article's id. The front matter holds ``title``, ``issue``, ``environment``, ``cause``, ``tags``, ``language``,
``audience`` and ``state``; other keys are kept as metadata. The text below it is the resolution.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from kbsearch.errors import BrokenFile, InvalidTenant
from kbsearch.model import TenantId
from kbsearch.ticketing.front_matter import FIELDS, as_json, with_signs_kept

TICKETS_FILE = "tickets.jsonl"
MARKDOWN = (".md", ".markdown")
LANGUAGE_IN_NAME = re.compile(r"\.([a-z]{2}(?:-[A-Za-z]{2})?)$")
"""At the end of a name; three letters are a part of it: msvcp140.dll.md."""

_LONGEST = 1024 * 1024
"""Bytes of a file."""


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """``wire`` is the article in the API's shape, ``digest`` names what it says."""

    path: Path
    tenant: TenantId
    wire: dict[str, Any]
    digest: str


def tenant_folders(folder: Path) -> list[tuple[TenantId, Path]]:
    """The tenants that a folder has articles for. Raises BrokenFile."""
    if not folder.is_dir():
        raise BrokenFile(str(folder), "there is no such folder")
    found: list[tuple[TenantId, Path]] = []
    for path in _listed(folder):
        if path.is_dir() and not path.name.startswith("."):
            try:
                found.append((TenantId(path.name), path))
            except InvalidTenant as error:
                raise BrokenFile(str(path), f"the name of the folder is not a tenant: {error}") from error
    if not found:
        raise BrokenFile(str(folder), "it contains no folder of a tenant, such as articles/shared")
    return found


def files_of_nobody(folder: Path) -> list[Path]:
    """Markdown beside the tenants' folders, which belongs to none of them. Raises BrokenFile."""
    return [path for path in _listed(folder) if path.suffix.lower() in MARKDOWN and not path.is_dir()]


def article_files(tenant: TenantId, folder: Path) -> Iterator[ArticleFile | BrokenFile]:
    """Every article of a tenant's folder and its subfolders, or the error of its file, or of a folder."""
    first: dict[str, Path] = {}
    for path in _files(folder):
        if isinstance(path, BrokenFile):
            yield path
            continue
        try:
            if path.is_symlink() or not path.is_file():
                raise BrokenFile(str(path), "not a regular file")
            if path.suffix.lower() not in MARKDOWN:
                raise BrokenFile(str(path), f"not Markdown: the name must end in {' or '.join(MARKDOWN)}")
            other = first.setdefault(path.stem, path)
            if other != path:
                raise BrokenFile(str(path), f"{other} has the same name, which is the id of the article")
            yield read_article(tenant, path)
        except BrokenFile as error:
            yield error


def _files(folder: Path) -> Iterator[Path | BrokenFile]:
    """All that stands in a folder but hidden files and the tickets; links to folders are named, not followed."""
    try:
        listed = _listed(folder)
    except BrokenFile as error:
        yield error
        return
    for path in listed:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        elif path.name != TICKETS_FILE:
            yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise BrokenFile(str(folder), f"the folder cannot be read: {error.strerror or error}") from error


def read_article(tenant: TenantId, path: Path) -> ArticleFile:
    """One Markdown file. Raises BrokenFile naming it."""
    if not path.is_file():
        raise BrokenFile(str(path), "not a regular file")  # a pipe would be waited for
    if not path.name.isprintable():
        raise BrokenFile(str(path), "the name, which is the id of the article, has a control character or is not UTF-8")
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST + 1)
        if len(content) > _LONGEST:
            raise BrokenFile(str(path), f"the file has more than {_LONGEST} bytes")
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise BrokenFile(str(path), error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BrokenFile(str(path), "the file is not UTF-8") from error
    if not text.startswith("---"):
        raise BrokenFile(str(path), "it has no front matter: the first line must be ---")
    try:
        metadata, content = frontmatter.parse(with_signs_kept(text))
    except (ValueError, KeyError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        # PyYAML lets these out where a value is not of the type that its form or its tag promises: 2026-02-30, !!int x
        raise BrokenFile(str(path), "the front matter has a value that cannot be read") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 2
        raise BrokenFile(
            str(path), f"the front matter is not YAML: {getattr(error, 'problem', error)}", line
        ) from error
    return ArticleFile(path, tenant, *_wire(path, metadata, content, len(text)))


def _wire(path: Path, metadata: Mapping[Any, Any], resolution: str, most: int) -> tuple[dict[str, Any], str]:
    """The article in the API's shape, and a digest of it. ``most``: characters that the whole file has."""
    try:
        values = as_json(metadata, most)
    except ValueError as error:
        raise BrokenFile(str(path), f"the front matter is too large: {error}") from error
    wire = {name: value for name, value in values.items() if name in FIELDS}
    others = {name: value for name, value in values.items() if name not in FIELDS}
    if others:
        wire["metadata"] = others
    wire["id"] = path.stem
    wire["resolution"] = resolution
    language = LANGUAGE_IN_NAME.search(path.stem)
    if language and "language" not in wire:
        wire["language"] = language.group(1)
    for name in ("title", "cause", "audience"):
        if isinstance(wire.get(name), int | float):
            wire[name] = str(wire[name])
    content = json.dumps(wire, sort_keys=True, ensure_ascii=False)
    return wire, hashlib.sha256(content.encode()).hexdigest()
