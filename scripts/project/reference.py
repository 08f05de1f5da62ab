#!/usr/bin/env python
"""Write docs/reference from the code: commands, settings, roles, problems and metrics.

    python -m scripts.project.reference

Run it after a change of a command, a setting, a route, a kind of problem or a metric.

tests/test_docs.py fails while the pages differ from the code.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from prometheus_client.parser import text_string_to_metric_families
from pydantic_core import PydanticUndefined

from kbsearch.api.access import ACCESS, Rule
from kbsearch.api.app import create_app
from kbsearch.api.description import described
from kbsearch.api.metrics import Metrics
from kbsearch.api.problem_kinds import all_kinds
from kbsearch.api.service import Service
from kbsearch.cli import cli
from kbsearch.model import Role
from kbsearch.settings import Settings

FOLDER = Path(__file__).parents[2] / "docs" / "reference"

_WIDTH = 120
_HEADER = "<!-- Written by python -m scripts.project.reference from the code. Do not edit. -->\n\n"

_COMMANDS = """
# Commands

Every command has `--help`. Exit codes: 0 success, 1 failure (the last line on stderr gives the reason and the remedy),
2 wrong usage, 130 interrupted. Results go to stdout, progress and messages to stderr. Options that name a setting
override the environment variable.
"""

_SETTINGS = """
# Settings

Settings are environment variables. `kbsearch serve` reads them once at its start; all other commands use
`KBSEARCH_DATA_DIR`, `KBSEARCH_MODEL`, `KBSEARCH_EXPORT_DIR` and `KBSEARCH_RAW_KEY`.
"""

_ROLES = r"""
# Roles

Which role may call which operation of the HTTP API. The roles of people form a ladder: an `engineer` may do what an
`agent` may, a `lead` what an `engineer` may, and an `admin` everything. `system` is for ticket systems, `monitor` for a
metrics scraper. [Tenants and roles](../guides/tenants-and-roles.md) explains how to assign roles, and which changes of
an article only a lead may make.

✓\*: not for the tenant `shared`. ✓\*\*: only with a credential that also covers the tenant `shared`.
"""

_PROBLEMS = """
# Problems

Every error is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem with the media type
`application/problem+json`:

```json
{"type": "urn:kbsearch:problem:invalid-value", "title": "A value cannot be used", "status": 422,
 "detail": "1 value in the body cannot be used; see errors", "instance": "/v1/suggest",
 "errors": [{"pointer": "/ticket/subject", "detail": "it must not be empty"}]}
```

Tell problems apart by `type`: it never changes. `title` and `detail` are for people and may be reworded. `errors` comes
with status 422 and names each value by JSON Pointer (RFC 6901); a query parameter is named like `/limit`. A problem
never repeats a text that was sent. The header `X-Request-ID` identifies the request in the server's log.
"""

_METRICS = """
# Metrics

`GET /metrics` answers in the text format of Prometheus. It needs a key of the role `monitor` or `admin`. Metrics start
at 0 with the server; no tenant, id or text is a label. [Monitoring](../operations/monitoring.md) says what to watch.
"""


def pages() -> dict[str, str]:
    """The text of each page by its file name."""
    made = {
        "commands.md": _COMMANDS + "".join(_commands(cli, "kbsearch")),
        "settings.md": _SETTINGS + "".join(_settings()),
        "roles.md": _ROLES + _roles(),
        "problems.md": _PROBLEMS + "".join(_problems()),
        "metrics.md": _METRICS + "\n" + "".join(_metrics()),
    }
    return {name: _HEADER + text.strip() + "\n" for name, text in made.items()}


def _commands(command: click.Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    if path != cli.name and not isinstance(command, click.Group):
        yield f"\n## {path}\n\n```\n{context.command_path} {' '.join(command.collect_usage_pieces(context))}\n```\n"
        yield f"\n{_prose(command.help or '')}\n\n"
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                names, text = parameter.get_help_record(context) or ("", "")
                yield _item(f"`{names}`", text)
    for name, child in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _commands(child, f"{path} {name}")


def _settings() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        assert field.default is not PydanticUndefined
        default = "unset" if field.default is None else f"`{field.default}`"
        yield f"\n### `KBSEARCH_{name.upper()}`\n\nDefault: {default}.{_bounds(field.metadata)}\n\n"
        yield _wrapped(field.description or "") + "\n"


def _bounds(metadata: list[Any]) -> str:
    least = next((one.ge for one in metadata if hasattr(one, "ge")), None)
    most = next((one.le for one in metadata if hasattr(one, "le")), None)
    if least is None:
        return ""
    return f" At least {least:,}." if most is None else f" From {least:,} to {most:,}."


def _roles() -> str:
    document = described(create_app(Service()))
    rules = {(method, path.replace(":path}", "}")): rule for (method, path), rule in ACCESS.items()}
    head = ["operation", *(role.value for role in Role)]
    rows = [head, ["---"] * len(head)]
    described_ones = [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]
    others = [one for one, rule in rules.items() if not rule.page and one not in described_ones]
    for one in (*described_ones, *others):
        if rule := rules.get(one):
            rows.append([f"`{' '.join(one)}`", *(_cell(rule, role) for role in Role)])
    open_ones = [f"`{' '.join(one)}`" for one in described_ones if one not in rules]
    unrestricted = [one for one in open_ones if "/hooks/" not in one]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    pages = "the descriptions of the API (`/openapi.json`, `/docs`, `/redoc`) and the page `/sign-in`"
    open_to_all = f"No credential is needed for {', '.join(unrestricted)}, {pages}."
    signed = "A message to `POST /v1/hooks/{source}` proves itself by the signature of the ticket system."
    return f"\n{table}\n{_wrapped(f'{open_to_all} {signed}')}\n"


def _cell(rule: Rule, role: Role) -> str:
    if role not in rule.roles:
        return ""
    if rule.into_shared:
        return "✓\\*\\*"
    return "✓" if role in rule.in_shared else "✓\\*"


def _problems() -> Iterator[str]:
    for kind in all_kinds():
        yield f"\n## {kind.status} {kind.name}\n\n`{kind.type}`\n\n{_wrapped(f'{kind.title}. {kind.advice}')}\n"


def _metrics() -> Iterator[str]:
    for metric in text_string_to_metric_families(Metrics({}).text().decode()):
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        yield _item(f"`{name}` ({metric.type})", metric.documentation)


def _item(term: str, text: str) -> str:
    return textwrap.fill(f"- {term}: {text}", _WIDTH, subsequent_indent="  ", **_WHOLE_WORDS) + "\n"


def _prose(text: str) -> str:
    return "\n\n".join(_wrapped(paragraph) for paragraph in text.replace("``", "`").split("\n\n"))


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), _WIDTH, **_WHOLE_WORDS)


_WHOLE_WORDS: Mapping[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
