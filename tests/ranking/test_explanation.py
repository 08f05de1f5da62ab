from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import Field
from kbsearch.ranking.explanation import matches, shorten, telling

PASSAGES = [(Field.ISSUE, "The toner is empty."), (Field.RESOLUTION, "Restart the spooler, then print again.")]
WEIGHTS = st.dictionaries(st.text(min_size=1), st.floats(0.01, 100), max_size=30)


def test_the_words_that_brought_most_come_first():
    [match] = matches("Help", PASSAGES, 1, {"print": 1.0, "spooler": 5.0, "restart": 3.0})
    assert match.field == Field.RESOLUTION
    assert match.terms == ("spooler", "Restart", "print")


def test_the_passage_whose_words_brought_the_score_is_shown_beside_the_nearest_in_meaning():
    found = matches("Help", PASSAGES, 0, {"spooler": 5.0, "toner": 1.0})
    assert [(one.field, one.terms) for one in found] == [
        (Field.ISSUE, ("toner",)),
        (Field.RESOLUTION, ("spooler",)),
    ]


def test_the_title_is_shown_where_a_word_stands_in_it_alone():
    [passage, title] = matches("Outlook and toner", PASSAGES, 0, {"outlook": 5.0, "toner": 4.0})
    assert passage.terms == ("toner",)
    assert (title.field, title.text, title.terms) == (Field.TITLE, "Outlook and toner", ("Outlook", "toner"))


def test_without_a_nearest_passage_the_best_by_words_is_shown():
    [match] = matches("Help", PASSAGES, None, {"spooler": 1.0})
    assert match.field == Field.RESOLUTION


def test_a_document_without_passages_or_words_is_no_error():
    assert matches("Help", [], None, {}) == ()
    [match] = matches("Help", PASSAGES, 0, {})
    assert match.terms == ()


def test_a_word_far_down_a_long_passage_is_shown_with_its_sentence():
    text = f"{'Look at the cable of the machine. ' * 30}Restart the spooler. {'Then go home. ' * 30}"
    [match] = matches("Help", [(Field.RESOLUTION, text)], 0, {"spooler": 1.0})
    assert "Restart the spooler." in match.text
    assert len(match.text) <= 320
    assert match.terms == ("spooler",)


@given(WEIGHTS)
def test_what_carried_is_the_strongest_and_nine_tenths_of_the_score_unless_there_are_too_many(contributions):
    carried = telling(contributions)
    left = [weight for term, weight in contributions.items() if term not in carried]
    assert list(carried.values()) == sorted(carried.values(), reverse=True)
    assert not left or not carried or max(left) <= min(carried.values())
    assert len(carried) == 8 or sum(carried.values()) >= 0.9 * sum(contributions.values())


@given(st.text(), st.integers(10, 400))
def test_shortened_texts_are_short(text, characters):
    assert len(shorten(text, characters)) <= characters
