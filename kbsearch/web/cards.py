"""What the panel shows of a suggestion: a few cards, each one solution in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from markupsafe import Markup

from kbsearch.model import SHARED, RankedSolution, SolutionKind, TenantId
from kbsearch.text.language import same_language
from kbsearch.web.highlighting import highlighted
from kbsearch.web.markdown import Section, sections, without_marks

LEAST_LIKELY = 0.05
"""What is less likely is not shown: it costs more reading than it helps."""

_INTERNAL = frozenset({"internal", "staff", "agents"})


@dataclass(frozen=True)
class Card:
    """One solution as it is shown. ``twins`` say the same in other languages."""

    suggested: RankedSolution
    client: TenantId
    twins: tuple[Card, ...] = ()

    @property
    def id(self) -> str:
        return self.suggested.solution.ref.id

    @property
    def key(self) -> str:
        """Names the card in the page; ids of solutions may hold any character."""
        ref = self.suggested.solution.ref
        return "s" + blake2b(f"{ref.tenant}\n{ref.id}".encode(), digest_size=6).hexdigest()

    @property
    def is_article(self) -> bool:
        return self.suggested.solution.kind == SolutionKind.ARTICLE

    @property
    def is_internal(self) -> bool:
        """Whether its text is not for the caller."""
        return (self.suggested.solution.audience or "").strip().casefold() in _INTERNAL

    @property
    def is_foreign(self) -> bool:
        """Whether it belongs to another client than the one that was asked for."""
        return self.suggested.solution.ref.tenant not in (self.client, SHARED)

    @cached_property
    def _sections(self) -> list[Section]:
        return sections(self.suggested.solution.resolution, self.is_article)

    @property
    def steps(self) -> list[Section]:
        """The fix itself."""
        return [part for part in self._sections if not part.is_escalation]

    @property
    def escalation(self) -> list[Section]:
        """When and how to hand the ticket on."""
        return [part for part in self._sections if part.is_escalation]

    @property
    def copied(self) -> str:
        """The fix as plain text; when to escalate is for the agent and is left out."""
        return "\n\n".join(part.plain for part in self.steps)

    @property
    def escalation_text(self) -> str:
        """When and how to hand the ticket on, as plain text without the heading."""
        return "\n\n".join(part.plain.removeprefix(part.heading).strip() for part in self.escalation)

    @property
    def match(self) -> Markup | None:
        """The passage that shows best why the solution was found: the one with most words of the question."""
        best = max(self.suggested.matches, key=lambda match: len(match.terms), default=None)
        return None if best is None else highlighted(self._read(best.text), best.terms)

    def _read(self, passage: str) -> str:
        return without_marks(passage) if self.is_article else passage


def cards(suggested: Sequence[RankedSolution], client: TenantId, reader: str) -> list[Card]:
    """The solutions worth showing, the best first, language twins folded into one.

    Args:
        suggested: the best first.
        client: the tenant that was asked for.
        reader: the language of the page; of twins the one in it stands for all.
    """
    groups: dict[tuple[TenantId, str], list[RankedSolution]] = {}
    for one in suggested:
        if one.confidence >= LEAST_LIKELY:
            groups.setdefault((one.solution.ref.tenant, _stem(one)), []).append(one)
    folded: list[Card] = []
    for group in groups.values():
        first, *others = sorted(group, key=lambda one: not same_language(one.solution.language, reader))
        folded.append(Card(first, client, tuple(Card(one, client) for one in others)))
    return folded


def _stem(suggested: RankedSolution) -> str:
    """The id without its language: ``outlook-password.en`` and ``outlook-password.bg`` are one article."""
    solution = suggested.solution
    if solution.kind == SolutionKind.ARTICLE and solution.language:
        return solution.ref.id.removesuffix(f".{solution.language}")
    return solution.ref.id
