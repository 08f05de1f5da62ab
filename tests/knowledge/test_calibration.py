"""A desk learns from its own history."""

from __future__ import annotations

import random
import time
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kbsearch.knowledge import base
from kbsearch.knowledge.indexing.learned import packed
from kbsearch.knowledge.learning import calibration
from kbsearch.knowledge.learning.background import Throttle
from kbsearch.knowledge.learning.calibration import LEAST_TICKETS, REFRESHED_AFTER, SHIPPED, calibrate
from kbsearch.knowledge.tenant_erasing import erase_tenant
from kbsearch.ranking.weights import RankingWeights, shipped
from kbsearch.store import learning
from kbsearch.store.learned import StoredLearned, get, put
from kbsearch.store.learning import Learnt
from knowledge.made import ACME, ACMES, GLOBEX, GLOBEXS, answers, resolve, resolved
from knowledge.made import put as put_article

_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = [f"word{number}" for number in range(40)]


def _tell(kb, count, tenant=ACME):
    """Resolved tickets of eight articles; what users call a thing stands in no article."""
    pick = random.Random(1)
    for number in range(8):
        put_article(kb, f"article-{number}", f"Name{number}", f"Turn knob{number}", tenant=tenant)

    def lines():
        for number in range(count):
            topic = number % 8
            words = [*pick.sample(_WORDS[topic * 5 : topic * 5 + 5], 2), *pick.sample(_WORDS, 2)]
            when = _FIRST + timedelta(hours=number)
            yield (
                number + 1,
                resolved(f"T-{number}", " ".join(words), "Did it", solution_id=f"article-{topic}", resolved_at=when),
            )

    for report in kb.tickets.import_lines(tenant, lines()):
        assert not report.errors


def _learned(kb, tenant=ACME):
    with kb.store.read() as tx:
        return get(tx, tenant)


def _put(kb, learned, tenant=ACME):
    with kb.store.write() as tx:
        put(tx, tenant, learned)


def _matrix(kb, seed=1):
    random = np.random.default_rng(seed)
    return StoredLearned(kb.model_id, None, (0.3 * random.standard_normal((64, 64))).astype("<f2").tobytes(), "{}")


def test_too_little_history_teaches_nothing(kb):
    _tell(kb, 20)
    before = answers(kb, ACMES)
    result = kb.calibrate(ACME)
    assert (result.tickets, result.kept, result.judged) == (20, SHIPPED, {})
    assert answers(kb, ACMES) == before


def test_the_best_on_the_newest_tickets_is_kept_for_this_tenant_alone(kb):
    _tell(kb, LEAST_TICKETS)
    _tell(kb, 16, GLOBEX)
    others = answers(kb, GLOBEXS)
    said: list[str] = []
    result = kb.calibrate(ACME, said.append)
    assert result.tickets == LEAST_TICKETS
    assert said
    best = max(result.judged.values(), key=lambda one: one.gain)
    assert result.judged[result.kept].gain >= best.gain - 0.01
    assert (_learned(kb) is None) == (result.kept == SHIPPED)
    assert answers(kb, GLOBEXS) == others
    assert _learned(kb, GLOBEX) is None


def test_what_was_learned_answers_at_once_and_can_be_forgotten(kb, open_base):
    _tell(kb, 24)
    before, revision = answers(kb, ACMES), kb.revision(ACMES)
    other_process = open_base()
    _put(kb, _matrix(kb))
    changed = answers(kb, ACMES)
    assert changed != before
    assert answers(other_process, ACMES) == changed
    kb.forget_learned(ACME)
    assert kb.revision(ACMES) > revision
    assert [some[:2] for some in answers(kb, ACMES)] == [some[:2] for some in before]


def test_what_another_model_taught_is_not_used(kb):
    _tell(kb, 24)
    before = answers(kb, ACMES)
    learned = _matrix(kb)
    _put(kb, StoredLearned("other", shipped().to_json(), learned.matrix, "{}"))
    assert [some[:2] for some in answers(kb, ACMES)] == [some[:2] for some in before]


def test_a_map_goes_on_learning_from_what_was_resolved_since(kb):
    _tell(kb, 24)
    _put(kb, _matrix(kb))
    before, earlier = answers(kb, ACMES), _learned(kb)
    assert kb.refresh_learned(ACME)
    assert _learned(kb).matrix != earlier.matrix
    assert _learned(kb).weights == earlier.weights
    assert answers(kb, ACMES) != before


def test_there_is_nothing_to_refresh_without_a_map_of_this_model(kb):
    _tell(kb, 24)
    assert not kb.refresh_learned(ACME)
    _put(kb, StoredLearned("other", None, _matrix(kb).matrix, "{}"))
    assert not kb.refresh_learned(ACME)
    assert _learned(kb).model_id == "other"


def test_a_map_that_was_learned_again_meanwhile_stays(kb, monkeypatch):
    _tell(kb, 24)
    _put(kb, _matrix(kb))
    newer = _matrix(kb, seed=2)
    learn = calibration.learn

    def slowly(*arguments, **named):
        _put(kb, newer)
        return learn(*arguments, **named)

    monkeypatch.setattr(calibration, "learn", slowly)
    assert not kb.refresh_learned(ACME)
    assert _learned(kb) == newer


