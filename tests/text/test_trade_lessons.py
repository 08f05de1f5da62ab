"""What tickets teach of a desk's words, and what they do not."""

import random

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.text.trade_lessons import Told, lessons

PRODUCTS = ("navision", "zebra", "outlook", "citrix", "teams")


def told(product, words=(), article=0, named=True):
    written = {*words, *([product] if named else [])}
    return Told(frozenset(words), frozenset(written), frozenset({product}), f"{product}-{article}")


def history(tickets=12):
    """Each product has several articles, and those who report it name it."""
    return [told(product, article=number % 3) for product in PRODUCTS for number in range(tickets)]


def slang(word, product, tickets=8, named=False):
    return [told(product, (word,), number % 3, named) for number in range(tickets)]


def learned(tickets):
    return {lesson.word: lesson.name for lesson in lessons(tickets)}


def test_a_word_that_is_written_instead_of_a_name_is_learned():
    assert learned([*history(), *slang("навито", "navision")]) == {"навито": "navision"}


def test_a_word_beside_the_name_is_not():
    """A department whose tickets are about one product, which they name as everybody does."""
    assert learned([*history(), *slang("логистиката", "zebra", named=True)]) == {}


def test_a_word_of_one_recurring_fault_is_not():
    assert learned([*history(), *[told("zebra", ("залепна",), 1, named=False) for _ in range(20)]]) == {}


def test_a_word_in_tickets_of_several_products_is_not():
    mixed = [told(PRODUCTS[number % 5], ("бачка",), number % 3, named=False) for number in range(30)]
    assert learned([*history(), *mixed]) == {}


def test_a_few_tickets_teach_nothing():
    assert learned([*history(), *slang("навито", "navision", tickets=4)]) == {}
    assert learned(slang("навито", "navision", tickets=30)) == {}, "of a desk with one product"
    assert learned([]) == {}


def test_a_name_that_nearly_all_articles_have_is_not():
    windows = [
        Told(one.words, one.written, one.names | {"windows"}, one.solution)
        for one in (*history(), *slang("навито", "navision"))
    ]
    assert learned(windows) == {"навито": "navision"}


@given(st.integers(0, 10**6))
@settings(max_examples=examples(20))
def test_words_that_come_by_chance_are_hardly_ever_learned(seed):
    """Words thrown at tickets without regard to what they are about."""
    chance = random.Random(seed)
    words = [f"w{number}" for number in range(60)]
    tickets = [
        told(chance.choice(PRODUCTS), chance.sample(words, 3), chance.randrange(3), chance.random() < 0.6)
        for _ in range(200)
    ]
    assert lessons(tickets) == []
