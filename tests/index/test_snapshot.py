import hashlib
import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.errors import SnapshotInvalid
from kbsearch.index import snapshot
from kbsearch.index.dense import DenseIndex
from kbsearch.model import SHARED, Scope, TenantId

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
MODEL = "hashing@8"
DIMENSION = 8


def _index(rows=30, seed=1):
    index, random = DenseIndex(DIMENSION), np.random.default_rng(seed)
    for start, tenant in enumerate((ACME, GLOBEX, SHARED)):
        ids = np.arange(start * 1000, start * 1000 + rows, dtype=np.int64)
        index.replace(tenant, [], random.standard_normal((rows, DIMENSION)).astype(np.float32), ids, ids // 2)
    return index


def _content(index):
    """Every tenant's rows, those of a tenant without any left out."""
    return {
        tenant: (vectors.tolist(), passages.tolist(), documents.tolist())
        for tenant, (vectors, passages, documents) in index.partitions().items()
        if len(passages)
    }


def test_what_was_saved_is_loaded(tmp_path):
    index = _index()
    index.replace(ACME, [3, 4], np.zeros((0, DIMENSION), np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    path = snapshot.save(tmp_path, index, generation=1, model_id=MODEL, seq=42)
    loaded, seq = snapshot.load(path, MODEL, DIMENSION)
    assert seq == 42
    assert _content(loaded) == _content(index)
    queries = np.random.default_rng(2).standard_normal((2, DIMENSION)).astype(np.float32)
    for tenant in (ACME, GLOBEX, SHARED):
        expected = index.search(Scope(tenant), queries, 20)
        found = loaded.search(Scope(tenant), queries, 20)
        assert [(hit.passage, hit.document) for hit in found] == [(hit.passage, hit.document) for hit in expected]
        assert [hit.similarity for hit in found] == pytest.approx([hit.similarity for hit in expected], abs=1e-6)


@given(st.lists(st.tuples(st.sampled_from([ACME, GLOBEX, SHARED]), st.integers(0, 9), st.booleans()), max_size=25))
@settings(max_examples=25)
def test_any_index_survives_the_round_trip(tmp_path_factory, changes):
    index = DenseIndex(DIMENSION)
    for passage, (tenant, document, keep) in enumerate(changes):
        vectors = np.full((int(keep), DIMENSION), passage, np.float32)
        ids = np.array([passage] * int(keep), np.int64)
        index.replace(tenant, [document], vectors, ids, np.array([document] * int(keep), np.int64))
    path = snapshot.save(tmp_path_factory.mktemp("snapshot"), index, 1, MODEL, len(changes))
    loaded, seq = snapshot.load(path, MODEL, DIMENSION)
    assert (seq, _content(loaded)) == (len(changes), _content(index))


def test_an_empty_index_survives_the_round_trip(tmp_path):
    path = snapshot.save(tmp_path, DenseIndex(DIMENSION), 1, MODEL, 0)
    loaded, seq = snapshot.load(path, MODEL, DIMENSION)
    assert (seq, len(loaded)) == (0, 0)


def test_a_loaded_index_can_be_changed(tmp_path):
    loaded, _ = snapshot.load(snapshot.save(tmp_path, _index(), 1, MODEL, 1), MODEL, DIMENSION)
    vector = np.full((1, DIMENSION), 9, np.float32)
    loaded.replace(ACME, [0], vector, np.array([5000]), np.array([5000]))
    assert loaded.search(Scope(ACME), vector, 1)[0].passage == 5000
    assert not loaded.similarities(Scope(ACME), vector, [0])


def _files(path):
    return sorted(file.name for file in path.iterdir())


@pytest.mark.parametrize("name", ["manifest.json", "acme.faiss", "acme.npy", "shared.faiss", "globex.npy"])
def test_a_missing_file_is_noticed(tmp_path, name):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 7)
    (path / name).unlink()
    with pytest.raises(SnapshotInvalid, match=name):
        snapshot.load(path, MODEL, DIMENSION)


@pytest.mark.parametrize("kept", [0, 1, 0.5, -1])
@pytest.mark.parametrize("name", ["manifest.json", "acme.faiss", "acme.npy"])
def test_a_truncated_file_is_noticed(tmp_path, name, kept):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 7)
    content = (path / name).read_bytes()
    (path / name).write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    with pytest.raises(SnapshotInvalid) as raised:
        snapshot.load(path, MODEL, DIMENSION)
    assert str(path) in raised.value.path


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return snapshot.save(tmp_path_factory.mktemp("saved"), _index(rows=5), 3, MODEL, 1234)


def _sound(path, file, content):
    """Whether a snapshot with this content in one file is still taken, after checking that it says the same."""
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        loaded, seq = snapshot.load(path, MODEL, DIMENSION)
    except SnapshotInvalid:
        return False
    finally:
        file.write_bytes(before)
    expected, expected_seq = snapshot.load(path, MODEL, DIMENSION)
    assert (seq, _content(loaded)) == (expected_seq, _content(expected))
    return True


@given(st.data())
def test_a_flipped_bit_is_noticed(saved, data):
    file = saved / data.draw(st.sampled_from([name for name in _files(saved) if name != "manifest.json"]))
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not _sound(saved, file, bytes(content))


@pytest.mark.parametrize("bit", [0, 1, 5])
def test_a_flipped_bit_in_the_manifest_never_changes_what_is_loaded(saved, bit):
    file = saved / "manifest.json"
    content = file.read_bytes()
    for place in range(len(content)):
        _sound(saved, file, content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])


