"""What survives: a kill, a lost or damaged snapshot, another process on the same folder."""

import logging
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kbsearch.errors import ModelMismatch, StorageError
from kbsearch.store.sqlite.files import FILE_NAME
from knowledge.embedders import CountingEmbedder
from knowledge.made import ACME, ACMES, GLOBEXS, answers, found, put, resolve, said, suggested

TEXTS = ("Printer offline", "Restarted the print spooler service")


def _fill(kb, start=0, count=5):
    for number in range(start, start + count):
        resolve(kb, f"T-{number}", f"Printer offline in room {number}", "Restarted the print spooler service")


def _snapshots(folder):
    return sorted(path for path in (folder / "index").glob("generation-*/manifest-*.json"))


def test_nothing_is_lost_without_a_close(kb, open_base):
    _fill(kb)
    before = answers(kb, ACMES)
    assert answers(open_base(), ACMES) == before


def test_what_is_newer_than_the_snapshot_is_replayed(kb, open_base, folder):
    _fill(kb)
    kb.close()
    assert len(_snapshots(folder)) == 1
    second = open_base()
    put(second)
    _fill(second, start=5)
    second.tickets.reopen(ACME, "T-0")
    second.tickets.erase(ACME, "T-1")
    resolve(second, "T-2", "Scanner broken", "Replaced the scanner by a new one")
    before = answers(second, ACMES)
    third = open_base()
    assert answers(third, ACMES) == before
    assert said(third, "scanner") == ["T-2"]
    assert {"T-0", "T-1"}.isdisjoint(found(third, "printer"))


def test_a_killed_process_loses_nothing_it_had_answered(folder, open_base):
    tests = Path(__file__).parent.parent
    writer = tests / "knowledge" / "endless_writer.py"
    path = {"PYTHONPATH": f"{tests.parent}:{tests}"}
    process = subprocess.Popen([sys.executable, writer, folder], stdout=subprocess.PIPE, text=True, env=path)
    answered = [int(process.stdout.readline()) for _ in range(10)]
    process.send_signal(signal.SIGKILL)
    answered += [int(line) for line in process.stdout]
    process.stdout.close()
    process.wait()
    kb = open_base()
    assert {f"T-{number}" for number in answered} <= set(found(kb, "printer", limit=1001))
    assert kb.count()[0] - len(answered) in (0, 1)
    resolve(kb, "T-new", "Scanner broken", "Replaced the scanner by a new one")
    assert said(kb, "scanner") == ["T-new"]


def test_a_lost_index_is_rebuilt_without_embedding_again(kb, open_base, folder, embedders):
    _fill(kb)
    put(kb)
    before = answers(kb, ACMES)
    kb.close()
    shutil.rmtree(folder / "index")
    embedders["hashing"].documents.clear()
    assert answers(open_base(), ACMES) == before
    assert embedders["hashing"].documents == []


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
@pytest.mark.parametrize("suffix", ["flat", "terms", "json"])
def test_a_damaged_snapshot_is_rebuilt_with_a_warning(kb, open_base, folder, caplog, damage, suffix):
    _fill(kb)
    before = answers(kb, ACMES)
    kb.close()
    [snapshot] = _snapshots(folder)
    damage(next(snapshot.parent.glob(f"*.{suffix}")))
    with caplog.at_level(logging.WARNING):
        second = open_base()
    assert answers(second, ACMES) == before
    missing = (damage, suffix) == (Path.unlink, "json")  # then there is no snapshot, which is no damage
    said_so = [one.getMessage() for one in caplog.records]
    assert missing or any("rebuilt" in one and str(snapshot.parent) in one for one in said_so)
    second.close()
    caplog.clear()
    assert answers(open_base(), ACMES) == before
    assert caplog.records == []


def test_a_snapshot_newer_than_a_restored_store_is_not_used(kb, open_base, folder, tmp_path, caplog):
    _fill(kb)
    before = answers(kb, ACMES)
    kb.close()
    shutil.copy(folder / FILE_NAME, tmp_path / "backup")
    second = open_base()
    _fill(second, start=5)
    second.close()
    for file in folder.glob(f"{FILE_NAME}*"):
        file.unlink()
    shutil.copy(tmp_path / "backup", folder / FILE_NAME)
    with caplog.at_level(logging.WARNING):
        restored = open_base()
    assert "newer than the store" in caplog.text
    assert answers(restored, ACMES) == before
    _fill(restored, start=5)
    assert "T-9" in found(restored, "printer")


