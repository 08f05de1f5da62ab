"""The embedder that the other tests use keeps the protocol's promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.harness.hashing import HashingEmbedder


@given(st.lists(st.text(), max_size=5))
def test_it_gives_unit_vectors_and_counts(texts):
    embedder = HashingEmbedder(dimension=16)
    vectors = embedder.embed_documents(texts)
    assert vectors.shape == (len(texts), 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert np.array_equal(vectors, embedder.embed_query(texts))
    assert len(embedder.count_tokens(texts)) == len(texts)


def test_two_of_them_can_differ():
    one, other = HashingEmbedder(dimension=16), HashingEmbedder(dimension=16, name="other")
    assert one.model_id != other.model_id
    assert not np.allclose(one.embed_query(["printer"]), other.embed_query(["printer"]))
