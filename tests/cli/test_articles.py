from __future__ import annotations

from pathlib import Path

import pytest

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
    path.write_text("---\ntitle: [unclosed\n---\ntext\n")
    (shared / "none.en.md").write_text("no front matter")
    write_article(shared, "unknown.en.md", "A title", "text", colour="red")
    write_article(shared, "empty.en.md", "A title", "")

    result = run("articles", "sync", str(tmp_path / "kb"))

    assert result.exit_code == 1
    for part in ("vpn.en.md", "none.en.md: it has no front matter", "/colour: there is no such field", "empty.en.md"):
        assert part in result.output
    assert answer(run("search", "809", "--json"))[0]["id"] == "vpn.en"


def test_a_folder_without_tenants_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("articles", "sync", str(tmp_path / "empty"))
    assert "named after a tenant" in str(result.exception)
