"""Parts of the training that need no packages and no model."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from scripts.train import translating
from scripts.train.alignment import align, rows_of
from scripts.train.catalogues import plain
from scripts.train.dictionaries import read_dictionary, read_entries
from scripts.train.exclusions import Exclusions
from scripts.train.vocabulary import LATIN_WORD, Inflections, learn_pieces, normal, with_forms, word_counts


@pytest.fixture
def exclusions(tmp_path):
    file = tmp_path / "kb.jsonl"
    article = {
        "title": "Достъп до споделена пощенска кутия",
        "body": "Отворете центъра за администриране и изберете потребителя от списъка.",
    }
    file.write_text(json.dumps(article, ensure_ascii=False), encoding="utf-8")
    return Exclusions([file])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ДОСТЪП до споделена „пощенска кутия“!", "equal"),
        ("Вижте също: достъп до споделена пощенска кутия в Outlook", "title"),
        ("центъра за администриране и изберете потребителя", "contained"),
        ("Отворете центъра", None),
        ("Отворете центъра за администриране и изберете друг потребител от списъка.", None),
        ("", None),
    ],
)
def test_what_the_evaluation_holds_is_left_out(exclusions, text, reason):
    assert exclusions.why(text) == reason


@pytest.mark.parametrize(
    ("string", "read"),
    [
        ("_File", "File"),
        ("Save &As…", "Save As"),
        ("<b>%s</b> is not found", "is not found"),
        ("Delete { $name }?", "Delete ?"),
        ("LC_ALL", "LC_ALL"),
    ],
)
def test_a_string_is_read_as_a_person_reads_it(string, read):
    assert plain(string) == read


def test_a_dictionary_gives_pairs_of_words():
    text = "delete //diˈliːt// <v>\nизтри́вам, премахвам\nto remove\nclick //klɪk// <n>\n1. (ам.) цъкане\n"
    assert list(read_dictionary(gzip.compress(text.encode()))) == [
        ("delete", "изтривам"),
        ("delete", "премахвам"),
        ("click", "цъкане"),
    ]


def test_an_index_tells_the_entries_of_a_dictionary_apart():
    entries = "mail /meɪl/\n1. posta, corrispondenza\nto mail <v>\nspedire (per posta)\n see: {post}\n"
    text = entries.encode()
    start = text.index(b"to mail")
    assert start < 64  # one digit of the index
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    index = f"mail\tA\t{digits[start]}\nto mail\t{digits[start]}\t{digits[len(text) - start]}\n"
    assert list(read_entries(gzip.compress(text), index.encode())) == [
        ("mail", "posta"),
        ("mail", "corrispondenza"),
        ("to mail", "spedire"),
    ]


def test_a_word_means_what_it_is_translated_with():
    pairs = [("send mail", "inviare posta"), ("send", "inviare"), ("mail", "posta"), ("sent", "inviato")] * 3
    numbers = {"send": 0, "mail": 1, "sent": 2}
    learnt = translating.learn(
        pairs,
        Inflections("it", LATIN_WORD),
        lambda texts: [[numbers[word] for word in text.split()] for text in texts],
        len(numbers),
    )
    heaviest = {word: translating.heaviest(meaning)[0][0] for word, meaning in learnt.meanings.items()}
    assert heaviest["posta"] == 1
    assert heaviest["inviare"] == 0
    assert heaviest["inviato"] == 2
    assert heaviest["invieremo"] == 0  # never seen: as the other forms are


def test_languages_share_a_word_by_how_often_each_has_it():
    one = translating.Vocabulary({"burro": 30.0, "mail": 5.0}, {"burro": {1: 1.0}, "mail": {2: 1.0}})
    other = translating.Vocabulary({"burro": 10.0}, {"burro": {3: 0.5, 4: 0.5}})
    both = translating.merged([one, other], excluded={"mail"}.__contains__)
    assert dict(both.counts) == {"burro": 40.0}
    assert both.meanings["burro"] == {1: 0.75, 3: 0.125, 4: 0.125}


def test_a_word_gets_the_row_of_what_it_translates():
    english = [[0, 1], [0, 2], [1], [2]]
    other = [[0, 1], [0, 2], [1], [2]]
    translations = align(english, other, units=4, pieces=3)
    rows = rows_of(translations, 4, np.eye(3, dtype=np.float32))
    assert np.argmax(rows[:3], axis=1).tolist() == [0, 1, 2]
    assert not rows[3].any()


def test_unseen_forms_of_a_word_are_counted_too():
    inflections = Inflections("bg")
    counts = with_forms(word_counts(["Принтер", "принтер"]), inflections)
    assert counts["принтер"] > 2
    assert 0 < counts["принтерът"] < 2
    assert normal("Принтерът й") == "принтерът и"


def test_pieces_make_up_every_word():
    pieces = learn_pieces({"принтер": 50, "принтери": 20, "печат": 3}, 60)
    assert "принтер" in pieces
    assert {"п", "##р", "##и"} <= set(pieces)
