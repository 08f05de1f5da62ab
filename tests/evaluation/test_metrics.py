import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.evaluation.metrics import hit_at, ndcg_at, recall_at, reciprocal_rank_at, scores

IDS = [f"d{number}" for number in range(30)]
_RANKED = st.permutations(IDS).flatmap(lambda ids: st.integers(1, len(ids)).map(lambda n: ids[:n]))
_RELEVANT = st.dictionaries(st.sampled_from([*IDS, "never found"]), st.integers(1, 3), min_size=1, max_size=15)


def _trec(ranked, relevant, measure):
    """trec_eval's own figure. It breaks ties by id, so every score differs."""
    run = {id: float(len(ranked) - place) for place, id in enumerate(ranked)}
    [figures] = pytrec_eval.RelevanceEvaluator({"q": relevant}, {measure}).evaluate({"q": run}).values()
    return figures


@given(_RANKED, _RELEVANT)
def test_metrics_equal_those_of_trec_eval(ranked, relevant):
    ours = scores(ranked, relevant)
    assert ours["hit@1"] == _trec(ranked, relevant, "success.1")["success_1"]
    assert ours["recall@5"] == pytest.approx(_trec(ranked, relevant, "recall.5")["recall_5"])
    assert ours["recall@10"] == pytest.approx(_trec(ranked, relevant, "recall.10")["recall_10"])
    assert ours["mrr@10"] == pytest.approx(_trec(ranked[:10], relevant, "recip_rank")["recip_rank"])
    assert ours["ndcg@10"] == pytest.approx(_trec(ranked, relevant, "ndcg_cut.10")["ndcg_cut_10"])


@given(_RANKED, _RELEVANT, st.integers(1, 40))
def test_every_metric_lies_between_nothing_and_one_and_grows_with_depth(ranked, relevant, k):
    for metric in (hit_at, recall_at, reciprocal_rank_at):
        assert 0 <= metric(ranked, relevant, k) <= metric(ranked, relevant, k + 1) <= 1
    assert 0 <= ndcg_at(ranked, relevant, k) <= 1 + 1e-9


@given(_RELEVANT)
def test_an_empty_list_finds_nothing_and_the_ideal_one_everything(relevant):
    ideal = sorted(relevant, key=lambda id: -relevant[id])
    assert set(scores([], relevant).values()) == {0.0}
    assert ndcg_at(ideal, relevant, 10) == pytest.approx(1)
    assert recall_at(ideal, relevant, len(ideal)) == 1
