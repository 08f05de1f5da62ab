"""Why a solution may not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from kbsearch.model import ArticleState, Solution, Ticket
from kbsearch.ranking.languages import language_name
from kbsearch.text.language import primary, same_language

_OLD = timedelta(days=730)
_UNUSED = timedelta(days=365)
_VERSION = re.compile(r"^(?P<product>.*?)[\s-]*(?P<version>v?\d[\w.]*)$")
# Codes that name one error: 0x80070005, 5.7.139 as mail servers give it, STOP-like 0x forms without a fixed length.
_CODE = re.compile(r"\b(?:0x[0-9a-f]{4,16}|[45]\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE)
_CODES_NAMED = 3

_WORDS = {
    "en": {
        "environment": "environment differs: it was written for {product} {versions}",
        "code": "it is about another code: {codes}",
        "wip": "somebody is still working on this article",
        "not_validated": "not validated yet",
        "age": "last changed in {year}",
        "unused": "last solved a ticket in {year}",
        "failed": "tickets that it failed: {failed}, that it solved: {solved}",
        "doubted": "agents who found it wrong or outdated: {failed}, who solved a ticket with it: {solved}",
        "language": "written in {language}",
    },
    "bg": {
        "environment": "средата е друга: написано е за {product} {versions}",
        "code": "отнася се за друг код: {codes}",
        "wip": "по тази статия още се работи",
        "not_validated": "още не е потвърдено",
        "age": "последно променено през {year} г.",
        "unused": "последната заявка, решена с него, е от {year} г.",
        "failed": "заявки, при които не е помогнало: {failed}, решени с него: {solved}",
        "doubted": "агенти, според които е грешно или остаряло: {failed}, решили с него заявка: {solved}",
        "language": "написано е на {language}",
    },
}


def cautions(ticket: Ticket, solution: Solution, now: datetime, language: str) -> tuple[str, ...]:
    """One short sentence for each doubt, the gravest first.

    Another environment or error code, more failures than successes by tickets or by what agents said, an unconfirmed
    state, age, a long time without success, another language than the ticket's.

    Args:
        ticket: as it was asked.
        solution: with its evidence.
        now: aware, UTC.
        language: of the ticket; the sentences are in Bulgarian for ``bg``, else in English.
    """
    words = _WORDS.get(primary(language), _WORDS["en"])
    return tuple(words[doubt].format(**facts) for doubt, facts in _doubts(ticket, solution, now, language))


def _doubts(
    ticket: Ticket, solution: Solution, now: datetime, language: str
) -> Iterator[tuple[str, dict[str, object]]]:
    for product, versions in _other_versions(ticket, solution):
        yield "environment", {"product": product, "versions": ", ".join(sorted(versions))}
    if codes := _other_codes(ticket, solution):
        yield "code", {"codes": ", ".join(codes[:_CODES_NAMED])}
    evidence = solution.evidence
    if evidence.failed > evidence.solved:
        yield "failed", {"failed": evidence.failed, "solved": evidence.solved}
    if evidence.agents_failed > evidence.agents_solved:
        yield "doubted", {"failed": evidence.agents_failed, "solved": evidence.agents_solved}
    if solution.state in (ArticleState.WIP, ArticleState.NOT_VALIDATED):
        yield str(solution.state), {}
    if now - solution.updated_at > _OLD:
        yield "age", {"year": solution.updated_at.year}
    if evidence.last_used_at is not None and now - evidence.last_used_at > _UNUSED:
        yield "unused", {"year": evidence.last_used_at.year}
    if solution.language is not None and not same_language(solution.language, language):
        yield "language", {"language": language_name(solution.language, language)}


def _other_versions(ticket: Ticket, solution: Solution) -> list[tuple[str, set[str]]]:
    """Same product, other version; products that only one side names say nothing."""
    asked = _versions(ticket.environment)
    known = _versions(solution.environment)
    return [
        (shown, versions)
        for product, (shown, versions) in known.items()
        if product in asked and asked[product][1].isdisjoint(versions)
    ]


def _versions(environment: tuple[str, ...]) -> dict[str, tuple[str, set[str]]]:
    """Product, casefolded → (as written, its versions)."""
    versions: dict[str, tuple[str, set[str]]] = {}
    for entry in environment:
        if matched := _VERSION.match(entry.strip()):
            product = matched["product"].strip()
            versions.setdefault(product.casefold(), (product, set()))[1].add(matched["version"])
    return versions


def _other_codes(ticket: Ticket, solution: Solution) -> list[str]:
    """The solution's error codes, where both name some and none is the ticket's."""
    asked = {code.casefold() for code in _CODE.findall(ticket.text)}
    known = _CODE.findall(f"{solution.title}\n{solution.cause or ''}\n{solution.resolution}")
    if not asked or not asked.isdisjoint(code.casefold() for code in known):
        return []
    return list(dict.fromkeys(known))
