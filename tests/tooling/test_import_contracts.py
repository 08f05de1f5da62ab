"""Each import contract of pyproject.toml finds the import that its name forbids, in a module that is new to it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"

FORBIDDEN = {
    "layers of packages": ("text/new.py", "kbsearch.ranking"),
    "faiss only in index.local": ("index/new.py", "faiss"),
    "sqlite only in store.sqlite": ("store/new.py", "sqlite3"),
    "torch only in embedding": ("index/local/new.py", "torch"),
    "onnxruntime only in embedding": ("cli/new.py", "onnxruntime"),
    "fastapi only in api, web and cli": ("new.py", "fastapi"),
    "mcp only in api.mcp": ("api/routes/new.py", "mcp"),
    "a store engine behind its port, chosen by bootstrap and commands on its files": (
        "store/engine.py",
        "kbsearch.store.sqlite.database",
    ),
    "an index engine behind its port, chosen by bootstrap": ("knowledge/indexing/new.py", "kbsearch.index.local.index"),
    "packages of knowledge": ("knowledge/indexing/later.py", "kbsearch.knowledge.questions.suggesting"),
    "modules of the index": ("index/vectors.py", "kbsearch.index.port"),
    "migrations import text rules only as todays_rules": (
        "store/sqlite/migrations/m9999_new.py",
        "kbsearch.text.fixes",
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the package with one forbidden import for each contract."""
    root = tmp_path_factory.mktemp("contracts")
    shutil.copytree(ROOT / "kbsearch", root / "kbsearch", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for path, module in FORBIDDEN.values():
        file = root / "kbsearch" / path
        before = file.read_text() if file.exists() else ""
        file.write_text(f"{before}\nimport {module}\n")
    return subprocess.run([LINT, "--no-cache"], cwd=root, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_import_is_found(report: str, name: str) -> None:
    assert f"{name} BROKEN" in report


def test_every_contract_is_tried() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in settings["contracts"]} == set(FORBIDDEN)
