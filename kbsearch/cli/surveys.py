"""What ``kbsearch import --mapping`` says of an export, and the file of what it skipped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from kbsearch.cli.output import print_json, print_table, say
from kbsearch.ticketing.exports.mapping import ExportMapping
from kbsearch.ticketing.exports.source import Survey, raw, survey

_REJECTED_SHOWN = 10


def show_surveys(files: Sequence[Path], mapping: ExportMapping, as_json: bool) -> None:
    """Say what each file holds. Nothing is imported."""
    found = [(path, survey(path, mapping)) for path in files]
    if as_json:
        print_json([{"file": str(path), **_fields(one, mapping)} for path, one in found])
        return
    for path, one in found:
        say(
            f"{path}: {_counted(one.records, mapping)} would be imported, {len(one.rejected)} skipped,"
            f" {one.left_out} left out by keep_if"
        )
        filled = [(name, f"{one.filled[name] / max(one.records, 1):.0%}") for name in mapping.fields]
        print_table(("field", "filled"), filled)
        if mapping.tenant is not None:
            print_table(("tenant", mapping.of), [(str(tenant), str(count)) for tenant, count in one.tenants.items()])
        for number, detail in one.rejected[:_REJECTED_SHOWN]:
            say(f"{path}:{number}: would be skipped: {detail}")
        if len(one.rejected) > _REJECTED_SHOWN:
            say(f"… and {len(one.rejected) - _REJECTED_SHOWN} more")


def write_rejects(target: Path, mapping: ExportMapping, errors: Mapping[Path, Mapping[int, str]]) -> None:
    """Write the records that were skipped, as NDJSON, readable by this user only: they are as they were exported."""
    with target.open("w", encoding="utf-8") as out:
        target.chmod(0o600)
        for path, details in errors.items():
            for number, record in raw(path, mapping, details.keys()):
                line = {"file": str(path), "line": number, "detail": details[number], "record": record}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
    count = sum(len(details) for details in errors.values())
    say(f"{count} record{'' if count == 1 else 's'} that were skipped stand in {target}")


def _counted(count: int, mapping: ExportMapping) -> str:
    return f"1 {mapping.of[:-1]}" if count == 1 else f"{count} {mapping.of}"


def _fields(one: Survey, mapping: ExportMapping) -> dict[str, object]:
    return {
        "records": one.records,
        "left_out": one.left_out,
        "filled": {name: one.filled[name] for name in mapping.fields},
        "tenants": {str(tenant): count for tenant, count in one.tenants.items() if tenant is not None},
        "rejected": [{"line": line, "detail": detail} for line, detail in one.rejected],
    }
