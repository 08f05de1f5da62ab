"""Files that are damaged, missing or others than they were."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from unittest.mock import patch

from scripts.stress.trials.trial import STORE, Outcome, flip, intact, kbsearch, started_whole


def corrupt_snapshot(data: Path) -> Outcome:
    for path in (data / "index").glob("*/*.terms"):
        flip(path, 0.5)
    code, said = kbsearch("check", "--data", data)
    ok = code == 1 and "damaged" in said
    return Outcome(
        "`kbsearch check` reports it; the next start warns and rebuilds the index from the store",
        said,
        ok and started_whole(data),
    )


def missing_snapshot(data: Path) -> Outcome:
    shutil.rmtree(data / "index")
    return Outcome("the next start rebuilds the index from the store, without the model", "", started_whole(data))


def corrupt_page(data: Path) -> Outcome:
    backup = data.parent / "backup"
    made = kbsearch("backup", backup, "--data", data)[0] == 0
    size = (data / STORE).stat().st_size // 4096
    for page in range(size // 3, size, 3):
        flip(data / STORE, page / size)
    code, _ = kbsearch("check", "--data", data)
    _, said = kbsearch("restore", backup, "--data", data)
    refused = "--force" in said
    restored = kbsearch("restore", backup, "--data", data, "--force")[0] == 0
    checked = (
        "`kbsearch check` reports it and advises to restore a backup; with `--force`, restore brings everything back"
    )
    return Outcome(checked, said, made and code == 1 and refused and restored and intact(data))


def damaged_backup(data: Path) -> Outcome:
    backup = data.parent / "backup"
    kbsearch("backup", backup, "--data", data)
    backup.write_bytes(backup.read_bytes()[: backup.stat().st_size // 2])
    code, said = kbsearch("restore", backup, "--data", data, "--force")
    return Outcome("restore refuses it and changes nothing", said, code == 1 and intact(data))


def replaced_model(data: Path) -> Outcome:
    exports = data.parent / "exports"
    shutil.copytree(os.environ["KBSEARCH_EXPORT_DIR"], exports, symlinks=True)
    with patch.dict(os.environ, {"KBSEARCH_EXPORT_DIR": str(exports)}):
        for path in exports.glob("*/*.onnx*"):
            flip(path, 0.5)
        code, _ = kbsearch("search", "printer", "--data", data)
    whole = code == 0
    shutil.rmtree(exports)
    return Outcome("the checksum differs, so the model is exported again, with a warning", "", whole and intact(data))


def other_model(data: Path) -> Outcome:
    with patch.dict(os.environ, {"KBSEARCH_MODEL": "default+int8"}):
        code, said = kbsearch("search", "printer", "--data", data)
    return Outcome(
        "refused, with the command that changes the model", said, code == 1 and "reindex" in said and intact(data)
    )