@pytest.mark.parametrize(
    ("model_id", "dimension", "match"), [("other@8", DIMENSION, "other@8"), (MODEL, 16, "dimensions")]
)
def test_a_snapshot_of_another_model_is_refused(saved, model_id, dimension, match):
    with pytest.raises(SnapshotInvalid, match=match):
        snapshot.load(saved, model_id, dimension)


def test_a_snapshot_of_another_format_is_refused(tmp_path):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 7)
    signed = json.loads((path / "manifest.json").read_text())
    content = json.dumps(json.loads(signed["manifest"]) | {"format": 99})
    digest = hashlib.sha256(content.encode()).hexdigest()
    (path / "manifest.json").write_text(json.dumps({"manifest": content, "sha256": digest}))
    with pytest.raises(SnapshotInvalid, match="99"):
        snapshot.load(path, MODEL, DIMENSION)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"format": 1}', "\x00\xff", '{"unknown": 1}'])
def test_a_manifest_that_is_none_is_refused(tmp_path, content):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 7)
    (path / "manifest.json").write_text(content, encoding="latin-1")
    with pytest.raises(SnapshotInvalid, match=r"manifest\.json"):
        snapshot.load(path, MODEL, DIMENSION)


def test_files_of_two_snapshots_cannot_be_mixed(tmp_path):
    path = snapshot.save(tmp_path / "one", _index(), 1, MODEL, 7)
    other = snapshot.save(tmp_path / "other", _index(seed=2), 1, MODEL, 7)
    (path / "acme.faiss").write_bytes((other / "acme.faiss").read_bytes())
    with pytest.raises(SnapshotInvalid, match="damaged"):
        snapshot.load(path, MODEL, DIMENSION)


def test_the_newest_of_a_generation_is_kept_and_given(tmp_path):
    assert snapshot.newest(tmp_path, 1) is None
    assert snapshot.newest(tmp_path / "missing", 1) is None
    snapshot.save(tmp_path, _index(), 1, MODEL, 9)
    other = snapshot.save(tmp_path, _index(), 2, MODEL, 3)
    last = snapshot.save(tmp_path, _index(), 1, MODEL, 10)
    assert snapshot.newest(tmp_path, 1) == last
    assert snapshot.newest(tmp_path, 2) == other
    assert _files(tmp_path) == ["generation-1-10", "generation-2-3"]


def test_saving_the_same_state_again_changes_nothing(tmp_path):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 9)
    before = {name: (path / name).read_bytes() for name in _files(path)}
    assert snapshot.save(tmp_path, _index(), 1, MODEL, 9) == path
    assert {name: (path / name).read_bytes() for name in _files(path)} == before


def test_half_written_snapshots_of_dead_processes_and_gone_generations_are_dropped(tmp_path):
    snapshot.save(tmp_path, _index(), 1, MODEL, 1)
    snapshot.save(tmp_path, _index(), 2, MODEL, 2)
    dead = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(dead, 0)
    (tmp_path / f".partial-2-3-{dead}").mkdir()
    (tmp_path / f".partial-2-4-{os.getpid()}").mkdir()
    snapshot.drop_others(tmp_path, keep={2})
    assert _files(tmp_path) == [f".partial-2-4-{os.getpid()}", "generation-2-2"]


def test_a_discarded_snapshot_is_gone(tmp_path):
    path = snapshot.save(tmp_path, _index(), 1, MODEL, 1)
    snapshot.discard(path)
    assert snapshot.newest(tmp_path, 1) is None
    snapshot.discard(path)
