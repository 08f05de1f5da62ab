import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.model import Field
from kbsearch.text.passages import split
from scripts.harness.hashing import HashingEmbedder

count_words = HashingEmbedder().count_tokens


def count_bytes(texts):
    return [len(text.encode()) for text in texts]


def count_word_pieces(texts):
    """As WordPiece does: white space is free, a word costs a token for every four characters."""
    return [sum(-(-len(word) // 4) for word in text.split()) for text in texts]


COUNTERS = pytest.mark.parametrize("count_tokens", [count_words, count_word_pieces, count_bytes])

_LINES = st.one_of(
    st.text(max_size=120),
    st.sampled_from(
        ["# Причина", "## Steps", "### C#", "- restart the spooler", "1. Open services.msc.", "", "#", "###"]
    ),
    st.lists(st.sampled_from(["нулирай", "паролата", "restart.", "0x80070005", "x" * 90]), max_size=40).map(" ".join),
)
_TEXT = st.lists(_LINES, max_size=8).map("\n".join)
_FIELDS = st.lists(st.tuples(st.sampled_from(Field), _TEXT), max_size=3)


def _letters(text):
    """Everything but white space and number signs, which may be the marks of headings."""
    return "".join(text.replace("#", "").split())


@COUNTERS
@given(_FIELDS, st.integers(16, 80))
def test_no_letter_is_lost(count_tokens, fields, max_tokens):
    passages = split("Printer", fields, max_tokens, count_tokens)
    assert _letters("".join(passage.text for passage in passages)) == _letters("".join(text for _, text in fields))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("## Install C#", "Install C#"),
        ("## Install F# ##", "Install F#"),
        ("# Fix", "Fix"),
        ("#1 is broken", "#1 is broken"),
        ("ask in #helpdesk", "ask in #helpdesk"),
    ],
)
def test_only_the_marks_of_a_heading_go(line, text):
    [passage] = split("Printer", [(Field.RESOLUTION, f"{line}\nRun setup.")], 64, count_words)
    assert passage.text == f"{text}\nRun setup."


@COUNTERS
@given(st.text(max_size=200), _FIELDS, st.integers(16, 80))
def test_every_passage_fits_the_model(count_tokens, title, fields, max_tokens):
    embedded = [passage.embedded for passage in split(title, fields, max_tokens, count_tokens)]
    assert all(tokens <= max_tokens for tokens in count_tokens(embedded))


@given(st.text(max_size=40), _TEXT, _TEXT)
def test_passages_are_in_reading_order_and_never_empty(title, issue, resolution):
    passages = split(title, [(Field.ISSUE, issue), (Field.RESOLUTION, resolution)], 24, count_words)
    assert [passage.field for passage in passages] == sorted((p.field for p in passages), key=list(Field).index)
    assert all(passage.text.strip() for passage in passages)
    assert all(passage.text in passage.embedded for passage in passages)


def test_every_passage_says_what_it_is_about():
    steps = "\n".join(f"{number}. Check the cable of printer number {number}." for number in range(30))
    passages = split("Printer offline", [(Field.RESOLUTION, f"## Cables\n{steps}")], 32, count_words)
    assert len(passages) > 3
    assert all(passage.embedded.startswith("Printer offline") for passage in passages)
    assert all("Cables" in passage.embedded for passage in passages)


def test_a_short_text_stays_in_one_passage():
    text = "# Cause\nThe driver is old.\n# Fix\nInstall the new one."
    [passage] = split("Printer", [(Field.RESOLUTION, text)], 64, count_words)
    assert passage.text.splitlines() == ["Cause", "The driver is old.", "Fix", "Install the new one."]


def test_a_title_that_the_text_begins_with_is_not_repeated():
    [passage] = split("Printer", [(Field.ISSUE, "Printer")], 64, count_words)
    assert passage.embedded == "Printer"


def test_white_space_gives_no_passage():
    assert split("Printer", [(Field.ISSUE, ""), (Field.RESOLUTION, " \n\t")], 64, count_words) == []


def test_a_budget_too_small_to_say_anything_is_refused():
    with pytest.raises(ValueError, match="at least 16"):
        split("Printer", [(Field.ISSUE, "text")], 15, count_words)


@given(
    st.lists(st.sampled_from(["# Cause", "# Fix", "Restart it.", "Restart it. Call again.", "word " * 40]), max_size=30)
)
def test_no_text_is_counted_twice_and_most_in_one_call(lines):
    calls = []

    def count(texts):
        calls.append(list(texts))
        return count_words(texts)

    counted = split("Printer", [(Field.RESOLUTION, "\n".join(lines))], 32, count)
    assert counted == split("Printer", [(Field.RESOLUTION, "\n".join(lines))], 32, count_words)
    everything = [text for call in calls for text in call]
    assert len(everything) == len(set(everything))
    assert "word" in " ".join(lines) or len(calls) == 1


def test_a_comment_in_a_code_fence_is_no_heading():
    body = "Run:\n```bash\n# stop the agent first\nsystemctl stop labeld\n```\n# After it\nDone"
    texts = [
        one.text for one in split("T", [(Field.RESOLUTION, body)], 64, lambda texts: [len(t.split()) for t in texts])
    ]
    assert "# stop the agent first" in "\n".join(texts)