def test_what_is_erased_while_it_is_learned_from_is_not_kept(kb, monkeypatch):
    _tell(kb, LEAST_TICKETS + 40)
    really, learnt = calibration.learn, []

    def learn(*given, **other):
        matrix = really(*given, **other)
        learnt.append(packed(matrix))
        if len(learnt) == 1:
            kb.tickets.erase(ACME, "T-3")
            assert kb.purges.run()
        return matrix

    monkeypatch.setattr(calibration, "learn", learn)
    kb.calibrate(ACME)
    assert kb.purges.run()
    stored = _learned(kb)
    assert stored is not None
    assert stored.matrix == learnt[-1]
    assert len(learnt) > 1


def test_the_server_refreshes_a_map_after_fifty_tickets(kb, monkeypatch, clock):
    monkeypatch.setattr(base, "_UPKEEP_EVERY_S", 0.01)
    _tell(kb, 8)
    _put(kb, _matrix(kb))
    first = _learned(kb)
    clock.now += timedelta(days=1)
    kb.start_upkeep()
    for number in range(REFRESHED_AFTER):
        assert _learned(kb) == first
        kb.tickets.resolve(ACME, resolved(f"L-{number}", f"word{number % 40}", "Did it"))
    end = time.monotonic() + 60
    while _learned(kb) == first and time.monotonic() < end:
        time.sleep(0.05)
    assert _learned(kb) != first


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_history_is_no_error(kb, count):
    _tell(kb, count)
    assert calibrate(kb.store, kb._generations.for_reading(), ACME, lambda _: None).tickets == count


def test_learning_waits_until_there_is_half_as_much_again(kb):
    _tell(kb, LEAST_TICKETS - 1)
    assert not kb.learning.learn_if_due(ACME)
    _tell(kb, LEAST_TICKETS)
    assert kb.learning.learn_if_due(ACME)
    with kb.store.read() as tx:
        last = learning.get(tx, ACME)
    assert last.tickets == LEAST_TICKETS
    assert (last.outcome == learning.KEPT) == (_learned(kb) is not None)
    assert kb.vitals().learnt == {last.outcome: 1}
    assert not kb.learning.learn_if_due(ACME)
    assert not kb.learning.learn_if_due(GLOBEX)


@pytest.mark.parametrize("count", [0, 1, 300])
def test_a_history_in_which_no_solution_has_two_tickets_teaches_nothing(kb, count):
    lines = [resolved(f"T-{n}", f"Printer{n} beeps", f"Replaced fuser x{n} in room y{n}") for n in range(count)]
    list(kb.tickets.import_lines(ACME, enumerate(lines)))
    told = kb.calibrate(ACME)
    assert (told.tickets, told.answerable, told.kept, told.judged) == (count, 0, SHIPPED, {})
    assert _learned(kb) is None


def test_tickets_that_used_a_known_solution_are_counted(kb):
    put_article(kb, "fuser", "Printer beeps", "Replace the fuser")
    resolve(kb, "A-1", "Printer beeps", "As the article says", solution_id="fuser")
    for number in range(3):
        resolve(kb, f"B-{number}", f"Scanner hums {number}", "Grounded the scanner with a copper cable")
    resolve(kb, "C-1", "Fax is dead", "Replaced the line card of the fax")
    assert kb.calibrate(ACME).answerable == 3  # the one of the article, and the second and third of the same fix


@pytest.mark.parametrize("step", range(6))
def test_a_tenant_may_be_erased_while_its_ranking_is_learned(open_base, step):
    kb, other, steps = open_base(), open_base(), iter(range(10))
    _tell(kb, LEAST_TICKETS)

    def erase(_):
        if next(steps) == step:
            erase_tenant(other.store, other.purges, ACME, wait_s=0, late_s=0)

    kb.calibrate(ACME, erase)
    while not kb.purges.run():
        time.sleep(0.01)
    assert _learned(kb) is None


def test_what_turned_worse_since_is_undone(kb):
    _tell(kb, 4 * REFRESHED_AFTER)
    blind = replace(shipped(), ranking={})
    _put(kb, replace(_matrix(kb), weights=blind.to_json()))
    with kb.store.write() as tx:
        learning.put(tx, ACME, Learnt(kb.model_id, 100, learning.KEPT, "{}", 1.0))
    assert kb.refresh_learned(ACME)
    with kb.store.read() as tx:
        last = learning.get(tx, ACME)
    assert last.since == REFRESHED_AFTER
    assert last.gained < 0
    assert (last.outcome, _learned(kb)) == (learning.UNDONE, None)


def test_learning_pauses_while_questions_are_answered_and_ends_with_the_process():
    asked = iter([True, True, False])
    waited: list[bool] = []

    def is_busy():
        waited.append(next(asked))
        return waited[-1]

    Throttle(is_busy, lambda: False)()
    assert waited == [True, True, False]
    with pytest.raises(CancelledError):
        Throttle(lambda: False, lambda: True)()


def test_what_few_tickets_teach_moves_the_weights_little(kb, monkeypatch):
    _tell(kb, LEAST_TICKETS)
    monkeypatch.setattr(calibration, "_LEAST_BETTER", -1.0)  # something learned is kept
    moved: list[list[float]] = []
    for prior in (0, calibration._CONFIDENCE_PRIOR):
        monkeypatch.setattr(calibration, "_CONFIDENCE_PRIOR", prior)
        assert kb.calibrate(ACME).kept != SHIPPED
        stored = _learned(kb)
        assert stored is not None
        confidence = RankingWeights.from_json(stored.weights).confidence
        moved.append([abs(confidence[name] - weight) for name, weight in shipped().confidence.items()])
    assert 0 < sum(moved[1]) < sum(moved[0]) / 2
