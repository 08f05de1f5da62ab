from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbsearch.cli.options import opened
from kbsearch.model import SHARED
from kbsearch.settings import Settings

from .conftest import Run, answer, write_article

pytestmark = pytest.mark.model


def test_sync_adds_changes_and_archives(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    first = write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    write_article(shared, "vpn.bg.md", "VPN грешка 809", "Сменете профила на SSTP.")
    write_article(tmp_path / "kb" / "acme", "erp.en.md", "ERP login", "Unlock the account in the ERP console.")
    kb = str(tmp_path / "kb")

    assert answer(run("articles", "sync", kb, "--json"))["added"] == 3
    assert answer(run("articles", "sync", kb, "--json"))["unchanged"] == 3

    write_article(shared, "vpn.en.md", "VPN error 809", "Open UDP port 4500 on the router.")
    (shared / "vpn.bg.md").unlink()
    changed = answer(run("articles", "sync", kb, "--json"))
    assert (changed["changed"], changed["removed"], changed["unchanged"]) == (1, 1, 1)
    hits = answer(run("search", "809", "--json"))
    assert [(hit["id"], hit["resolution"].strip()) for hit in hits] == [
        (first.stem, "Open UDP port 4500 on the router.")
    ]
    assert not any(hit["id"] == "erp.en" for hit in answer(run("search", "ERP login", "--json")))
    assert answer(run("search", "ERP login", "--tenant", "acme", "--json"))[0]["id"] == "erp.en"

    write_article(shared, "vpn.bg.md", "VPN грешка 809", "Сменете профила на SSTP.")
    assert answer(run("articles", "sync", kb, "--json"))["changed"] == 1
    assert {hit["id"] for hit in answer(run("search", "809", "--json"))} == {"vpn.en", "vpn.bg"}


def test_a_broken_file_is_named_and_its_article_stays(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    path = write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    run("articles", "sync", str(tmp_path / "kb"))
    path.write_text("---\ntitle: VPN\n\tstate: wip\n---\ntext\n")
    (shared / "none.en.md").write_text("no front matter")
    write_article(shared, "unknown.en.md", "A title", "text", colour="red")
    write_article(shared, "empty.en.md", "A title", "")

    result = run("articles", "sync", str(tmp_path / "kb"))

    assert result.exit_code == 1
    for part in ("vpn.en.md", "none.en.md: it has no front matter", "empty.en.md"):
        assert part in result.output
    assert answer(run("search", "809", "--json"))[0]["id"] == "vpn.en"


def test_a_folder_without_tenants_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("articles", "sync", str(tmp_path / "empty"))
    assert "no folder of a tenant" in str(result.exception)


def _sync(run: Run, tmp_path: Path, *options: str) -> dict[str, object]:
    return answer(run("articles", "sync", str(tmp_path / "kb"), "--json", *options))


def _counts(synced: dict[str, object]) -> dict[str, object]:
    return {name: count for name, count in synced.items() if name != "errors" and count}


def test_an_article_that_was_written_elsewhere_is_never_touched(run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "articles.jsonl"
    lines.write_text('{"id": "vpn.en", "title": "VPN error 809", "resolution": "As the engineer wrote it."}\n')
    run("import", str(lines), "--tenant", "shared")
    shared = tmp_path / "kb" / "shared"
    path = write_article(shared, "vpn.en.md", "VPN error 809", "As the file says.")
    write_article(shared, "erp.en.md", "ERP login", "Unlock the account.")

    synced = _sync(run, tmp_path)
    assert _counts(synced) == {"added": 1}
    [error] = synced["errors"]
    assert "vpn.en.md" in error
    assert "--replace" in error
    path.unlink()
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}, "it is not archived either"
    assert answer(run("search", "809", "--json"))[0]["resolution"].strip() == "As the engineer wrote it."

    write_article(shared, "vpn.en.md", "VPN error 809", "As the file says.")
    assert _counts(_sync(run, tmp_path, "--replace")) == {"added": 1, "unchanged": 1}
    assert answer(run("search", "809", "--json"))[0]["resolution"].strip() == "As the file says."
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 2}


def test_a_change_over_the_api_is_not_reverted(run: Run, tmp_path: Path) -> None:
    write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "As the file says.")
    _sync(run, tmp_path)
    lines = tmp_path / "articles.jsonl"
    lines.write_text('{"id": "vpn.en", "title": "VPN error 809", "resolution": "As the engineer wrote it."}\n')
    run("import", str(lines), "--tenant", "shared")
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {}
    assert "vpn.en.md" in synced["errors"][0]
    assert answer(run("search", "809", "--json"))[0]["resolution"].strip() == "As the engineer wrote it."


