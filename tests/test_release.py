"""What is released works outside the repository: the wheel is built, installed, started and asked."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Iterator
from email import message_from_bytes
from importlib.metadata import packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

import kbsearch
from scripts.harness.served import Served

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the installed build backend, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of commands of a fresh environment with the wheel; other packages are those of this environment.

    Commands started meanwhile run in an empty folder and do not find the repository.
    """
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    commands = environment / "bin"
    pip = [sys.executable, "-m", "pip", "--python", commands / "python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheel], check=True)
    # Python does not read the .pth files of a folder that a .pth file names: the editable kbsearch stays out of sight.
    [packages] = environment.glob("lib/python*/site-packages")
    (packages / "shared.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        patch.chdir(tmp_path_factory.mktemp("empty"))
        yield commands


def output(*command: str | Path) -> str:
    return subprocess.check_output(command, text=True, timeout=600).strip()


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "kbsearch").rglob("*"), *(ROOT / "kbsearch" / "samples").rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted
    assert {
        "kbsearch/py.typed",
        "kbsearch/web/templates/base.html",
        "kbsearch/web/locales/bg.po",
        "kbsearch/samples/aurora/tickets.jsonl",
    } <= held


def test_the_wheel_says_whose_it_is(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        [metadata] = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        facts = message_from_bytes(archive.read(metadata))
        assert archive.read(metadata.replace("METADATA", "licenses/LICENSE")) == (ROOT / "LICENSE").read_bytes()
    assert facts["Version"] == kbsearch.__version__
    assert facts["License-Expression"] == "Apache-2.0"
    assert facts["Author"] == "The kbsearch authors"


def test_every_import_comes_with_the_package() -> None:
    """Installed beside the tests' own packages, an import that is missing from pyproject.toml would work here."""
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    optional = PROJECT["optional-dependencies"]
    declared = [re.split(r"[<>=\[;]", one)[0] for one in (*optional["telemetry"], *optional["bench"])]
    allowed = {re.sub(r"[-_.]+", "-", name).lower() for name in ("torch", *locked, *declared)}
    distributions = packages_distributions()
    for path in (ROOT / "kbsearch").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"kbsearch"}:
                brought = {re.sub(r"[-_.]+", "-", one).lower() for one in distributions.get(name, [])}
                assert brought & allowed, f"{path.name} imports {name}, which pyproject.toml does not name"


def test_the_installed_command_tells_its_version(installed: Path) -> None:
    assert output(installed / "kbsearch", "--version") == f"kbsearch, version {kbsearch.__version__}"
    assert Path(output(installed / "python", "-c", "import kbsearch; print(kbsearch.__file__)")).is_relative_to(
        installed.parent
    )


@pytest.mark.model
@pytest.mark.slow
def test_the_installed_package_serves_its_samples(installed: Path) -> None:
    """Started in an empty folder, it knows what the samples tell, shows the page and rebuilds its index."""
    data = Path("data")
    with Served(data, ready_within_s=600, program=[installed / "kbsearch"], options=["--samples"]) as server:
        question = {"ticket": {"subject": "Outlook asks for the password again and again"}}
        answer = server.post("/v1/suggest", question)
        assert answer["verdict"]["status"] == "known"
        assert server.client.get("/").text.startswith("<!doctype html>")
        until = time.monotonic() + 120  # questions are written in the background, and unanswered ones asked again
        for path, groups in (("/v1/desk/outbreaks", "outbreaks"), ("/v1/desk/gaps", "gaps")):
            while not (found := server.get(path)[groups]) and time.monotonic() < until:
                time.sleep(1)
            assert {"aurora", "rodopi"} <= {client for one in found for client in one["clients"]}
        assert server.get("/healthz")["version"] == kbsearch.__version__
        rebuilt = json.loads(output(installed / "kbsearch", "reindex", "--data", data, "--json"))
        assert rebuilt["documents"] > 300
        assert server.post("/v1/suggest", question)["verdict"] == answer["verdict"]
    assert sorted(path.name for path in Path().iterdir()) == ["data", "data.log"]
