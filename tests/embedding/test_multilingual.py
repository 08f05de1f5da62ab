"""The default model: English as it was, other languages beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.bootstrap import embedded
from kbsearch.embedding.exported import GRAPH
from kbsearch.embedding.multilingual import (
    LONGEST_ROW,
    ROWS,
    WORDS,
    Rows,
    Words,
    assemble,
    read_rows,
    read_words,
    with_pieces,
)
from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder
from kbsearch.embedding.weights import BULGARIAN_MODEL, ENGLISH_MODEL, english_folder, fingerprint, model_folder
from kbsearch.knowledge.writing.write_back import ResolvedTicketIn
from kbsearch.model import Resolution, Scope, TenantId, Ticket
from kbsearch.text.dictionaries import is_word
from kbsearch.text.transliteration import as_meant

ACME = TenantId("acme")
ENGLISH = [
    "Outlook asks for the password again and again",
    "BSOD IRQL_NOT_LESS_OR_EQUAL after KB5034441 on srv-print01",
    "Outlook 2019 (postale_2, xpassword): «can't» e-mail, re-install, posta1",
    "café naïve Zürich ½ 日本語 🔒",
    "",
    "The mailbox is full and the user cannot send. " * 40,
]

TRANSLATIONS = [
    ("Принтерът не печата", "The printer does not print"),
    ("Не мога да вляза в пощата", "I cannot log in to my mailbox"),
    ("Забравих си паролата", "I forgot my password"),
    ("Няма звук в Teams", "There is no sound in Teams"),
    ("Компютърът е много бавен", "The computer is very slow"),
    ("Как да споделя календара си", "How do I share my calendar"),
    ("Няма интернет", "There is no internet connection"),
    ("Изтрих файл по погрешка", "I deleted a file by mistake"),
]


LATIN_TRANSLATIONS = [
    ("Non riesco a inviare la posta", "I cannot send mail"),
    ("Ho dimenticato la mia password", "I forgot my password"),
    ("La stampante non stampa", "The printer does not print"),
    ("Il computer è molto lento", "The computer is very slow"),
    ("Mijn berichten zijn verdwenen", "My messages have disappeared"),
    ("Wachtwoord vergeten", "Forgotten password"),
    ("Ik kan de bijlage niet downloaden", "Cannot download the attachment"),
    ("Come posso condividere il calendario", "How do I share my calendar"),
    ("Het bestand kan niet worden geopend", "The file cannot be opened"),
]


@pytest.fixture(scope="module")
def english() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(ENGLISH_MODEL, threads=2)


def test_what_is_added_are_two_files_of_at_most_40_megabytes():
    assert {path.name for path in ROWS.parent.iterdir()} == {ROWS.name, WORDS.name}
    assert ROWS.stat().st_size + WORDS.stat().st_size <= 40 * 10**6
    rows = read_rows()
    assert rows.values.shape == (len(rows.pieces), 384)
    assert np.isfinite(rows.values).all()
    assert len(set(rows.pieces)) == len(rows.pieces)


def test_no_word_is_english():
    words = read_words().words
    vocabulary = json.loads((english_folder() / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    assert len(set(words)) == len(words)
    assert all(word.isalpha() and len(word) > 1 and word == word.lower() for word in words)
    assert not vocabulary.keys() & set(words)
    assert not [word for word in words if is_word(word)]


def test_a_word_has_the_mean_row_of_what_it_translates_to():
    english = np.array([[1, 0], [0, 1], [0, 3]], np.float32)
    words = Words(
        ("posta", "inviare", "molto"),
        np.array([[0, 0], [0, 1], [2, 0]], np.uint16),
        np.array([[0.5, 0], [0.5, 0.5], [1, 0]], np.float16),
    )
    half = np.sqrt(0.5)
    assert words.rows(english) == pytest.approx(np.array([[1, 0], [half, half], [0, LONGEST_ROW]]), abs=1e-3)


def test_words_survive_their_file(tmp_path):
    words = Words(("posta", "straße"), np.array([[7, 0], [2, 65_535]], np.uint16), np.ones((2, 2), np.float16))
    words.save(tmp_path / "words.safetensors")
    read = read_words(tmp_path / "words.safetensors")
    assert read.words == words.words
    assert np.array_equal(read.pieces, words.pieces)
    assert np.array_equal(read.weights, words.weights)
    before = (tmp_path / "words.safetensors").read_bytes()
    words.save(tmp_path / "words.safetensors")
    assert (tmp_path / "words.safetensors").read_bytes() == before


def test_no_piece_can_be_part_of_a_word_without_cyrillic_letters():
    assert all(any("Ѐ" <= letter <= "ӿ" for letter in piece) for piece in read_rows().pieces)


@pytest.mark.model
@pytest.mark.slow
def test_english_is_bit_identical(plain, english):
    assert plain.model_id != english.model_id.replace(ENGLISH_MODEL, "default")
    assert plain.count_tokens(ENGLISH) == english.count_tokens(ENGLISH)
    assert np.array_equal(plain.embed_query(ENGLISH), english.embed_query(ENGLISH))


@pytest.mark.model
def test_a_translation_is_the_nearest_of_all(model):
    bulgarian, original = (model.embed_query(list(texts)) for texts in zip(*TRANSLATIONS, strict=True))
    assert np.argmax(bulgarian @ original.T, axis=1).tolist() == list(range(len(TRANSLATIONS)))


@pytest.mark.model
def test_a_translation_from_a_language_in_latin_letters_is_the_nearest_of_all(model):
    foreign, original = (model.embed_query(list(texts)) for texts in zip(*LATIN_TRANSLATIONS, strict=True))
    nearest = np.argmax(foreign @ original.T, axis=1)
    # Word by word, "ho dimenticato" is not as near to "I forgot" as to "forgotten".
    assert (nearest == np.arange(len(LATIN_TRANSLATIONS))).sum() >= len(LATIN_TRANSLATIONS) - 1


@pytest.mark.model
def test_a_foreign_word_is_one_token_only_where_it_stands_by_itself(model):
    assert model.count_tokens(["inviare", "Inviare!", "Priorità", "l'indirizzo"]) == [1, 2, 1, 3]
    assert min(model.count_tokens(["xinviare", "inviare2", "inviarex"])) > 1


@pytest.mark.model
def test_bulgarian_takes_about_as_many_tokens_as_words(model):
    texts = [text for text, _ in TRANSLATIONS]
    words = sum(len(text.split()) for text in texts)
    assert sum(model.count_tokens(texts)) <= 1.2 * words


@pytest.mark.model
def test_transliterated_bulgarian_is_read_as_meant_and_nothing_else_is(exported):
    texts = ["ne moga da vlqza v poshtata ot vchera, Outlook iska parola", *ENGLISH, "Non riesco a inviare la posta"]
    meant = ["не мога да вляза в пощата от вчера, outlook иска парола", *texts[1:]]
    assert as_meant(texts, exported.count_tokens) == meant


@pytest.mark.model
@pytest.mark.slow
def test_the_folder_loads_as_any_model_does(tmp_path, plain):
    from sentence_transformers import SentenceTransformer

    command = [sys.executable, "-m", "kbsearch.embedding.multilingual", str(tmp_path / "model")]
    subprocess.run(command, check=True)
    loaded = SentenceTransformer(str(tmp_path / "model"), device="cpu")
    texts = ["Принтерът не печата", *ENGLISH]
    found = loaded.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert found == pytest.approx(plain.embed_query(texts), abs=1e-5)


@pytest.mark.model
def test_an_export_is_known_by_its_rows(exported, exports):
    assert exported.model_id == f"default@{fingerprint('default')}"
    assert (exports / f"{fingerprint('default')}-fp32-1" / GRAPH).is_file()
    assert fingerprint(ENGLISH_MODEL) == "f0a09a93c32f"  # what existing data folders were indexed with
    assert fingerprint(BULGARIAN_MODEL) == "e20e05009719"  # the same


def test_the_folder_put_together_is_gone_afterwards():
    with model_folder("default") as folder:
        assert (Path(folder) / "modules.json").is_file()
    assert not Path(folder).exists()


@given(st.lists(st.sampled_from(["а", "##а", "принтер", "##ът", "Ѝ"]), unique=True))
@settings(max_examples=examples(20))
def test_known_pieces_keep_their_numbers(pieces):
    vocabulary = json.loads((english_folder() / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    larger = with_pieces(vocabulary, pieces)
    assert {piece: larger[piece] for piece in vocabulary} == vocabulary
    assert sorted(larger.values()) == list(range(len(larger)))
    assert set(pieces) <= larger.keys()


def test_rows_survive_their_file(tmp_path):
    rows = Rows(("а", "##ът"), np.array([[1.5, -2], [0, 0.25]], np.float16))
    rows.save(tmp_path / "rows.safetensors")
    read = read_rows(tmp_path / "rows.safetensors")
    assert read.pieces == rows.pieces
    assert np.array_equal(read.values, rows.values)


def test_only_the_rows_named_are_replaced(tmp_path):
    from safetensors.numpy import load_file

    name = "embeddings.word_embeddings.weight"
    before = load_file(english_folder() / "model.safetensors")
    words = Words(("posta",), np.array([[5653]], np.uint16), np.ones((1, 1), np.float16))
    assemble(english_folder(), Rows(("а", "принтер"), np.ones((2, 384), np.float16)), words, tmp_path)
    after = load_file(tmp_path / "model.safetensors")
    replaced = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]["а"]
    changed = np.flatnonzero((after[name][: len(before[name])] != before[name]).any(axis=1))
    assert changed.tolist() == [replaced]
    assert after[name].shape == (len(before[name]) + 2, 384)
    row, english = after[name][-1], before[name][5653]
    assert row @ english == pytest.approx(np.linalg.norm(row) * np.linalg.norm(english), rel=1e-3)
    assert np.linalg.norm(row) == pytest.approx(1.2, abs=1e-3)
    assert all(np.array_equal(after[other], before[other]) for other in before if other != name)


@pytest.mark.model
@pytest.mark.parametrize(
    "issue", ["ne moga da vlqza v poshtata ot vchera, Outlook iska parola", "Outlook asks for my password again"]
)
def test_who_writes_back_sees_what_would_be_suggested(exported, tmp_path, issue):
    base = embedded(tmp_path, lambda _: exported, model=None, default_model="default")
    try:
        for id, text, fix in (
            (
                "T-1",
                "Cannot sign in to the mailbox since yesterday",
                "Changed the expired password of the user in the domain",
            ),
            ("T-2", "Outlook wants the password every morning", "Removed the stale entry from the credential manager"),
            ("T-3", "Printer prints blank pages", "Replaced the drum unit of the printer"),
        ):
            base.tickets.resolve(ACME, ResolvedTicketIn(id, Ticket(text), Resolution(fix)))
        expected = {one.ref.id: one.confidence for one in base.rank(Scope(ACME), Ticket(issue))}
        fix = "Enabled modern authentication for the mailbox"
        told = base.tickets.resolve(ACME, ResolvedTicketIn("T-4", Ticket(issue), Resolution(fix))).similar
        assert told
        assert {one.solution_id: one.confidence for one in told} == pytest.approx(
            {one.solution_id: expected[one.solution_id] for one in told}, abs=0.005
        )
    finally:
        base.close()
