import os
from pathlib import Path

import pytest

from kbsearch.connectors.article_folder import article_files, read_article
from kbsearch.errors import BrokenFile
from kbsearch.model import TenantId

TENANT = TenantId("acme")


def write(folder, name, text="---\ntitle: T\n---\nDo it."):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def found(folder):
    files = list(article_files(TENANT, folder))
    return {one.wire["id"]: one.wire for one in files if not isinstance(one, BrokenFile)}, [
        Path(one.path).name for one in files if isinstance(one, BrokenFile)
    ]


def test_markdown_of_every_name_is_read_and_all_else_is_named(tmp_path):
    for name in ("a.en.md", "b.en.MD", "c.en.markdown", "sub/d.en.md", "sub/deeper/e.bg.md", "msvcp140.dll.md"):
        write(tmp_path, name)
    for name in ("notes.txt", "sub/picture.png", ".hidden.md", "tickets.jsonl"):
        write(tmp_path, name)
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "link.md").symlink_to(tmp_path / "a.en.md")
    (tmp_path / "linked").symlink_to(tmp_path / "sub")
    write(tmp_path, "other/a.en.md")
    wires, left_out = found(tmp_path)
    assert set(wires) == {"a.en", "b.en", "c.en", "d.en", "e.bg", "msvcp140.dll"}
    assert sorted(left_out) == ["a.en.md", "link.md", "linked", "notes.txt", "picture.png", "pipe.md"]
    assert wires["e.bg"]["language"] == "bg"
    assert "language" not in wires["msvcp140.dll"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("title: Error #17 on the till # second printer", "Error #17 on the till # second printer"),
        ('title: "Error #17 on the till"', "Error #17 on the till"),
        ("title: 'Error #17 on the till'", "Error #17 on the till"),
        ("title: Till: drawer stuck", "Till: drawer stuck"),
        ("title: C# runtime is missing", "C# runtime is missing"),
        ('title: Say: "no" # twice', 'Say: "no" # twice'),
        ("title: >-\n  Folded\n  title", "Folded title"),
        ("title: 404", "404"),
        ("title: 2026-03-01", "2026-03-01"),
        ("title: Грешка №5: касата спира #2", "Грешка №5: касата спира #2"),
        ("title: Path C:\\temp # full", "Path C:\\temp # full"),
    ],
)
def test_titles_are_taken_as_they_are_written(tmp_path, written, title):
    assert read_article(TENANT, write(tmp_path, "x.md", f"---\n{written}\n---\nText")).wire["title"] == title


def test_entries_of_lists_keep_their_signs_and_a_comment_elsewhere_is_one(tmp_path):
    text = "---\ntitle: T\nissue:\n- Error #17 at start\n- Till: stuck\nstate: validated # checked\n---\nText"
    wire = read_article(TENANT, write(tmp_path, "x.md", text)).wire
    assert wire["issue"] == ["Error #17 at start", "Till: stuck"]
    assert wire["state"] == "validated"


def test_unknown_keys_and_empty_values_do_not_cost_the_article(tmp_path):
    text = (
        "---\ntitle: T\nissue: []\nenvironment:\nms.date: 03/03/2026\nauthor: somebody\nms.custom: sap:till\n---\nText"
    )
    wire = read_article(TENANT, write(tmp_path, "x.md", text)).wire
    assert (wire["title"], wire["resolution"]) == ("T", "Text")


def test_a_key_that_is_no_text_is_an_error_of_that_file(tmp_path):
    write(tmp_path, "bad.md", "---\ntitle: T\n1: x\n---\nText")
    write(tmp_path, "good.md")
    wires, left_out = found(tmp_path)
    assert (set(wires), left_out) == ({"good"}, ["bad.md"])


def test_code_fences_stay_whole(tmp_path):
    body = "Run:\n\n```bash\n# stop the agent first\nsystemctl stop labeld\n---\n# remove the spool\n```"
    assert read_article(TENANT, write(tmp_path, "x.md", f"---\ntitle: T\n---\n{body}")).wire["resolution"] == body
