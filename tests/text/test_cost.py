"""What any text costs: about as much as an ordinary one of the same size.

Every public function of ``kbsearch.text`` that takes a text or words is found and fed; a new one is fed too.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from adversaries import adversaries, ordinary
from costs import CHARACTERS, TIMES_ORDINARY, cost

import kbsearch.text
from kbsearch.model import Field, RedactionPolicy, Ticket
from kbsearch.text import dictionaries
from kbsearch.text.error_codes import error_codes
from kbsearch.text.intake.boilerplate import is_template
from kbsearch.text.intake.learned import Reported
from kbsearch.text.redaction import Redactor
from kbsearch.text.redaction import finds as redaction_reading
from kbsearch.text.term_counts import packed
from kbsearch.text.trade_lessons import Told
from kbsearch.text.trade_words import shipped
from kbsearch.text.words import terms


def _count_tokens(texts: Sequence[str]) -> list[int]:
    return [len(text) // 4 + 1 for text in texts]


def _known(words: Sequence[str]) -> set[str]:
    return set(words[::2])


_GIVEN: dict[str, Callable[[str], Any]] = {
    "str": lambda text: text,
    "str | None": lambda text: text,
    "Sequence[str]": str.split,
    "Iterable[str]": str.split,
    "list[str]": str.split,
    "frozenset[str]": lambda text: frozenset(text.split()),
    "Sequence[tuple[Field, str]]": lambda text: [(Field.RESOLUTION, text)],
    "bytes": lambda text: packed(text.split(), (), ()),
    "int": len,
    "bool": lambda _: True,
    "float": lambda _: 0.5,
    "CountTokens": lambda _: _count_tokens,
    "Callable[[Sequence[str]], Sequence[int]]": lambda _: _count_tokens,
    "Weigh": lambda _: lambda found: dict.fromkeys(found, 1.0),
    "Sequence[Reported]": lambda text: [Reported(str(at), "x", text[: len(text) // 40], "y") for at in range(40)],
    "Sequence[Told]": lambda text: [
        Told(frozenset(text[: len(text) // 40].split()), frozenset(), frozenset({f"n{at % 3}"}), f"{at}")
        for at in range(40)
    ],
    "Boilerplate": lambda _: is_template,
    "Reading": redaction_reading.Reading,
    "Ticket": lambda text: Ticket(subject=text[:500], description=text),
    "Known": lambda _: _known,
    "Codes": error_codes,
    "Name": lambda text: (text[:100], text[-100:]),
    "RedactionPolicy": lambda _: RedactionPolicy(),
}
_OF_NO_TEXT = {
    "kbsearch.text.remembered.remembered",  # takes a function
    "kbsearch.text.dictionaries.warm_up",
    "kbsearch.text.redaction.finds.group",  # takes a match
}
_MADE: dict[str, Callable[[str], Any]] = {
    "kbsearch.text.passages.split": lambda text: kbsearch.text.passages.split(
        text[:500], [(Field.RESOLUTION, text)], 256, _count_tokens
    ),
}


def found() -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Each public function's name, and how it is called with a text."""
    yield "kbsearch.text.redaction.Redactor.redact", Redactor(RedactionPolicy()).redact
    yield "kbsearch.text.trade_words.TradeWords.with_phrases_named", shipped().with_phrases_named
    for module_info in pkgutil.walk_packages(kbsearch.text.__path__, "kbsearch.text."):
        module = importlib.import_module(module_info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            full = f"{module.__name__}.{name}"
            if name.startswith("_") or function.__module__ != module.__name__ or full in _OF_NO_TEXT:
                continue
            yield full, _MADE.get(full) or _called(full, function)


def _called(name: str, function: Callable[..., Any]) -> Callable[[str], Any]:
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    unknown = [one.annotation for one in needed if one.annotation not in _GIVEN]

    def call(text: str) -> Any:
        assert not unknown, f"tell {__name__} what to give {name} as {unknown}"
        return function(*(_GIVEN[one.annotation](text) for one in needed))

    return call


FUNCTIONS = dict(found())


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return adversaries(CHARACTERS)


@pytest.fixture(scope="module")
def usual_cost() -> float:
    """Of analysing an ordinary text whose words were not seen before: what any function may take."""
    dictionaries.warm_up()
    return max(cost(terms, ordinary(CHARACTERS)), 0.02)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_any_text_costs_about_as_much_as_an_ordinary_one(name: str, texts: dict[str, str], usual_cost: float) -> None:
    call = FUNCTIONS[name]
    usual = max(cost(call, ordinary(CHARACTERS)), usual_cost)
    for kind, text in texts.items():
        bound = TIMES_ORDINARY * usual
        took = cost(call, text)
        if took > bound:  # collecting garbage may have fallen into it
            took = min(took, cost(call, text))
        assert took <= bound, f"{name} takes {took:.2f} s for {kind}, an ordinary text {usual:.2f} s"
