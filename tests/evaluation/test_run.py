import pytest

from kbsearch.evaluation.collections import Collection, JudgedQuery
from kbsearch.evaluation.run import evaluate
from kbsearch.model import Article, Ticket


def _collection():
    words = {"a": "printer spooler", "b": "vpn tunnel", "c": "mailbox quota"}
    return Collection(
        "small",
        [Article(id=id, title=text, resolution=f"About {text}") for id, text in words.items()],
        [JudgedQuery(f"q-{id}", Ticket(text), {id: 1}) for id, text in words.items()],
    )


def test_a_collection_is_measured_through_the_service(knowledge):
    told = []
    report = evaluate(knowledge, _collection(), lambda *progress: told.append(progress))
    assert (report.collection, report.n, report.model) == ("small", 3, knowledge.model_id)
    assert set(report.metrics.values()) == {1.0}
    assert {id: max(found, key=found.get) for id, found in report.run.items()} == {"q-a": "a", "q-b": "b", "q-c": "c"}
    assert report.latency_ms.keys() == {"p50", "p95", "p99"}
    assert told[-1] == ("asking", 3, 3)
    assert report.summary()["hit@1"] == 1.0


def test_measuring_again_indexes_nothing_again(knowledge):
    evaluate(knowledge, _collection(), lambda *progress: None)
    before = knowledge.count()
    report = evaluate(knowledge, _collection(), lambda *progress: None)
    assert knowledge.count() == before
    assert report.metrics["hit@1"] == 1.0


@pytest.mark.parametrize("queries", [0, 1])
def test_few_queries_can_be_measured(knowledge, queries):
    collection = _collection()
    short = Collection("short", collection.articles, collection.queries[:queries])
    assert evaluate(knowledge, short, lambda *progress: None).n == queries
