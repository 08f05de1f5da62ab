import errno
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from kbsearch.errors import BrokenFile
from kbsearch.model import TenantId
from kbsearch.ticketing.article_folder import ArticleFile, article_files, read_article

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


@pytest.mark.parametrize(
    "head",
    [
        "created: 2026-13-45", "title: 2026-02-30", "at: 2026-01-01 25:61:00", "issue: &a [*a]", "issue: &a {b: *a}",
        "title: 1" + "0" * 6_000, "title: 0x" + "f" * 6_000, "title: 1" + ":00" * 3_000, "issue: " + "[" * 3_000,
        "title: !!int abc", "title: !!float abc", "title: !!bool abc", "title: !!timestamp abc",
        "issue: " + "[" * 200 + "]" * 200, "title: !!python/object/apply:os.system ['id']",
        'title: "\\UFFFFFFFF"', "note: &a " + "x" * 2_000 + "\nissue: [" + "*a, " * 200 + "*a]",
    ],
    ids=lambda head: head[:24],
)  # fmt: skip
def test_a_value_that_cannot_be_used_concerns_its_file_only(tmp_path, head):
    broken, fine = tmp_path / "broken.md", tmp_path / "fine.md"
    broken.write_text(f"---\n{head}\n---\nText")
    fine.write_text("---\ntitle: 2026-02-20\nissue: [1.5, true, 2026-02-20, text]\n---\nText")
    first, second = article_files(TenantId("acme"), tmp_path)
    assert Path(first.path) == broken
    assert isinstance(second, ArticleFile)
    if isinstance(first, ArticleFile):  # it is taken as the text that it is
        assert len(json.dumps(first.wire)) <= 2 * broken.stat().st_size + 100


def test_few_bytes_do_not_become_many(tmp_path):
    levels = "\n".join(f"n{n}: &n{n} [{', '.join([f'*n{n - 1}'] * 9)}]" for n in range(1, 9))
    (tmp_path / "laughs.md").write_text(f"---\nn0: &n0 [{', '.join('q' * 9)}]\n{levels}\nissue: [*n8]\n---\nText")
    (tmp_path / "long.md").write_bytes(b"---\ntitle: x\n---\n" + bytes(1024 * 1024))
    with (tmp_path / "sparse.md").open("wb") as file:
        file.truncate(1 << 40)
    assert all(isinstance(one, BrokenFile) for one in article_files(TenantId("acme"), tmp_path))


@pytest.mark.parametrize("name", [b"\xff\xfe.md", b"line\nbreak.md", b"\x1b[31m.md", "a\u2028b.md".encode()])
def test_a_name_that_can_be_no_id_is_an_error_of_its_file(tmp_path, name):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("---\ntitle: x\n---\nText")
    [one] = article_files(TenantId("acme"), tmp_path)
    assert isinstance(one, BrokenFile)


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "fine.md").write_text("---\ntitle: x\n---\nText")
    listed = Path.iterdir

    def refused(path):  # root may read every folder
        if path.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    closed, fine = article_files(TenantId("acme"), tmp_path)
    assert isinstance(closed, BrokenFile)
    assert closed.path == str(tmp_path / "closed")
    assert isinstance(fine, ArticleFile)
