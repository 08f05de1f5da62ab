"""The command line in this process: the model is loaded once, its library is imported once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kbsearch.cli import cli

Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a data folder of the test's own."""
    monkeypatch.setenv("KBSEARCH_DATA_DIR", str(data))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return run


def answer(result: Result) -> Any:
    """The JSON that a command printed."""
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def write_article(folder: Path, name: str, title: str, text: str, **more: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in {"title": title, **more}.items())
    path = folder / name
    path.write_text(f"---\n{head}---\n{text}\n", encoding="utf-8")
    return path
