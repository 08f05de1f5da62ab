import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Принтерът не печата от вчера", "bg"),
        ("ne moga da vlqza v poshtata si", "bg"),
        ("Outlook иска парола", "bg"),
        ("Грешка: The operation failed, код 0x80070005 при отваряне на Outlook", "bg"),
        ("The printer does not print", "en"),
        ("Cannot open the file „договор“ on the shared drive", "en"),
        ("Это не работает, мы уже пытались", "ru"),
        ("Не працює принтер, її немає в мережі", "uk"),
        ("", "en"),
        ("0x80070005", "en"),
    ],
)
def test_language_is_told_by_script_and_telltale_letters(text, language):
    assert guess_language(text) == language


@given(st.text())
def test_any_text_has_a_language(text):
    assert guess_language(text) in {"bg", "en", "ru", "uk"}