def test_only_the_newest_snapshot_is_kept(open_base, folder):
    for start in range(0, 15, 5):
        kb = open_base()
        _fill(kb, start)
        kb.close()
        assert len(_snapshots(folder)) == 1


def test_closing_without_a_change_writes_no_snapshot_again(kb, open_base, folder):
    _fill(kb)
    kb.close()
    [path] = _snapshots(folder)
    before = path.stat().st_mtime_ns
    open_base().close()
    assert [one.stat().st_mtime_ns for one in _snapshots(folder)] == [before]


# -- two on one folder -------------------------------------------------------------------------------------


def test_two_bases_see_each_others_writes_in_the_very_next_question(kb, open_base):
    other = open_base()
    for number, (writer, reader) in enumerate([(kb, other), (other, kb)] * 3):
        written = resolve(writer, f"T-{number}", f"Room {number} is dark", f"Changed lamp number {number} there")
        assert suggested(reader, f"Room {number} is dark")[0] == written.solution_id
        assert found(reader, f"Room {number} is dark")[0] == f"T-{number}"
    kb.tickets.reopen(ACME, "T-0")
    other.tickets.erase(ACME, "T-1")
    put(kb, "a", "Projector without picture")
    for base in (kb, other):
        assert {"T-0", "T-1"}.isdisjoint(found(base, "dark"))
        assert found(base, "projector picture")[0] == "a"
    assert answers(kb, ACMES) == answers(other, ACMES)


def test_writers_on_two_bases_and_in_threads_lose_nothing(kb, open_base):
    bases = (kb, open_base())
    raised = []

    def write(start):
        try:
            _fill(bases[start % 2], start * 100, 8)
        except Exception as error:  # noqa: BLE001 - told below
            raised.append(error)

    threads = [threading.Thread(target=write, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    expected = {f"T-{start * 100 + n}" for start in range(4) for n in range(8)}
    for base in bases:
        assert set(found(base, "printer")) == expected
        assert base.revision(ACMES) == 32
    assert answers(kb, ACMES) == answers(bases[1], ACMES)


def test_a_base_opened_while_the_other_writes_is_whole(kb, open_base):
    stop = threading.Event()
    written = []

    def write():
        while not stop.is_set():
            number = len(written)
            resolve(kb, f"T-{number}", f"Printer offline in room {number}", "Restarted the print spooler service")
            written.append(f"T-{number}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            before = set(written)
            assert before <= set(found(open_base(), "printer", limit=10_000))
    finally:
        stop.set()
        writer.join()


# -- refusals ----------------------------------------------------------------------------------------------


def test_another_model_than_the_indexed_one_is_refused(kb, open_base):
    kb.close()
    with pytest.raises(ModelMismatch, match="kbsearch reindex") as raised:
        open_base(model="other")
    assert (raised.value.configured, raised.value.indexed) == ("other", "hashing")


def test_the_configured_model_may_be_the_indexed_one_or_none(kb, open_base):
    _fill(kb)
    kb.close()
    for model in ("hashing", None):
        assert found(open_base(model=model), "printer")


def test_changed_weights_under_the_same_name_are_refused(kb, open_base, embedders):
    kb.close()
    embedders["hashing"] = CountingEmbedder(dimension=48)
    with pytest.raises(ModelMismatch):
        open_base()


def test_a_folder_that_cannot_be_used_is_refused(tmp_path, open_base):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        open_base(tmp_path / "file")


def test_two_folders_share_nothing(kb, open_base, tmp_path):
    other = open_base(tmp_path / "other")
    _fill(kb)
    assert found(other, "printer") == []
    assert other.revision(ACMES) == other.revision(GLOBEXS) == 0


def test_threads_end_with_the_base(open_base):
    before = threading.active_count()
    kb = open_base()
    kb.start_upkeep()
    suggested(kb)
    kb.close()
    assert threading.active_count() == before
