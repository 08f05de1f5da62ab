import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from kbsearch.errors import SnapshotInvalid
from kbsearch.index.bm25 import plan
from kbsearch.index.local import snapshot
from kbsearch.index.local.dense import DenseIndex
from kbsearch.index.local.dense_segments import ClusteredSegment
from kbsearch.index.local.lexical import LexicalIndex
from kbsearch.index.local.lexical_segments import IndexedTerms
from kbsearch.index.local.segment_files import write_arrays
from kbsearch.model import SHARED, Scope, TenantId
from kbsearch.text.term_counts import packed, term_hash
from kbsearch.text.words import parse_query

ACME, GLOBEX = TenantId("acme"), TenantId("globex")
TENANTS = (ACME, GLOBEX, SHARED)
MODEL = "hashing@8"
DIMENSION = 8


def _terms(document, words="printer offline"):
    return IndexedTerms(document, len(words.split()), packed([], words.split(), []))


def _indexes(rows=30, seed=1, folder=None):
    dense, lexical = DenseIndex(DIMENSION, folder, exact_rows=20), LexicalIndex(folder)
    random = np.random.default_rng(seed)
    for start, tenant in enumerate(TENANTS):
        ids = np.arange(start * 1000, start * 1000 + rows, dtype=np.int64)
        dense.replace(tenant, [], random.standard_normal((rows, DIMENSION)).astype(np.float16), ids, ids // 2)
        lexical.replace(tenant, [], [_terms(int(id), f"printer word{id}") for id in np.unique(ids // 2)])
    return dense, lexical


def _save(folder, indexes=None, generation=1, seq=7):
    dense, lexical = indexes or _indexes()
    return snapshot.save(folder, snapshot.State.of(dense, lexical, seq), generation, MODEL, DIMENSION)


def _load(path):
    dense = DenseIndex(DIMENSION, path.parent)
    lexical, seq = snapshot.load(path, MODEL, DIMENSION, dense)
    return dense, lexical, seq


def _content(dense, lexical):
    """What every tenant finds with some queries."""
    queries = np.random.default_rng(2).standard_normal((2, DIMENSION)).astype(np.float32)
    query = parse_query("printer word3 word501 word1001")
    found = []
    for tenant in TENANTS:
        scope = Scope(tenant)
        view = lexical.view(scope)
        frequencies = view.frequencies(query.terms)
        matching = view.match(plan(query, *view.size(), frequencies), frequencies)
        found.append((dense.search(scope, queries, 20), view.size(), matching.best(20), matching.scores(range(2000))))
    return found


def _files(place):
    return sorted(file.name for file in place.iterdir())


def test_what_was_saved_is_loaded(tmp_path):
    dense, lexical = _indexes()
    dense.replace(ACME, [3, 4], np.zeros((0, DIMENSION), np.float16), np.zeros(0, np.int64), np.zeros(0, np.int64))
    lexical.replace(ACME, [3, 4], [_terms(4, "spooler")])
    *loaded, seq = _load(_save(tmp_path, (dense, lexical), seq=42))
    assert seq == 42
    assert _content(*loaded) == _content(dense, lexical)


@given(st.lists(st.tuples(st.sampled_from(TENANTS), st.integers(0, 9), st.booleans()), max_size=25))
@settings(max_examples=examples(25))
def test_any_index_survives_the_round_trip(tmp_path_factory, changes):
    dense, lexical = DenseIndex(DIMENSION), LexicalIndex()
    for passage, (tenant, document, keep) in enumerate(changes):
        vectors = np.full((int(keep), DIMENSION), passage, np.float16)
        ids = np.array([passage] * int(keep), np.int64)
        dense.replace(tenant, [document], vectors, ids, np.array([document] * int(keep), np.int64))
        lexical.replace(tenant, [document], [_terms(document)] if keep else [])
    *loaded, seq = _load(_save(tmp_path_factory.mktemp("snapshot"), (dense, lexical), seq=len(changes)))
    assert (seq, _content(*loaded)) == (len(changes), _content(dense, lexical))


def test_an_empty_index_survives_the_round_trip(tmp_path):
    dense, lexical, seq = _load(_save(tmp_path, (DenseIndex(DIMENSION), LexicalIndex()), seq=0))
    assert (seq, len(dense), len(lexical)) == (0, 0, 0)


def test_a_clustered_segment_survives_the_round_trip(tmp_path):
    dense, lexical = _indexes(rows=40, folder=snapshot.folder_of(tmp_path, 1))
    for tenant, segments in dense.segments.all().items():
        dense.segments.exchange(tenant, segments, dense._merge(segments))
    dense.replace(ACME, [3], np.zeros((0, DIMENSION), np.float16), np.zeros(0, np.int64), np.zeros(0, np.int64))
    path = _save(tmp_path, (dense, lexical))
    expected = _content(dense, lexical)
    del dense
    loaded, terms, _ = _load(path)
    assert all(isinstance(one, ClusteredSegment) for one in loaded.segments.of(Scope(ACME)))
    assert _content(loaded, terms) == expected


def test_only_what_is_new_is_written(tmp_path):
    dense, lexical = _indexes()
    place = _save(tmp_path, (dense, lexical), seq=1).parent
    before = {name: (place / name).stat().st_mtime_ns for name in _files(place)}
    dense.replace(ACME, [], np.ones((1, DIMENSION), np.float16), np.array([9000]), np.array([9000]))
    _save(tmp_path, (dense, lexical), seq=2)
    new = [name for name in _files(place) if name not in before]
    assert sorted(name.rpartition(".")[2] for name in new) == ["flat", "json", "removed"]
    assert all((place / name).stat().st_mtime_ns == when for name, when in before.items() if (place / name).exists())


def test_a_loaded_index_can_be_changed(tmp_path):
    dense, lexical, _ = _load(_save(tmp_path))
    vector = np.full((1, DIMENSION), 9, np.float16)
    dense.replace(ACME, [0], vector, np.array([5000]), np.array([5000]))
    lexical.replace(ACME, [0], [_terms(5000, "spooler")])
    assert dense.search(Scope(ACME), vector.astype(np.float32), 1)[0].passage == 5000
    assert not len(dense.cosines(Scope(ACME), vector.astype(np.float32), [0]).passages)
    assert lexical.view(Scope(ACME)).frequencies(["spooler"]) == {"spooler": 1}


def _one_file(place, suffix):
    return next(file for file in sorted(place.iterdir()) if file.name.endswith(suffix))


@pytest.mark.parametrize("suffix", [".json", ".flat", ".terms", ".removed"])
def test_a_missing_file_is_noticed(tmp_path, suffix):
    path = _save(tmp_path)
    _one_file(path.parent, suffix).unlink()
    with pytest.raises(SnapshotInvalid, match=suffix):
        _load(path)


@pytest.mark.parametrize("kept", [0, 1, 0.5, -1])
@pytest.mark.parametrize("suffix", [".json", ".flat", ".terms", ".removed"])
def test_a_truncated_file_is_noticed(tmp_path, suffix, kept):
    path = _save(tmp_path)
    file = _one_file(path.parent, suffix)
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    with pytest.raises(SnapshotInvalid) as raised:
        _load(path)
    assert str(path.parent) in raised.value.path


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return _save(tmp_path_factory.mktemp("saved"), _indexes(rows=5), 3, 1234)


def _sound(path, file, content):
    """Whether a snapshot with this content in one file is still taken, after checking that it says the same."""
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        *loaded, seq = _load(path)
    except SnapshotInvalid:
        return False
    finally:
        file.write_bytes(before)
    *expected, expected_seq = _load(path)
    assert (seq, _content(*loaded)) == (expected_seq, _content(*expected))
    return True


@given(st.data())
@settings(deadline=None)
def test_a_flipped_bit_is_noticed(saved, data):
    file = saved.parent / data.draw(st.sampled_from([name for name in _files(saved.parent) if name != saved.name]))
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert not _sound(saved, file, bytes(content))


@pytest.mark.parametrize("bit", [0, 1, 5])
def test_a_flipped_bit_in_the_manifest_never_changes_what_is_loaded(saved, bit):
    content = saved.read_bytes()
    for place in range(0, len(content), 3):
        _sound(saved, saved, content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])


@pytest.mark.parametrize(
    ("model_id", "dimension", "match"), [("other@8", DIMENSION, "other@8"), (MODEL, 16, "dimensions")]
)
def test_a_snapshot_of_another_model_is_refused(saved, model_id, dimension, match):
    with pytest.raises(SnapshotInvalid, match=match):
        snapshot.load(saved, model_id, dimension, DenseIndex(dimension))


def test_a_snapshot_of_another_format_is_refused(tmp_path):
    path = _save(tmp_path)
    signed = json.loads(path.read_text())
    content = json.dumps(json.loads(signed["manifest"]) | {"format": 99})
    digest = hashlib.sha256(content.encode()).hexdigest()
    path.write_text(json.dumps({"manifest": content, "sha256": digest}))
    with pytest.raises(SnapshotInvalid, match="99"):
        _load(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"format": 1}', "\x00\xff", '{"unknown": 1}'])
def test_a_manifest_that_is_none_is_refused(tmp_path, content):
    path = _save(tmp_path)
    path.write_text(content, encoding="latin-1")
    with pytest.raises(SnapshotInvalid, match=r"manifest-7\.json"):
        _load(path)


def test_files_of_two_snapshots_cannot_be_mixed(tmp_path):
    path, other = _save(tmp_path / "one"), _save(tmp_path / "other", _indexes(seed=2))
    _one_file(path.parent, ".flat").write_bytes(_one_file(other.parent, ".flat").read_bytes())
    with pytest.raises(SnapshotInvalid, match="damaged"):
        _load(path)


def test_the_newest_of_a_generation_is_kept_and_given(tmp_path):
    assert snapshot.newest(tmp_path, 1) is None
    assert snapshot.newest(tmp_path / "missing", 1) is None
    indexes = _indexes()
    first = _save(tmp_path, indexes, seq=9)
    other = _save(tmp_path, generation=2, seq=3)
    last = _save(tmp_path, indexes, seq=10)
    assert snapshot.newest(tmp_path, 1) == last
    assert snapshot.newest(tmp_path, 2) == other
    assert not first.exists()


def test_files_that_no_snapshot_names_go_when_they_are_old(tmp_path):
    indexes = _indexes()
    place = _save(tmp_path, indexes, seq=1).parent
    fresh, old = place / "fresh.flat", place / "old.flat"
    for path in (fresh, old):
        path.touch()
    os.utime(old, (1, 1))
    _save(tmp_path, indexes, seq=2)
    assert fresh.exists()
    assert not old.exists()
    assert _load(snapshot.newest(tmp_path, 1))[2] == 2


def test_two_processes_save_at_the_same_time(tmp_path):
    def save(first):
        indexes = _indexes(rows=4, folder=snapshot.folder_of(tmp_path, 1))
        for seq in range(first, 120, 2):
            _save(tmp_path, indexes, seq=seq)

    with ThreadPoolExecutor(2) as processes:
        for saving in [processes.submit(save, first) for first in (1, 2)]:
            saving.result()
    path = snapshot.newest(tmp_path, 1)
    assert path.name == "manifest-119.json"
    assert _content(*_load(path)[:2]) == _content(*_indexes(rows=4))


def test_saving_the_same_state_again_changes_nothing(tmp_path):
    indexes = _indexes()
    assert _save(tmp_path, indexes) == _save(tmp_path, indexes)
    *loaded, _ = _load(snapshot.newest(tmp_path, 1))
    assert _content(*loaded) == _content(*indexes)


def test_files_of_gone_generations_and_of_an_earlier_format_are_dropped(tmp_path):
    _save(tmp_path, generation=1)
    _save(tmp_path, generation=2)
    (tmp_path / "generation-2-17").mkdir()
    snapshot.drop_others(tmp_path, keep={2})
    assert _files(tmp_path) == ["generation-2"]


def test_a_discarded_snapshot_is_not_opened_again(tmp_path):
    path = _save(tmp_path)
    snapshot.discard(path)
    assert snapshot.newest(tmp_path, 1) is None
    snapshot.discard(path)


def test_a_file_that_cannot_be_written_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="missing"):
        write_arrays(tmp_path / "missing" / "file", {"a": np.zeros(3)})


def test_forgotten_documents_are_in_no_file(tmp_path):
    """Of exact and clustered segments, in what is saved, and in what an earlier snapshot left."""
    place = snapshot.folder_of(tmp_path, 1)
    dense, lexical = _indexes(rows=30, folder=place)
    random = np.random.default_rng(5)
    for start in range(0, 200, 20):
        ids = np.arange(100 + start, 100 + start + 20)
        dense.replace(ACME, [], random.standard_normal((20, DIMENSION)).astype(np.float16), ids, ids // 2)
    while dense.compact():
        pass
    assert [one for one in dense.segments.of(Scope(ACME)) if isinstance(one, ClusteredSegment)]
    before = {hit.document for hit in dense.search(Scope(ACME), np.ones((1, DIMENSION), np.float32), 400)}
    gone = np.array([3, 55, 501, 10_000])
    vectors = [
        segment.vectors(np.array([row])).tobytes()
        for segments in dense.segments.all().values()
        for segment in segments
        for row in np.flatnonzero(np.isin(segment.documents, gone)).tolist()
    ]
    hashes = [term_hash(f"word{document}").to_bytes(8, "little") for document in (3, 501)]
    assert len(vectors) == 6

    def left():
        content = b"".join(path.read_bytes() for path in place.iterdir())
        return [pattern for pattern in (*vectors, *hashes) if pattern in content]

    _save(tmp_path, (dense, lexical))
    assert len(left()) == len(vectors) + len(hashes)
    assert snapshot.any_holds(tmp_path, 1, gone)
    assert dense.segments.forget(gone)
    assert lexical.segments.forget(gone)
    assert not dense.segments.forget(gone)
    assert not lexical.segments.forget(gone)
    path = _save(tmp_path, (dense, lexical), seq=8)
    assert left(), "the segments before are kept for a while"
    assert snapshot.forget(tmp_path, 1, gone)
    assert left() == []
    assert not snapshot.any_holds(tmp_path, 1, gone)
    *loaded, seq = _load(path)
    assert seq == 8
    assert _content(*loaded) == _content(dense, lexical)
    assert [one for one in loaded[0].segments.of(Scope(ACME)) if isinstance(one, ClusteredSegment)]
    found = loaded[0].search(Scope(ACME), np.ones((1, DIMENSION), np.float32), 400)
    assert {hit.document for hit in found} == before - {3, 55}


def test_a_snapshot_that_holds_forgotten_documents_goes(tmp_path):
    path = _save(tmp_path)
    assert snapshot.forget(tmp_path, 1, np.array([10_000]))
    assert path.exists()
    assert snapshot.forget(tmp_path, 1, np.array([3]))
    assert snapshot.newest(tmp_path, 1) is None
    assert snapshot.forget(tmp_path, 2, np.array([3]))


def test_a_file_that_cannot_be_read_may_hold_forgotten_documents(tmp_path):
    _save(tmp_path)
    unfinished = snapshot.folder_of(tmp_path, 1) / f"{'0' * 32}.ids"
    unfinished.write_bytes(b"\x10")
    assert not snapshot.forget(tmp_path, 1, np.array([10_000]))
    assert unfinished.exists()
    os.utime(unfinished, (1, 1))  # whoever began to write it was killed
    assert snapshot.forget(tmp_path, 1, np.array([10_000]))
    assert not unfinished.exists()


@pytest.mark.parametrize("gone", [("ids",), ("ivf",), ("vectors",), ("ids", "ivf", "vectors"), ("terms",)])
def test_files_that_another_process_removed_are_written_again(tmp_path, gone):
    dense, lexical = _indexes(rows=40, folder=snapshot.folder_of(tmp_path, 1))
    for tenant, segments in dense.segments.all().items():
        dense.segments.exchange(tenant, segments, dense._merge(segments))
    first = _save(tmp_path, (dense, lexical))
    expected = _content(dense, lexical)
    removed = [path for path in first.parent.iterdir() if path.suffix.lstrip(".") in gone]
    assert {path.suffix.lstrip(".") for path in removed} == {*gone}
    for path in removed:
        path.unlink()
    again = _load(_save(tmp_path, (dense, lexical), seq=8))
    assert _content(*again[:2]) == expected
    dense.replace(ACME, [0], np.empty((0, DIMENSION), np.float16), np.empty(0, np.int64), np.empty(0, np.int64))
    again[0].replace(ACME, [0], np.empty((0, DIMENSION), np.float16), np.empty(0, np.int64), np.empty(0, np.int64))
    assert _content(again[0], lexical) == _content(dense, lexical)
