import numpy as np

from kbsearch.evaluation.reliability import auroc
from kbsearch.ranking.fitting import Example, answered, between, fit_confidence, fit_ranking, place_gain, surprise
from kbsearch.ranking.signals import FEATURES, FIXED
from kbsearch.ranking.weights import Familiarity, RankingWeights, shipped


def _examples(count=200, seed=1, weak=0.0):
    """Questions with ten candidates, of which the one with the highest ``nearest`` is right, mostly."""
    random = np.random.default_rng(seed)
    examples = []
    for _ in range(count):
        table = random.random((10, len(FEATURES)))
        column = table[:, FEATURES.index("nearest")] + weak * random.standard_normal(10)
        examples.append(Example(table, np.eye(10)[column.argmax()], Familiarity(0.5)))
    return examples


def _weights(ranking):
    return RankingWeights(ranking, {}, 0.0, 1.0)


def test_what_tells_the_answer_gets_the_weight_and_fixed_weights_stay():
    ranking = fit_ranking(_examples())
    assert ranking["nearest"] > 5 * max(weight for name, weight in ranking.items() if name not in ("nearest", *FIXED))
    assert all(ranking[name] == weight for name, weight in FIXED.items())
    assert all(weight >= 0 for weight in ranking.values())
    later = _examples(seed=2)
    assert np.mean([place_gain(one, _weights(ranking)) for one in later]) > 0.9


def test_a_strong_pull_keeps_the_weights_that_were_there():
    kept = fit_ranking(_examples(50), shipped(), pull=1e4)
    assert abs(kept["relevance"] - shipped().ranking["relevance"]) < 0.5


def test_confidence_comes_true_on_questions_like_those_it_was_fitted_on():
    weights = _weights(fit_ranking(_examples(weak=0.4)))
    fitted = fit_confidence(_examples(400, seed=2, weak=0.4), weights)
    later = _examples(400, seed=3, weak=0.4)
    right = [answered(one, fitted) for one in later]
    sure = [one.confidence(fitted) for one in later]
    assert abs(np.mean(sure) - np.mean(right)) < 0.06
    assert surprise(right, sure) <= surprise(right, [0.5] * len(right))


def _without_answer(examples):
    """Each without the candidate that is right."""
    return [
        Example(one.table[one.gains == 0], one.gains[one.gains == 0], one.familiarity, known=False) for one in examples
    ]


def test_questions_without_their_answer_teach_what_tells_that_there_is_one_and_not_how_often():
    weights = _weights(fit_ranking(_examples(weak=0.2)))
    known = _examples(400, seed=2, weak=0.2)
    plain = fit_confidence(known, weights)
    taught = fit_confidence(known, weights, bereaved=_without_answer(_examples(400, seed=3, weak=0.2)))
    later = _examples(400, seed=4, weak=0.2)
    asked = [*later, *_without_answer(_examples(400, seed=5, weak=0.2))]
    told = [
        auroc([one.confidence(fitted) for one in asked], [one.known for one in asked]) for fitted in (plain, taught)
    ]
    assert told[1] > told[0] + 0.02
    right = [answered(one, taught) for one in later]
    assert abs(np.mean([one.confidence(taught) for one in later]) - np.mean(right)) < 0.06


def test_a_confidence_of_few_questions_stays_near_the_one_that_was_there():
    weights = _weights(fit_ranking(_examples(weak=0.4)))
    start = fit_confidence(_examples(400, seed=2, weak=0.4), weights)
    lucky = [one for one in _examples(200, seed=3, weak=0.4) if answered(one, weights)][:60]
    fitted = fit_confidence(lucky, weights, start, 0.1)
    later = _examples(400, seed=4, weak=0.4)

    def too_sure(some):
        return np.mean([one.confidence(some) for one in later]) - np.mean([answered(one, some) for one in later])

    assert between(start, fitted, 0.0).confidence == start.confidence
    assert between(start, fitted, 1.0).intercept == fitted.intercept
    assert too_sure(between(start, fitted, 60 / 210)) < too_sure(fitted) / 2
