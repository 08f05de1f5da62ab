"""``kbsearch redaction``: each tenant's policy, and how well redaction does."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from kbsearch.bootstrap import opened_redaction
from kbsearch.cli.options import as_this_user, data_option, existing, json_option, tenant_option
from kbsearch.cli.output import out, plain, print_json, say
from kbsearch.errors import BrokenFile, InvalidInput
from kbsearch.evaluation.redaction import LabelledLine, RedactionResult, labelled, measure
from kbsearch.knowledge.sealing import new_key
from kbsearch.model import RedactionPolicy, TenantId
from kbsearch.text.redaction import Kind, Redactor

_KIND = click.Choice([kind.value for kind in Kind])
_FAULTS_PRINTED = 50


@click.group()
def redaction() -> None:
    """What is removed from texts before they are stored."""


@redaction.command()
@data_option
@tenant_option
@click.option("--off", multiple=True, type=_KIND, help="Leave this kind in the text.")
@click.option("--on", multiple=True, type=_KIND, help="Remove this kind again.")
@click.option(
    "--word", "words", multiple=True, help="Remove this word of the company, for example the name of a project."
)
@click.option("--keep", "kept", multiple=True, help="Leave this text although it looks like personal data.")
@click.option("--forget", multiple=True, help="Remove an entry from both lists.")
@click.option("--raw/--no-raw", default=None, help="Also keep the original texts of tickets; --no-raw erases them.")
@json_option
def policy(
    data_dir: Path | None,
    tenant: TenantId,
    off: tuple[str, ...],
    on: tuple[str, ...],
    words: tuple[str, ...],
    kept: tuple[str, ...],
    forget: tuple[str, ...],
    raw: bool | None,
    as_json: bool,
) -> None:
    """Show or change a tenant's policy. A change applies to what is written from then on."""
    with opened_redaction(existing(data_dir=data_dir)) as service, as_this_user():
        before = service.policy(tenant)
        wanted = RedactionPolicy(
            off=(before.off | set(off)) - set(on),
            words=_list(before.words, words, forget),
            kept=_list(before.kept, kept, forget),
            keep_raw=before.keep_raw if raw is None else raw,
        )
        if wanted != before:
            service.set_policy(tenant, wanted)
        if wanted.keep_raw and not service.seals:
            say("original texts are stored unencrypted: set KBSEARCH_RAW_KEY ('kbsearch redaction key' creates one)")
    shown = {
        "tenant": tenant,
        "off": sorted(wanted.off),
        "words": list(wanted.words),
        "kept": list(wanted.kept),
        "keep_raw": wanted.keep_raw,
    }
    if as_json:
        print_json(shown)
    else:
        for name, value in shown.items():
            out.print(plain(f"{name}: {', '.join(value) or '-' if isinstance(value, list) else value}"))


@redaction.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--off", multiple=True, type=_KIND, help="Leave this kind in the text.")
@json_option
def check(file: Path, off: tuple[str, ...], as_json: bool) -> None:
    """Measure recall and precision on a FILE of labelled lines.

    What must be removed is marked ``[[kind|…]]``; a line without a mark must stay as it is. Exit code 1 if anything was
    missed or removed wrongly; such lines are listed by number, never printed.
    """
    result = measure(Redactor(RedactionPolicy(off=frozenset(off))), _read(file))
    if as_json:
        print_json(_as_json(result))
    else:
        out.print(_table(result))
        out.print(f"{result.clean} of {result.lines} lines have no mark; {result.spoilt} of these were changed")
    for line, what in result.faults[:_FAULTS_PRINTED]:
        say(f"{file}:{line}: {what}")
    if result.faults:
        raise click.exceptions.Exit(1)


@redaction.command()
@click.argument("ticket_id")
@data_option
@tenant_option
def raw(ticket_id: str, data_dir: Path | None, tenant: TenantId) -> None:
    """Print the original texts of a ticket, if the tenant's policy keeps them."""
    with opened_redaction(existing(data_dir=data_dir)) as service:
        print_json(service.raw(tenant, ticket_id))


@redaction.command()
def key() -> None:
    """Create a key for KBSEARCH_RAW_KEY. Without it the original texts are lost; keep it apart from the backups."""
    click.echo(new_key())


def _list(before: tuple[str, ...], added: tuple[str, ...], dropped: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in (*before, *added) if word.strip() and word not in dropped))


def _read(file: Path) -> list[LabelledLine]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenFile(str(file), "it cannot be read as UTF-8 text") from error
    read: list[LabelledLine] = []
    for number, line in enumerate(lines, 1):
        try:
            read.append(labelled(line))
        except InvalidInput as error:
            raise BrokenFile(str(file), error.detail, number) from None
    return read


def _as_json(result: RedactionResult) -> dict[str, object]:
    kinds = {
        str(kind): {
            "found": one.found,
            "missed": one.missed,
            "spurious": one.spurious,
            "recall": round(one.recall, 4),
            "precision": round(one.precision, 4),
        }
        for kind, one in result.kinds.items()
    }
    return {"lines": result.lines, "clean": result.clean, "spoilt": result.spoilt, "kinds": kinds}


def _table(result: RedactionResult) -> Table:
    table = Table("kind", "marked", "missed", "spurious", "recall", "precision")
    for name, one in (*result.kinds.items(), ("all", result.total)):
        table.add_row(
            str(name),
            str(one.found + one.missed),
            str(one.missed),
            str(one.spurious),
            f"{one.recall:.3f}",
            f"{one.precision:.3f}",
        )
    return table
