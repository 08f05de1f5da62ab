"""Why a solution may not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from kbsearch.model import ArticleState, Evidence, Solution, Ticket
from kbsearch.ranking.evidence import PROVEN_FROM
from kbsearch.ranking.languages import language_name
from kbsearch.ranking.products import other_products
from kbsearch.text.error_codes import Codes, error_codes, other_codes
from kbsearch.text.language import primary, same_language

_OLD = timedelta(days=730)
_UNUSED = timedelta(days=365)
_VERSION = re.compile(r"^(?P<product>.*?)[\s-]*(?P<version>v?\d[\w.]*)$")
_CODES_NAMED = 3


class Doubt(StrEnum):
    """A kind of caution, the gravest first."""

    ENVIRONMENT = "environment"
    CODE = "code"
    FAILED = "failed"
    DOUBTED = "doubted"
    RIVAL = "rival"
    WIP = "wip"
    NOT_VALIDATED = "not_validated"
    AGE = "age"
    UNUSED = "unused"
    LANGUAGE = "language"


_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "environment": "environment differs: it was written for {written_for}",
        "code": "it is about another code: {codes}",
        "wip": "somebody is still working on this article",
        "not_validated": "not validated yet",
        "age": "last changed in {year}",
        "unused": "last solved a ticket in {year}",
        "failed": "tickets that it failed: {failed}, that it solved: {solved}",
        "doubted": "agents who found it wrong or outdated: {failed}, who solved a ticket with it: {solved}",
        "language": "written in {language}",
        "rival": "another fix fits better, but it is not validated yet: compare both",
    },
    "bg": {
        "environment": "средата е друга: написано е за {written_for}",
        "code": "отнася се за друг код: {codes}",
        "wip": "по тази статия още се работи",
        "not_validated": "още не е потвърдено",
        "age": "последно променено през {year} г.",
        "unused": "последната заявка, решена с него, е от {year} г.",
        "failed": "заявки, при които не е помогнало: {failed}, решени с него: {solved}",
        "doubted": "агенти, според които е грешно или остаряло: {failed}, решили с него заявка: {solved}",
        "language": "написано е на {language}",
        "rival": "друго решение съвпада по-добре, но още не е потвърдено: сравнете двете",
    },
}


def cautions(
    ticket: Ticket,
    solution: Solution,
    now: datetime,
    language: str,
    issue: str = "",
    codes: Codes | None = None,
    has_rival: bool = False,
) -> tuple[str, ...]:
    """One short sentence for each doubt, the gravest first.

    Another environment or error code, more failures than successes by tickets or by what agents said, an unconfirmed
    state, age, a long time without success, another language than the ticket's.

    Args:
        ticket: as it was asked.
        solution: with its evidence.
        now: aware, UTC.
        language: of the ticket; the sentences are in Bulgarian for ``bg``, else in English.
        issue: what the solution says of its issue besides the title.
        codes: the ticket's error codes, where they are known already.
        has_rival: whether a likelier fix stands behind it because it is not proven.
    """
    words = _WORDS.get(primary(language), _WORDS["en"])
    return tuple(
        words[doubt].format(**facts)
        for doubt, facts in _doubts(ticket, solution, now, language, issue, codes, has_rival)
    )


def doubts(
    ticket: Ticket,
    solution: Solution,
    now: datetime,
    issue: str = "",
    codes: Codes | None = None,
    has_rival: bool = False,
) -> frozenset[Doubt]:
    """The kinds of cautions(), but for the language."""
    own_language = solution.language or ""
    return frozenset(doubt for doubt, _ in _doubts(ticket, solution, now, own_language, issue, codes, has_rival))


def _doubts(
    ticket: Ticket,
    solution: Solution,
    now: datetime,
    language: str,
    issue: str,
    codes: Codes | None,
    has_rival: bool,
) -> Iterator[tuple[Doubt, Mapping[str, object]]]:
    for product, versions in _other_versions(ticket, solution):
        yield Doubt.ENVIRONMENT, {"written_for": f"{product} {', '.join(sorted(versions))}"}
    for products in other_products(ticket.environment, ticket.text, solution.environment):
        yield Doubt.ENVIRONMENT, {"written_for": ", ".join(products)}
    about = f"{solution.title}\n{issue}\n{solution.cause or ''}"
    asked = error_codes(ticket.text) if codes is None else codes
    if others := other_codes(asked, about, f"{about}\n{solution.resolution}"):
        yield Doubt.CODE, {"codes": ", ".join(others[:_CODES_NAMED])}
    evidence = solution.evidence
    yield from _of_record(evidence, has_rival)
    if solution.state in (ArticleState.WIP, ArticleState.NOT_VALIDATED):
        yield Doubt(str(solution.state)), {}
    if now - solution.updated_at > _OLD:
        yield Doubt.AGE, {"year": solution.updated_at.year}
    if evidence.last_used_at is not None and now - evidence.last_used_at > _UNUSED:
        yield Doubt.UNUSED, {"year": evidence.last_used_at.year}
    if solution.language is not None and not same_language(solution.language, language):
        yield Doubt.LANGUAGE, {"language": language_name(solution.language, language)}


def _of_record(evidence: Evidence, has_rival: bool) -> Iterator[tuple[Doubt, Mapping[str, object]]]:
    if evidence.failed > evidence.solved:
        yield Doubt.FAILED, {"failed": evidence.failed, "solved": evidence.solved}
    if evidence.agents_failed > evidence.agents_solved:
        yield Doubt.DOUBTED, {"failed": evidence.agents_failed, "solved": evidence.agents_solved}
    # What tickets have proven is not doubted for a fix that has solved one or two.
    if has_rival and evidence.solved - evidence.failed < PROVEN_FROM:
        yield Doubt.RIVAL, {}


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
