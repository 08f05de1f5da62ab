import json

import pytest

from kbsearch.evaluation.collections import JudgedQuery
from kbsearch.evaluation.languages import in_other_languages, known_items, new_issue_auroc, read_unanswerable, tickets
from kbsearch.evaluation.run import TENANT, evaluate
from kbsearch.model import Ticket


def _write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def articles(tmp_path):
    return _write(
        tmp_path / "kb" / "bg.jsonl",
        {"id": "p", "title": "Принтер", "english_title": "printer", "body": "Включете принтера printer"},
        {"id": "v", "title": "Тунел", "english_title": "tunnel", "body": "Пуснете тунела tunnel"},
        {"id": "e", "title": "Празна", "english_title": "empty", "body": " "},
    )


@pytest.fixture
def judged(tmp_path):
    folder = tmp_path / "bg_tickets"
    _write(
        folder / "queries.jsonl",
        {"_id": "1", "text": "Принтер", "metadata": {"corpus": "bg", "style": "plain", "lang": "bg"}},
        {"_id": "2", "text": "printer", "metadata": {"corpus": "bg", "style": "latin", "lang": "en-US"}},
        {"_id": "3", "text": "Принтер", "metadata": {"corpus": "en", "style": "plain", "lang": "bg"}},
    )
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\tp\t2\n2\tp\t1\n3\tp\t1\n")
    _write(folder / "corpus.jsonl", {"_id": "p", "title": "printer", "text": "printer"})
    return folder


def test_titles_find_bodies_and_english_titles(articles, knowledge):
    titles, english, crossing = known_items(articles)
    assert [one.name for one in (titles, english, crossing)] == [
        "bg: title -> body",
        "bg: english_title -> body",
        "bg: title -> english_title",
    ]
    assert titles.corpus == english.corpus != crossing.corpus
    assert {query.ticket.subject for query in english.queries} == {"printer", "tunnel"}
    assert {article.title for article in crossing.articles} == {"printer", "tunnel"}
    assert evaluate(knowledge, english, lambda *_: None).metrics["hit@1"] == 1.0


def test_tickets_of_a_corpus_are_measured_by_style_too(articles, judged):
    whole, plain, latin = tickets(judged, articles)
    assert [one.name for one in (whole, plain, latin)] == [
        "bg_tickets -> bg",
        "bg_tickets -> bg, plain",
        "bg_tickets -> bg, latin",
    ]
    assert [query.id for query in whole.queries] == ["1", "2"]
    assert [query.id for query in latin.queries] == ["2"]


def test_queries_in_other_languages(judged):
    assert [query.id for query in in_other_languages(judged).queries] == ["1", "3"]


def test_tickets_without_an_answer_are_recognised_by_confidence(articles, knowledge, tmp_path):
    collection, *_ = known_items(articles)
    evaluate(knowledge, collection, lambda *_: None)
    unanswerable = read_unanswerable(_write(tmp_path / "none.jsonl", {"text": "Кафе машина\n\nТече"}))
    assert unanswerable == [Ticket("Кафе машина", "Тече")]
    answered = [JudgedQuery("1", Ticket("Включете принтера"), {"p": 1})]
    assert new_issue_auroc(knowledge, TENANT, answered, unanswerable) == 1.0
    assert new_issue_auroc(knowledge, TENANT, answered, [answered[0].ticket]) == 0.5
