"""Articles as Markdown files with front matter, as ``article_folder`` reads them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from kbsearch.model import Article
from kbsearch.ticketing.article_folder import LANGUAGE_IN_NAME

_FILE_NAME = re.compile(r"[^./\\:*?\"<>|\x00-\x1f][^/\\:*?\"<>|\x00-\x1f]*")
_LONGEST_NAME = 200
"""Bytes; file systems take 255."""
_PLAIN_KEY = re.compile(r"[A-Za-z][\w.-]*")


class _Dumper(yaml.SafeDumper):
    """Writes each text in double quotes and in one line, so that nothing in it is taken for a mark."""


def _quoted(_: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"')


_Dumper.add_representer(str, _quoted)


def file_name(id: str) -> str | None:
    """The name of an article's file; None where no file can be named so."""
    is_fine = _FILE_NAME.fullmatch(id) and len(id.encode()) <= _LONGEST_NAME and id == id.strip()
    return f"{id}.md" if is_fine else None


def file_text(article: Article) -> str:
    """What the article's file says."""
    in_name = LANGUAGE_IN_NAME.search(article.id)
    is_named = in_name is not None and in_name.group(1) == article.language
    values: dict[str, Any] = {
        "title": article.title,
        "issue": list(article.issue),
        "environment": list(article.environment),
        "cause": article.cause,
        "tags": list(article.tags),
        "language": None if is_named else article.language,
        "audience": article.audience,
        "state": article.state.value,
    }
    values = {name: value for name, value in values.items() if value not in (None, [])} | dict(article.metadata)
    header = "".join(_entry(name, value) for name, value in values.items())
    return f"---\n{header}---\n{article.resolution}\n"


def _entry(name: str, value: Any) -> str:
    if name == "state":
        return f"{name}: {value}\n"
    if name == "issue":
        return f"{name}:\n" + "".join(f"  - {_in_line(one)}\n" for one in value)
    key = name if _PLAIN_KEY.fullmatch(name) and isinstance(yaml.safe_load(name), str) else _in_line(name)
    return f"{key}: {_in_line(value)}\n"


def _in_line(value: Any) -> str:
    written = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=True, width=float("inf")
    )
    return written.removesuffix("\n").removesuffix("\n...")
