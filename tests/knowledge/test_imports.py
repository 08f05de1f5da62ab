"""What holds for imports of both kinds, however their batches overlap."""

import gc
import threading
from collections import Counter
from dataclasses import replace

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statements import counted_statements

from kbsearch.knowledge.writing.article_imports import ImportedArticle
from kbsearch.model import Article, ArticleState
from knowledge.embedders import CountingEmbedder
from knowledge.made import ACME, ACMES, answers, found, put, resolve, resolved, said

LOG = f"log {'-' * 150} " * 45  # so long that a few of them fill a batch
FIXES = ("Restarted the print spooler", "Replaced the cable of it", "done")


def _ticket(number, subject="Printer offline", fix=FIXES[0], log=LOG, **other):
    return resolved(f"T-{number}", subject, fix, {"description": log}, **other)


def _article(number, fix=FIXES[0], log=LOG):
    return ImportedArticle(Article(f"a{number}", f"Printer {number} offline", (log,), resolution=fix))


def _numbered(items):
    return [(n + 1, item) for n, item in enumerate(items)]


def _import(kb, items):
    base = kb.articles if isinstance(items[0], ImportedArticle) else kb.tickets
    return list(base.import_lines(ACME, _numbered(items)))


@pytest.fixture(autouse=True)
def _no_thread_is_left():
    yield
    gc.collect()
    assert [one for one in threading.enumerate() if one.name.startswith("kbsearch-prepare")] == []


# -- the same as one by one --------------------------------------------------------------------------------

_WRITTEN = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(FIXES), st.sampled_from(["Printer offline", "vpn drops"])),
    min_size=1,
    max_size=40,
)


@pytest.fixture
def bases(open_base, tmp_path):
    numbers = iter(range(1_000))
    return lambda: open_base(tmp_path / str(next(numbers)))


@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_WRITTEN, _WRITTEN)
def test_an_import_of_tickets_equals_writing_back_one_by_one(bases, first, second):
    one_by_one, imported = bases(), bases()
    for some in (first, second):
        items = [_ticket(id, subject, fix) for id, fix, subject in some]
        before = one_by_one.revision(ACMES)
        for item in items:
            one_by_one.tickets.resolve(ACME, item)
        *_, report = _import(imported, items)
        assert (report.accepted, report.errors, report.line) == (len(items), (), len(items))
        assert report.accepted - report.unchanged == one_by_one.revision(ACMES) - before
        assert report.revision == one_by_one.revision(ACMES)
    assert answers(imported, ACMES) == answers(one_by_one, ACMES)
    for id in {id for id, *_ in first + second}:
        ours, theirs = (base.tickets.get(ACME, f"T-{id}") for base in (imported, one_by_one))
        assert (ours.outcome, ours.solution, ours.revision) == (theirs.outcome, theirs.solution, theirs.revision)


@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(FIXES)), min_size=1, max_size=40))
def test_an_import_of_articles_equals_putting_one_by_one(bases, written):
    one_by_one, imported = bases(), bases()
    items = [_article(id, fix) for id, fix in written]
    for item in items:
        one_by_one.articles.put(ACME, item.article)
    *_, report = _import(imported, items)
    assert (report.accepted, report.revision) == (len(items), one_by_one.revision(ACMES))
    assert answers(imported, ACMES) == answers(one_by_one, ACMES)


def test_an_id_that_comes_again_batches_later_replaces(kb):
    first, second = FIXES[:2]
    items = [_ticket(n % 20, fix=fix) for fix in (first, second, first) for n in range(20)]
    reports = _import(kb, items)
    assert len(reports) > 3
    assert (reports[-1].accepted, reports[-1].unchanged) == (60, 0)
    assert kb.tickets.get(ACME, "T-7").resolution.text == first
    assert kb.count()[0] == 20


def test_what_is_stored_is_unchanged_until_a_batch_before_changes_it(kb):
    first, second = FIXES[:2]
    _import(kb, [_ticket(0, fix=first)])
    filling = [_ticket(n) for n in range(1, 30)]
    items = [_ticket(0, fix=first), *filling, _ticket(0, fix=second), *filling, _ticket(0, fix=first)]
    *_, report = _import(kb, items)
    assert report.unchanged == 1 + len(filling)
    assert kb.tickets.get(ACME, "T-0").resolution.text == first


