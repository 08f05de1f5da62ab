import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbsearch.text.transliteration import MAX_READINGS, as_meant, cyrillic_readings, looks_transliterated

# As people type them: the official transliteration, q/w/4/6/x, j for ж, a, u or y for ъ, -ia for -ия.
PAIRS = """
vlqza вляза         vlyaza вляза        vliaza вляза        poshtata пощата     po6tata пощата      poshta поща
4as час             chas час            shte ще             6te ще              kompyutyr компютър  kompiutar компютър
kompiutur компютър  printera принтера   printerut принтерът printeryt принтерът parola парола       parolata паролата
vhod вход           vxod вход           mrezha мрежа        mreja мрежа         mrejata мрежата     ne не
raboti работи       moga мога           dostap достъп       dostup достъп       dostyp достъп       otpechatva отпечатва
otpe4atva отпечатва greshka грешка      gre6ka грешка       iztekla изтекла     smqna смяна         smyana смяна
tsentar център      centur център       klaviatura клавиатура  mishka мишка     mi6ka мишка         ekrana екрана
zabrawena забравена bqla бяла           burzo бързо         barzo бързо         syrvyr сървър       survur сървър
fail файл           fayl файл           fajl файл           aktualizaciq актуализация
aktualizatsiya актуализация             telefonyt телефонът uchetna учетна      u4etna учетна       zhurnal журнал
jurnal журнал       nqma няма           niama няма          nyama няма          vazmozhno възможно  vuzmojno възможно
qsno ясно           kam към             kum към             kym към             saobshtenie съобщение
suobshtenie съобщение                   suob6tenie съобщение                    syobshtenie съобщение
izprashtam изпращам izpra6tam изпращам  imeil имейл         imejl имейл         cherven червен      4erven червен
dzhob джоб          djob джоб           hartiq хартия       hartiya хартия      hartia хартия       sesia сесия
izklyuchva изключва izkliuchva изключва shofyor шофьор      shofior шофьор      zashtita защита     yuli юли
zakluchen заключен  kluch ключ
"""


def _pairs():
    words = PAIRS.split()
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(("latin", "cyrillic"), _pairs())
def test_the_word_meant_is_among_the_readings(latin, cyrillic):
    assert cyrillic in cyrillic_readings(latin)


def test_the_likeliest_reading_comes_first():
    assert cyrillic_readings("parola")[0] == "парола"
    assert cyrillic_readings("moga")[0] == "мога"


@pytest.mark.parametrize("word", ["принтер", "naïve", "a-b", "x9"])
def test_a_word_with_a_letter_that_has_no_reading_has_none(word):
    assert cyrillic_readings(word) == []


@given(st.text("abcdefghijklmnopqrstuvwxyz46", min_size=1, max_size=40))
def test_readings_are_few_and_cyrillic(word):
    readings = cyrillic_readings(word)
    assert 1 <= len(readings) <= MAX_READINGS
    assert all("а" <= letter <= "я" for reading in readings for letter in reading)


@pytest.mark.parametrize(
    "text", ["ne moga da vlqza v poshtata", "printera ne raboti ot vchera", "nqma dostup do papkata, kakvo da pravq"]
)
def test_bulgarian_in_latin_letters_is_recognised(text):
    assert looks_transliterated(text.replace(",", "").split())


@pytest.mark.parametrize(
    "text",
    [
        "the printer does not print since yesterday",
        "i cannot log in to my mailbox",
        "outlook asks for a password every time",
        "da",
        "",
    ],
)
def test_english_is_not_taken_for_bulgarian(text):
    assert not looks_transliterated(text.split())


def _tokens_of(words):
    """Counts as a model does whose vocabulary is these words: letters of all others."""
    return lambda texts: [sum(1 if one in words else len(one) for one in text.split()) for text in texts]


def test_a_transliterated_text_becomes_what_was_meant():
    count = _tokens_of({"не", "мога", "да", "вляза", "в", "outlook", "4", "часа"})
    texts = ["ne moga da vlqza v Outlook 4 4asa", "вече е на кирилица", "nemoga"]
    assert as_meant(texts, count) == ["не мога да вляза в outlook 4 часа", *texts[1:]]


@given(st.lists(st.text(max_size=60), max_size=4))
def test_a_model_without_bulgarian_reads_what_was_written(texts):
    """One that breaks every Cyrillic word into more tokens than a Latin one."""
    count = lambda some: [sum(len(word) * (1 + (word > "Ѐ")) for word in text.split()) for text in some]  # noqa: E731
    assert as_meant(texts, count) == texts


@given(st.lists(st.text(max_size=60), max_size=4))
def test_there_are_as_many_texts_as_before(texts):
    assert len(as_meant(texts, lambda some: [len(text) for text in some])) == len(texts)