def test_blank_lines_at_the_end_are_no_change(run: Run, tmp_path: Path) -> None:
    path = write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "As the file says.")
    _sync(run, tmp_path)
    path.write_text(path.read_text() + "\n\n")
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}


def test_what_is_stored_alike_counts_as_unchanged_for_good(run: Run, tmp_path: Path) -> None:
    path = write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "Call +359 2 981 1111.")
    _sync(run, tmp_path)
    path.write_text(path.read_text().replace("981 1111", "981 2222"))  # both are taken out
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}


def test_a_folder_that_came_empty_archives_nothing_by_itself(run: Run, tmp_path: Path) -> None:
    write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    path = write_article(tmp_path / "kb" / "acme", "erp.en.md", "ERP login", "Unlock the account.")
    _sync(run, tmp_path)
    path.unlink()
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {"unchanged": 1}
    assert "--prune" in synced["errors"][0]
    path.parent.rmdir()
    assert "--prune" in _sync(run, tmp_path)["errors"][0]
    assert answer(run("search", "ERP login", "--tenant", "acme", "--json"))[0]["id"] == "erp.en"
    assert _counts(_sync(run, tmp_path, "--prune")) == {"unchanged": 1, "removed": 1}


def test_a_folder_with_nothing_but_other_files_archives_nothing_by_itself(run: Run, tmp_path: Path) -> None:
    acme = tmp_path / "kb" / "acme"
    path = write_article(acme, "vpn.en.md", "VPN error 809", "As the file says.")
    _sync(run, tmp_path)
    path.unlink()
    for name in ("README.md", "notes.txt", "sub.md"):
        (acme / name).write_text("Articles of Acme\n")
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {}
    assert "--prune archives the 1 that were" in synced["errors"][-1]
    assert _counts(_sync(run, tmp_path, "--prune")) == {"removed": 1}


def test_a_file_of_a_merged_article_is_said_and_no_error(run: Run, tmp_path: Path, data: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    path = write_article(shared, "vpn.en.md", "VPN error 809", "As the file says.")
    write_article(shared, "tunnel.en.md", "Tunnel is down", "Switch the profile to SSTP.")
    _sync(run, tmp_path)
    with opened(Settings(data_dir=data)) as knowledge:
        knowledge.articles.merge(SHARED, "vpn.en", "tunnel.en", "lead")
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 2}
    write_article(shared, "vpn.en.md", "VPN error 809", "As the file says now.")
    for options in ((), ("--replace",)):
        result = run("articles", "sync", str(tmp_path / "kb"), "--json", *options)
        assert (result.exit_code, _counts(answer(result))) == (0, {"unchanged": 1, "merged": 1})
        assert "vpn.en.md: its article was merged into tunnel.en" in result.stderr
    path.unlink()
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}, "it is archived by the merge"
    write_article(shared, "vpn.en.md", "VPN error 809", "As the file says now.")
    with opened(Settings(data_dir=data)) as knowledge:
        knowledge.articles.unmerge(SHARED, "vpn.en")
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1, "changed": 1}


def test_a_file_whose_article_was_shared_does_not_come_back_as_an_edition(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    path = write_article(folder / "acme", "vpn.en.md", "VPN error 809", "As the file says.")
    _sync(run, tmp_path)
    lines = tmp_path / "articles.jsonl"
    lines.write_text('{"id": "vpn.en", "title": "VPN error 809", "resolution": "As the engineer wrote it."}\n')
    run("import", str(lines), "--tenant", "acme")
    assert run("articles", "share", "vpn.en", "--tenant", "acme").exit_code == 0

    write_article(folder / "acme", "vpn.en.md", "VPN error 809", "As the file says now.")
    for _ in range(2):
        result = run("articles", "sync", str(folder), "--json")
        assert (result.exit_code, _counts(answer(result))) == (1, {})
        [error] = answer(result)["errors"]
        assert "vpn.en.md: its article is shared with every tenant now" in error
        [hit] = answer(run("search", "809", "--tenant", "acme", "--json"))
        assert (hit["tenant"], hit["resolution"]) == ("shared", "As the engineer wrote it.")

    assert _counts(_sync(run, tmp_path, "--replace")) == {"added": 1}, "an edition, as was asked for"
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1}
    assert answer(run("search", "809", "--json"))[0]["resolution"] == "As the engineer wrote it."
    path.unlink()
    write_article(folder / "shared", "vpn.en.md", "VPN error 809", "As the file says now.")
    assert "written or changed elsewhere" in str(_sync(run, tmp_path)["errors"])