def test_a_line_sees_which_solutions_the_lines_before_left(kb):
    resolve(kb, "T-0", "Printer offline", FIXES[0])
    solution = kb.tickets.get(ACME, "T-0").solution
    items = [
        resolved("T-1", "Printer dark", "see there", solution_id=solution.id),
        resolved("T-0", "Printer offline", FIXES[1]),
        resolved("T-2", "Printer dark", FIXES[1]),
        resolved("T-1", "Printer dark", "done"),  # the last ticket of the solution leaves it
        resolved("T-3", "Printer dark", "see there", solution_id=solution.id),
    ]
    *_, report = _import(kb, items)
    assert [line for line, _ in report.errors] == [5]
    first, second, third = (kb.tickets.get(ACME, f"T-{n}").solution for n in range(3))
    assert first == third != solution
    assert second is None


def test_an_archived_article_is_stored_and_not_found(kb):
    item = _article(1)
    _import(kb, [item, ImportedArticle(replace(item.article, state=ArticleState.ARCHIVED))])
    assert kb.articles.get(ACMES, "a1").article.state == ArticleState.ARCHIVED
    assert found(kb, "printer") == []


# -- batches -----------------------------------------------------------------------------------------------


def test_reports_come_in_order_and_say_what_is_stored(kb):
    lines = _numbered([_ticket(n) if n % 3 else f"line {n + 1} is broken" for n in range(60)])
    before = 0
    for report in kb.tickets.import_lines(ACME, lines):
        assert report.line == report.accepted + len(report.errors) > before
        assert kb.count()[0] == report.accepted
        before = report.line
    assert before == 60
    assert [line for line, _ in report.errors] == list(range(1, 60, 3))


def test_no_text_is_embedded_twice_though_batches_overlap(kb, embedders):
    _import(kb, [_ticket(n, log=f"{LOG} number {n % 3}") for n in range(60)])
    assert Counter(embedders["hashing"].documents).most_common(1)[0][1] == 1
    embedders["hashing"].documents.clear()
    _import(kb, [_ticket(n, log=f"{LOG} number {n % 3}") for n in range(60)])
    assert embedders["hashing"].documents == []


def test_an_import_that_is_closed_keeps_what_it_reported(kb):
    reports = kb.tickets.import_lines(ACME, _numbered([_ticket(n) for n in range(60)]))
    first = next(reports)
    reports.close()
    assert kb.count()[0] == first.accepted < 60
    _import(kb, [_ticket(n) for n in range(60)])
    assert kb.count()[0] == 60


class Broken(Exception):
    pass


def test_an_error_of_the_source_comes_through(kb):
    def lines():
        yield from _numbered([_ticket(n) for n in range(60)])
        raise Broken

    reports = []
    with pytest.raises(Broken):
        reports.extend(kb.tickets.import_lines(ACME, lines()))
    assert kb.count()[0] == (reports[-1].accepted if reports else 0)


class BreakingEmbedder(CountingEmbedder):
    """Fails at one text."""

    def embed_documents(self, texts):
        if any("number 41" in text for text in texts):
            raise Broken
        return super().embed_documents(texts)


def test_an_error_of_the_model_comes_through(open_base):
    kb = open_base(embedder=BreakingEmbedder())
    reports = []
    with pytest.raises(Broken):
        reports.extend(
            kb.tickets.import_lines(ACME, _numbered([_ticket(n, log=f"{LOG} number {n}") for n in range(60)]))
        )
    assert kb.count()[0] == reports[-1].accepted <= 41


def test_a_generation_switched_meanwhile_gets_every_line(kb, open_base):
    other = open_base()
    reports = kb.tickets.import_lines(ACME, _numbered([_ticket(n, log=f"{LOG} number {n}") for n in range(60)]))
    next(reports)
    other.reindexing.run("other")
    *_, report = reports
    assert report.accepted == 60
    assert kb.count()[0] == 60
    assert kb.model_id == "other@32"
    assert len(said(kb, "offline")) == 60
    put(kb)
    assert answers(kb, ACMES) == answers(open_base(), ACMES)


# -- statements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [_article, _ticket])
@pytest.mark.parametrize("again", [False, True])
def test_an_import_reads_no_more_often_for_more_documents(bases, monkeypatch, make, again):
    def statements(count):
        with counted_statements(monkeypatch) as run:
            kb = bases()
            if again:
                _import(kb, [make(n, fix=f"{FIXES[1]} {n}", log="") for n in range(count)])
            del run[:]
            _import(kb, [make(n, fix=f"{FIXES[0]} {n}", log="") for n in range(count)])
            return list(run)

    few, many = statements(10), statements(100)
    reads = [sum(one.startswith("SELECT") for one in some) for some in (few, many)]
    assert reads[1] <= reads[0], Counter(one[:60] for one in many if one.startswith("SELECT")).most_common(5)
    assert (len(many) - len(few)) / 90 < 16  # the entry in the audit log is traced with its trigger
