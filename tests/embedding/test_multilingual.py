"""The default model: English as it was, Bulgarian beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.embedding.exported import GRAPH
from kbsearch.embedding.multilingual import ROWS, Rows, assemble, read_rows, with_pieces
from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder
from kbsearch.embedding.weights import ENGLISH_MODEL, english_folder, fingerprint, model_folder
from kbsearch.text.transliteration import as_meant

ENGLISH = [
    "Outlook asks for the password again and again",
    "BSOD IRQL_NOT_LESS_OR_EQUAL after KB5034441 on srv-print01",
    "Die Freigabe ist nicht erreichbar: „Zugriff verweigert“",
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


@pytest.fixture(scope="module")
def english() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(ENGLISH_MODEL, threads=2)


def test_the_rows_are_one_file_of_at_most_40_megabytes():
    rows = read_rows()
    assert [path.name for path in ROWS.parent.iterdir()] == [ROWS.name]
    assert ROWS.stat().st_size <= 40 * 10**6
    assert rows.values.shape == (len(rows.pieces), 384)
    assert np.isfinite(rows.values).all()
    assert len(set(rows.pieces)) == len(rows.pieces)


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


def test_the_folder_put_together_is_gone_afterwards():
    with model_folder("default") as folder:
        assert (Path(folder) / "modules.json").is_file()
    assert not Path(folder).exists()


@given(st.lists(st.sampled_from(["а", "##а", "принтер", "##ът", "Ѝ"]), unique=True))
@settings(max_examples=20, deadline=None)
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
    assemble(english_folder(), Rows(("а", "принтер"), np.ones((2, 384), np.float16)), tmp_path)
    after = load_file(tmp_path / "model.safetensors")
    replaced = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]["а"]
    changed = np.flatnonzero((after[name][: len(before[name])] != before[name]).any(axis=1))
    assert changed.tolist() == [replaced]
    assert after[name].shape == (len(before[name]) + 1, 384)
    assert all(np.array_equal(after[other], before[other]) for other in before if other != name)