def test_an_edition_may_come_from_a_file(run: Run, tmp_path: Path) -> None:
    write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "For all.")
    write_article(tmp_path / "kb" / "acme", "vpn.en.md", "VPN error 809", "For Acme.")
    assert _counts(_sync(run, tmp_path)) == {"added": 2}
    write_article(tmp_path / "kb" / "acme", "vpn.en.md", "VPN error 809", "For Acme, anew.")
    assert _counts(_sync(run, tmp_path)) == {"unchanged": 1, "changed": 1}


def test_an_article_is_shared(run: Run, tmp_path: Path) -> None:
    lines = tmp_path / "articles.jsonl"
    lines.write_text('{"id": "vpn", "title": "VPN error 809", "resolution": "Mail ivan@example.com."}\n')
    run("import", str(lines), "--tenant", "acme")
    assert answer(run("search", "809", "--json")) == []
    for _ in range(2):
        shared = answer(run("articles", "share", "vpn", "--tenant", "acme", "--json"))
        assert shared == {"id": "vpn", "tenant": "shared", "version": 2}
    [hit] = answer(run("search", "809", "--json"))
    assert (hit["id"], hit["resolution"]) == ("vpn", "Mail <EMAIL>.")
    assert "no article" in str(run("articles", "share", "other", "--tenant", "acme").exception)
    [entry, *_] = answer(run("audit", "--tenant", "acme", "--action", "article.shared", "--json"))
    assert entry["actor"].startswith("cli:")


def test_a_key_that_is_no_text_costs_nothing(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    for number, head in enumerate(["1: x", "true: x", "2026-01-01: x"]):
        (shared / f"odd{number}.en.md").write_text(f"---\ntitle: Odd\n{head}\n---\ntext\n")
    (shared / "list.en.md").write_text("---\ntitle: Odd\n? [a, b]\n: x\n---\ntext\n")
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {"added": 4}
    assert "list.en.md" in synced["errors"][0]


def test_a_pipe_is_named_and_not_waited_for(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    os.mkfifo(shared / "pipe.en.md")
    (shared / "folder.en.md").mkdir()
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {"added": 1}
    assert [one.split(": ")[1] for one in synced["errors"]] == ["not a regular file"]


def test_a_file_beside_the_folders_of_tenants_is_named(run: Run, tmp_path: Path) -> None:
    write_article(tmp_path / "kb" / "shared", "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    write_article(tmp_path / "kb", "lost.en.md", "Lost", "Nobody reads this.")
    result = run("articles", "sync", str(tmp_path / "kb"))
    assert result.exit_code == 0
    assert "lost.en.md is in no folder of a tenant" in " ".join(result.stderr.split())


def test_what_is_exported_is_what_was_mirrored(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    steps = "Open UDP port 4500.\n\n```\n# comment\n```"
    write_article(shared, "vpn.en.md", "VPN error #809: timeout", steps, colour="red")
    assert answer(run("articles", "sync", str(tmp_path / "kb"), "--json"))["added"] == 1
    written = run("articles", "export", str(tmp_path / "out"), "--tenant", "shared", "--json")
    assert answer(written) == {"written": 1, "left_out": []}
    text = (tmp_path / "out" / "shared" / "vpn.en.md").read_text("utf-8")
    assert 'title: "VPN error #809: timeout"' in text
    assert 'colour: "red"' in text
    assert "# comment" in text
    before = answer(run("search", "809", "--json"))
    assert answer(run("articles", "sync", str(tmp_path / "out"), "--replace", "--json"))["errors"] == []
    assert answer(run("search", "809", "--json")) == before


def test_a_subfolder_that_cannot_be_read_costs_none_of_its_articles(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "kb" / "shared"
    write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    write_article(shared / "print", "tray.en.md", "Paper jam in the tray", "Open the tray and pull the paper out.")
    assert _counts(_sync(run, tmp_path)) == {"added": 2}
    listed = Path.iterdir

    def refused(path: Path) -> Iterator[Path]:
        if path.name == "print":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return iter([*listed(path)])

    monkeypatch.setattr(Path, "iterdir", refused)
    synced = _sync(run, tmp_path)
    assert _counts(synced) == {"unchanged": 1}
    assert "print: the folder cannot be read" in synced["errors"][0]


def test_names_of_files_do_not_move_the_cursor(run: Run, tmp_path: Path) -> None:
    shared = tmp_path / "kb" / "shared"
    write_article(shared, "vpn.en.md", "VPN error 809", "Switch the profile to SSTP.")
    (shared / "\x1b[2Jx.en.md").write_text("no front matter")
    result = run("articles", "sync", str(tmp_path / "kb"))
    assert result.exit_code == 1
    assert "2Jx.en.md" in result.stderr
    assert "\x1b" not in result.stderr + result.stdout
