import os
from itertools import pairwise
from pathlib import Path

import pytest

from kbsearch.errors import BrokenFile
from kbsearch.model import TenantId
from kbsearch.ticketing.article_folder import article_files, read_article

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
        ("title: [BUG] no sound", "[BUG] no sound"),
        ("title: [BUG]", "[BUG]"),
        ("title: *Urgent* printer", "*Urgent* printer"),
        ("title: `dsregcmd` fails", "`dsregcmd` fails"),
        ("title: #1 question of users", "#1 question of users"),
        ("title: yes", "yes"),
        ('title: "Need Password" at the bottom', '"Need Password" at the bottom'),
        ("title: 'It's broken'", "'It's broken'"),
        ("title: % of disk in use", "% of disk in use"),
    ],
)
def test_titles_are_taken_as_they_are_written(tmp_path, written, title):
    assert read_article(TENANT, write(tmp_path, "x.md", f"---\n{written}\n---\nText")).wire["title"] == title


def test_entries_of_lists_keep_their_signs_and_a_comment_elsewhere_is_one(tmp_path):
    text = "---\ntitle: T\nissue:\n- Error #17 at start\n- Till: stuck\nstate: validated # checked\n---\nText"
    wire = read_article(TENANT, write(tmp_path, "x.md", text)).wire
    assert wire["issue"] == ["Error #17 at start", "Till: stuck"]
    assert wire["state"] == "validated"


def test_entries_of_lists_are_texts_whatever_they_begin_with(tmp_path):
    entries = ["[x] not done", '"Need Password" at the bottom', "@mention: x", "yes", "{a: b}", "#17 again"]
    rows = "".join(f"  - {entry}\n" for entry in entries)
    wire = read_article(TENANT, write(tmp_path, "x.md", f"---\ntitle: T\nissue: # all\n{rows}---\nText")).wire
    assert wire["issue"] == entries
    flow = read_article(TENANT, write(tmp_path, "y.md", "---\ntitle: T\ntags: [a,\n  b]\n---\nText")).wire
    assert flow["tags"] == ["a", "b"]


def test_unknown_keys_and_empty_values_do_not_cost_the_article(tmp_path):
    text = (
        "---\ntitle: T\nissue: []\nenvironment:\nms.date: 03/03/2026\nauthor: somebody\nms.custom: sap:till\n---\nText"
    )
    wire = read_article(TENANT, write(tmp_path, "x.md", text)).wire
    assert (wire["title"], wire["resolution"]) == ("T", "Text")


def metadata(tmp_path, header):
    return read_article(TENANT, write(tmp_path, "x.md", f"---\ntitle: T\n{header}\n---\nText")).wire.get("metadata")


def test_unknown_keys_are_kept_as_metadata(tmp_path):
    header = "ms.date: 03/03/2026\nreviewed: 2026-03-01\non: push\n404: x\nversion: 1.5\nowners: [ana, {team: net}]"
    assert metadata(tmp_path, header) == {
        "ms.date": "03/03/2026", "reviewed": "2026-03-01", "true": "push", "404": "x", "version": 1.5,
        "owners": ["ana", {"team": "net"}],
    }  # fmt: skip
    assert metadata(tmp_path, "state: validated") is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("note: What to do: restart", "What to do: restart"),
        ("author: @bob", "@bob"),
        ("quote: > a sign", "> a sign"),
        ("note: *important*", "*important*"),
        ("created: 2026-13-45", "2026-13-45"),
        ("base: &b [x]\nnote: *b", ["x"]),
        ("note: kept # a comment", "kept"),
        ("note: .inf", "inf"),
    ],
)
def test_a_value_of_an_unknown_key_never_costs_the_article(tmp_path, written, value):
    assert metadata(tmp_path, written).popitem()[1] == value


def test_a_front_matter_that_names_itself_again_and_again_is_left_out(tmp_path):
    names = "abcdefgh"
    rows = ["a: &a [x, x, x, x, x, x, x, x]"]
    rows += [f"{name}: &{name} [{', '.join([f'*{one}'] * 8)}]" for one, name in pairwise(names)]
    with pytest.raises(BrokenFile, match="too large"):
        metadata(tmp_path, "\n".join(rows))


def test_a_byte_order_mark_and_line_ends_of_windows_make_no_difference(tmp_path):
    path = tmp_path / "x.en.md"
    lines = ["\ufeff---", "title: Error #5", "issue:", "- A #1", "---", "Run:", "```", "# c", "```", ""]
    path.write_bytes("\r\n".join(lines).encode())
    wire = read_article(TENANT, path).wire
    assert (wire["title"], wire["issue"]) == ("Error #5", ["A #1"])
    assert wire["resolution"].splitlines() == ["Run:", "```", "# c", "```"]


def test_code_fences_stay_whole(tmp_path):
    body = "Run:\n\n```bash\n# stop the agent first\nsystemctl stop labeld\n---\n# remove the spool\n```"
    assert read_article(TENANT, write(tmp_path, "x.md", f"---\ntitle: T\n---\n{body}")).wire["resolution"] == body
