"""The documents say what the code does."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from kbsearch.api.access import ACCESS
from kbsearch.api.app import create_app
from kbsearch.api.problem_kinds import all_kinds
from kbsearch.api.requests.administration import RedactionPolicyIn
from kbsearch.api.requests.answers import FeedbackIn
from kbsearch.api.requests.tickets import WriteBackIn, WriteBackLine
from kbsearch.api.service import Service
from kbsearch.cli import cli
from kbsearch.settings import Settings
from kbsearch.ticketing.files import shaped
from scripts.project import reference

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "scripts").rglob("*.md"))
)
DEPLOYMENT = [
    Path("Containerfile"), Path("compose.yaml"), Path("docs/operations/kbsearch.service"),
    Path("docs/operations/nginx.conf"), Path("docs/operations/Caddyfile"),
]  # fmt: skip


def test_the_reference_is_current() -> None:
    written = {path.name: path.read_text() for path in reference.FOLDER.glob("*.md")}
    assert written == reference.pages(), "run python -m scripts.project.reference"


def test_the_reference_holds_every_setting_command_route_and_problem() -> None:
    pages = reference.pages()
    for name in Settings.model_fields:
        assert f"### `KBSEARCH_{name.upper()}`\n" in pages["settings.md"]
    for name, command in cli.commands.items():
        for path in [f"{name} {sub}" for sub in command.commands] if isinstance(command, click.Group) else [name]:
            assert f"## kbsearch {path}\n" in pages["commands.md"]
    for (method, path), rule in ACCESS.items():
        assert rule.page or f"| `{method} {path.replace(':path', '')}` |" in pages["roles.md"]
    for kind in all_kinds():
        assert f"`{kind.type}`\n" in pages["problems.md"]


def test_every_setting_says_what_it_does() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_answer_in_the_readme_has_the_fields_of_an_answer() -> None:
    [answer] = re.findall(r"```json\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    schemas = create_app(Service()).openapi()["components"]["schemas"]
    assert unknown_fields(json.loads(answer), {"$ref": "#/components/schemas/SuggestionOut"}, schemas) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_json_in_documents_can_be_read(document: Path) -> None:
    for block in re.findall(r"^```json\n(.*?)^```", (ROOT / document).read_text(), re.DOTALL | re.MULTILINE):
        json.loads(block)


def test_records_in_documents_can_be_imported() -> None:
    """Lines of ``jsonl`` blocks are tickets; what is shown to send to an operation is what it takes."""
    texts = {document: (ROOT / document).read_text() for document in DOCUMENTS}
    blocks = [one for text in texts.values() for one in re.findall(r"```jsonl\n(.*?)```", text, re.DOTALL)]
    records = [json.loads(line) for block in blocks for line in block.splitlines()]
    assert len(records) >= 4
    for record in records:
        WriteBackLine.model_validate(shaped(record))
    for document, number, kind in (
        ("docs/guides/ticket-systems.md", 0, WriteBackLine),
        ("docs/guides/write-back.md", 0, WriteBackIn),
        ("docs/guides/write-back.md", 2, FeedbackIn),
        ("docs/guides/redaction.md", 0, RedactionPolicyIn),
    ):
        shown = re.findall(r"```json\n(.*?)```", texts[Path(document)], re.DOTALL)
        kind.model_validate_json(shown[number])


def unknown_fields(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> list[str]:
    """The fields of a value, at any depth, that its schema does not have."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        return [name for one in value for name in unknown_fields(one, schema["items"], schemas)]
    if not isinstance(value, dict):
        return []
    known = schema["properties"]
    deeper = (unknown_fields(one, known[name], schemas) for name, one in value.items() if name in known)
    return [*(name for name in value if name not in known), *(name for names in deeper for name in names)]


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (DECISIONS / "dependencies.md").read_text()
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (one for group in groups for one in group):
        name = re.split(r"[<>=\[]", requirement)[0]
        assert f"**{name}**" in reasons, f"{name} is missing in docs/decisions/dependencies.md"


def test_every_decision_is_in_the_index_and_has_context_and_decision() -> None:
    listed = re.findall(r"^- \[(.*)\]\(([^)]*)\)", (DECISIONS / "README.md").read_text(), re.MULTILINE)
    written = {path.name: path.read_text() for path in DECISIONS.glob("*.md") if path.name != "README.md"}
    del written["dependencies.md"]
    assert sorted(name for _, name in listed) == sorted(written)
    for title, name in listed:
        assert written[name].startswith(f"# {title}\n")
        assert "\n**Context.** " in written[name]
        assert "\n**Decision.** " in written[name]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_lead_somewhere(document: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)", text_of(document)):
        path = (ROOT / document).parent / target if target else ROOT / document
        assert path.exists(), f"{document} points to {target}"
        assert not anchor or anchor in anchors(path), f"{document} points to {target}#{anchor}"


def test_the_index_lists_every_page() -> None:
    docs = ROOT / "docs"
    listed = set(re.findall(r"\]\(([^)#]*\.md)\)", (docs / "README.md").read_text()))
    pages = {str(path.relative_to(docs)) for path in docs.rglob("*.md") if path != docs / "README.md"}
    assert listed == {page for page in pages if not page.startswith("decisions/")} | {"decisions/README.md"}


def test_what_is_read_first_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 80
    assert len((ROOT / "docs" / "benchmarks.md").read_text().splitlines()) <= 120


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_lines_are_short(document: Path) -> None:
    lines = (ROOT / document).read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 120] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYMENT], ids=str)
def test_settings_that_are_named_exist(document: Path) -> None:
    named = set(re.findall(r"KBSEARCH_([A-Z_]*[A-Z])", (ROOT / document).read_text()))
    assert named <= {name.upper() for name in Settings.model_fields} | {"ALL_TESTS"}


def text_of(document: Path) -> str:
    """The document without its code, in which nothing is a link or a heading."""
    return re.sub(r"^( *)```.*?^\1```", "", (ROOT / document).read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """Of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_sample_articles_have_both_languages() -> None:
    slugs: dict[str, set[str]] = {}
    for path in (ROOT / "articles").glob("*/*.md"):
        slug, language = path.stem.rsplit(".", 1)
        slugs.setdefault(f"{path.parent.name}/{slug}", set()).add(language)
    assert len(slugs) >= 60
    assert all(languages == {"en", "bg"} for languages in slugs.values())


def test_the_image_is_built_from_files_that_exist_and_are_sent() -> None:
    sources = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Containerfile").read_text(), re.MULTILINE)
    names = {name for line in sources for name in line.split()}
    sent = set(re.findall(r"^!(.*)$", (ROOT / ".containerignore").read_text(), re.MULTILINE))
    assert len(names) >= 5
    assert names <= sent
    assert all((ROOT / name).exists() for name in names)


def test_the_unit_starts_what_the_guide_installs() -> None:
    unit = (ROOT / "docs" / "operations" / "kbsearch.service").read_text()
    [program] = re.findall(r"^ExecStart=(\S+) serve$", unit, re.MULTILINE)
    assert program in (ROOT / "docs" / "operations" / "deploy.md").read_text()
    assert "\nUser=kbsearch\n" in unit
