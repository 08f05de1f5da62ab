"""The documents say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click

from kbsearch.cli import cli
from kbsearch.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_is_documented() -> None:
    documented = set(re.findall(r"`(KBSEARCH_[A-Z_]+)`", README))
    assert documented == {f"KBSEARCH_{name.upper()}" for name in Settings.model_fields}


def test_every_default_is_documented() -> None:
    for name, field in Settings.model_fields.items():
        row = next(line for line in README.splitlines() if line.startswith(f"| `KBSEARCH_{name.upper()}`"))
        assert ("unset" if field.default is None else f"`{field.default}`") in row


def test_every_command_is_documented() -> None:
    for name, command in cli.commands.items():
        wanted = [f"{name} {sub}" for sub in command.commands] if isinstance(command, click.Group) else [name]
        for one in wanted:
            assert f"kbsearch {one}" in README


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs" / "decisions.md").read_text().split("## Dependencies")[1]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (one for group in groups for one in group):
        name = re.split(r"[<>=\[]", requirement)[0]
        assert name in reasons, f"{name} is missing in docs/decisions.md"


def test_links_between_documents_lead_somewhere() -> None:
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_sample_articles_have_both_languages() -> None:
    slugs: dict[str, set[str]] = {}
    for path in (ROOT / "articles").glob("*/*.md"):
        slug, language = path.stem.rsplit(".", 1)
        slugs.setdefault(f"{path.parent.name}/{slug}", set()).add(language)
    assert len(slugs) >= 60
    assert all(languages == {"en", "bg"} for languages in slugs.values())
