import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from kbsearch.evaluation.reliability import auroc, calibration_error, coverage_at, reliability

_ANSWERS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.15, 0.5, 0.77, 1.0]), st.booleans()), min_size=1)


@given(_ANSWERS)
def test_auroc_is_that_of_scikit_learn(answers):
    sure, right = zip(*answers, strict=True)
    if len(set(right)) == 1:
        assert auroc(sure, right) is None
    else:
        assert auroc(sure, right) == pytest.approx(roc_auc_score(right, sure))


@given(_ANSWERS)
def test_every_answer_is_in_one_bin(answers):
    sure, right = zip(*answers, strict=True)
    curve = reliability(sure, right)
    assert sum(one.count for one in curve) == len(answers)
    assert 0 <= calibration_error(sure, right) <= 1


def test_confidence_that_comes_true_has_no_error():
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert calibration_error([1.0] * 4, [False] * 4) == 1
    assert calibration_error([], []) == 0


@given(_ANSWERS, st.floats(0.1, 1))
def test_what_is_covered_is_as_precise_as_asked(answers, precision):
    sure, right = zip(*answers, strict=True)
    covered = round(coverage_at(sure, right, precision) * len(answers))
    if covered:
        least = sorted(sure, reverse=True)[covered - 1]
        taken = [was for one, was in answers if one >= least]
        assert len(taken) == covered
        assert sum(taken) / covered >= precision
