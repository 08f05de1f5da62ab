import pytest

from kbsearch.text.telling import is_vague, telling_words


@pytest.mark.parametrize(
    "text",
    ["1", "x", "5.", "Re: Fwd:", "FW:", "help", "Please help!!!", "test", "It doesn't work", "problem", "urgent", "???",
     "не работи", "Заявка 2", "моля за съдействие", "Здравейте, спешно е!", "помощ", "ne raboti", "problem s neshto",
     "Hello\nThanks, regards"],
)  # fmt: skip
def test_a_question_may_say_nothing(text):
    assert is_vague(text)
    assert len(telling_words(text)) < 2


@pytest.mark.parametrize("text", ["printer", "Outlook не работи", "VPN?", "паролата", "няма интернет"])
def test_or_name_a_thing_only(text):
    assert is_vague(text)
    assert telling_words(text)


@pytest.mark.parametrize(
    "text", ["AADSTS50076", "VPN error 809", "Принтер офлайн", "Зает файл", "nobody can hear me in Teams",
             "I forgot my password", "mail comes back undeliverable", "new phone, authenticator", "телефонът не звъни"]
)  # fmt: skip
def test_few_words_may_be_enough(text):
    assert not is_vague(text)
