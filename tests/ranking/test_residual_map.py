import numpy as np

from kbsearch.ranking.residual_map import Lessons, learn, mapped

DIMENSION = 16


def _unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _desk(count, seed):
    """Tickets of four solutions whose articles lie elsewhere than the tickets."""
    random = np.random.default_rng(seed)
    about = np.random.default_rng(0).standard_normal((4, DIMENSION))
    articles = _unit(np.random.default_rng(1).standard_normal((4, DIMENSION)))
    solutions = random.integers(0, 4, count)
    tickets = _unit(about[solutions] + 0.5 * random.standard_normal((count, DIMENSION)))
    return Lessons(tickets, solutions, articles, np.arange(4))


def _right(lessons, matrix):
    return float(((mapped(lessons.tickets, matrix) @ lessons.passages.T).argmax(axis=1) == lessons.solutions).mean())


def test_a_map_finds_for_new_tickets_what_solved_earlier_ones():
    earlier, later = _desk(400, seed=2), _desk(200, seed=3)
    matrix = learn(earlier, rounds=60)
    assert _right(later, matrix) > _right(later, None) + 0.2


def test_mapped_questions_are_unit_vectors_and_no_map_changes_nothing():
    lessons = _desk(20, seed=4)
    matrix = learn(lessons, rounds=2)
    assert np.allclose(np.linalg.norm(mapped(lessons.tickets, matrix), axis=1), 1, atol=1e-5)
    assert mapped(lessons.tickets, None) is lessons.tickets
    assert (learn(lessons, rounds=2) == matrix).all(), "the same lessons give the same map"


def test_tickets_without_articles_teach_as_well():
    lessons = _desk(40, seed=5)
    none = Lessons(lessons.tickets, lessons.solutions, lessons.passages[:0], lessons.owners[:0])
    assert np.isfinite(learn(none, rounds=2)).all()
