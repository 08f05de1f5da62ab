import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.language import guess_language, same_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Принтерът не печата от вчера", "bg"),
        ("ne moga da vlqza v poshtata si", "bg"),
        ("barkod skenera otpred dava greshka i izlizat chujdi kodove", "bg"),
        ("Outlook иска парола", "bg"),
        ("Грешка: The operation failed, код 0x80070005 при отваряне на Outlook", "bg"),
        ("забравена парола", "bg"),
        ("printera ne raboti", "bg"),
        ("akaunta mi e zakluchen", "bg"),
        ("kompa ne trugva", "bg"),
        ("ne pechata", "bg"),
        ("zabravena parola", "bg"),
        ("La posta non si apre", "it"),
        ("Microsoft", "en"),
        ("BSOD", "en"),
        ("VPN Outlook", "en"),
        ("da vinci resolve crashes", "en"),
        ("wifi werkt niet", "nl"),
        ("The printer does not print", "en"),
        ("Cannot open the file „договор“ on the shared drive", "en"),
        ("Это не работает, мы уже пытались", "ru"),
        ("Настройка почты на телефоне пользователя", "ru"),
        ("Не працює принтер, її немає в мережі", "uk"),
        ("Drucker druckt seit gestern nicht mehr", "de"),
        ("Non riesco a scaricare la posta in arrivo", "it"),
        ("Nejde mi odeslat zprávu, píše to chybu", "cs"),
        ("L’imprimante ne répond plus depuis ce matin", "fr"),
        ("", "en"),
        ("0x80070005", "en"),
    ],
)
def test_language_is_recognised_by_letters_and_words(text, language):
    assert guess_language(text) == language


@given(st.text())
def test_any_text_has_a_language(text):
    assert guess_language(text).isascii()
    assert 2 <= len(guess_language(text)) <= 3


@given(st.text(max_size=40))
def test_white_space_and_capitals_say_nothing(text):
    assert guess_language(f"  {text}\n") == guess_language(text)


def test_regions_of_a_language_are_one_language():
    assert same_language("bg-BG", "bg")
    assert not same_language("bg", "en")
    assert not same_language(None, "en")
