"""``kbsearch search`` and ``kbsearch suggest``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from kbsearch.api.fields import SUBJECT_CHARACTERS
from kbsearch.api.responses.answers import HitOut, SuggestionOut
from kbsearch.cli.options import data_option, existing, json_option, opened, tenant_option
from kbsearch.cli.output import out, plain, print_json, print_table, say
from kbsearch.model import DocumentKind, Scope, TenantId, Ticket

_STATUS_STYLE = {"known": "green", "unsure": "yellow", "new": "red"}
_RESOLUTION_LINES = 14
_NEAR = 0.25
"""A first hit that scores less has nothing to do with the query (by looking at hits on the sample knowledge)."""


@click.command()
@click.argument("query")
@data_option
@tenant_option
@click.option("--kind", type=click.Choice([kind.value for kind in DocumentKind]), help="Only results of this kind.")
@click.option("--language", help="Only results in this language, for example `bg`.")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True)
@json_option
def search(
    query: str,
    data_dir: Path | None,
    tenant: TenantId,
    kind: str | None,
    language: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search resolved tickets and articles. "Quoted phrases" and error codes match exactly."""
    if not query.strip():
        raise click.UsageError("the query is empty")
    with opened(existing(data_dir=data_dir)) as knowledge:
        wanted = None if kind is None else DocumentKind(kind)
        hits, _ = knowledge.search(Scope(tenant), query, wanted, language, 0, limit)
    if as_json:
        print_json([HitOut.of(hit).model_dump(mode="json") for hit in hits])
        return
    if not hits:
        out.print("nothing found; try other or fewer words")
        return
    if hits[0].score < _NEAR:
        say("nothing is similar to these words; the nearest results are:")
    rows = [(hit.kind, hit.id, hit.title, hit.language or "", hit.snippet[:160]) for hit in hits]
    print_table(("kind", "id", "title", "language", "match"), rows)


@click.command()
@click.argument("subject")
@click.option("--description", default="", help="The ticket's text.")
@data_option
@tenant_option
@click.option("--limit", type=click.IntRange(1, 50), default=3, show_default=True)
@json_option
def suggest(subject: str, description: str, data_dir: Path | None, tenant: TenantId, limit: int, as_json: bool) -> None:
    """Suggest solutions for a ticket, with a verdict."""
    if not subject.strip() or len(subject) > SUBJECT_CHARACTERS:
        raise click.UsageError(f"the subject must have 1 to {SUBJECT_CHARACTERS} characters")
    with opened(existing(data_dir=data_dir)) as knowledge:
        started = time.perf_counter()
        suggestion = knowledge.suggest(Scope(tenant), Ticket(subject=subject, description=description), limit)
        answer = SuggestionOut.of(suggestion, round((time.perf_counter() - started) * 1000, 2))
    if as_json:
        print_json(answer.model_dump(mode="json"))
    else:
        _print_suggestion(answer)


def _print_suggestion(answer: SuggestionOut) -> None:
    verdict = answer.verdict
    style = _STATUS_STYLE[verdict.status]
    out.print(f"[bold {style}]{verdict.status.upper()}[/] → {verdict.action}   {plain(verdict.reason)}")
    for solution in answer.solutions:
        facts: list[Any] = [f"{solution.confidence:.0%} likely", solution.state, solution.tenant]
        if solution.evidence.tickets:
            facts.append(f"{solution.evidence.tickets} tickets")
        out.print(f"\n[bold]{solution.rank}. {plain(solution.title)}[/]  ({plain(solution.solution_id)})")
        out.print(f"   {plain(' · '.join(str(fact) for fact in facts))}")
        for caution in solution.cautions:
            out.print(f"   [yellow]! {plain(caution)}[/]")
        lines = solution.resolution.strip().splitlines()
        for line in lines[:_RESOLUTION_LINES]:
            out.print(f"   {plain(line)}")
        if len(lines) > _RESOLUTION_LINES:
            out.print("   … (--json prints the complete text)")
