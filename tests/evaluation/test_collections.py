import json

import pytest

from kbsearch.errors import BrokenFile
from kbsearch.evaluation.collections import first_line, read_beir, read_known_item, rows, ticket_of

CORPUS = [
    {"_id": "d1", "title": "Printer offline", "text": "Restart the spooler."},
    {"_id": "d2", "title": "", "text": "## VPN drops\nUpdate the client."},
    {"_id": "d3", "title": "", "text": ""},
]
QUERIES = [
    {"_id": "q1", "text": "printer is dead\nsince monday", "metadata": {"split": "late"}},
    {"_id": "q2", "text": "vpn", "metadata": {"split": "early"}},
    {"_id": "q3", "text": "nothing was judged"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq1\tgone\t1\nq2\td2\t1\n"


def _ndjson(objects):
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "corpus.jsonl").write_text(_ndjson(CORPUS), encoding="utf-8")
    (tmp_path / "queries.jsonl").write_text(_ndjson(QUERIES), encoding="utf-8")
    (tmp_path / "qrels.tsv").write_text(QRELS, encoding="utf-8")
    return tmp_path


def test_a_collection_is_read(folder):
    collection = read_beir(folder)
    assert [(one.id, one.title, one.resolution) for one in collection.articles] == [
        ("d1", "Printer offline", "Restart the spooler."),
        ("d2", "VPN drops", "## VPN drops\nUpdate the client."),
        ("d3", "(untitled)", ""),
    ]
    assert [(one.id, one.relevant) for one in collection.queries] == [("q1", {"d1": 2}), ("q2", {"d2": 1})]
    assert collection.queries[0].ticket.subject == "printer is dead"
    assert collection.queries[0].ticket.description == "since monday"


def test_queries_can_be_chosen_by_their_metadata(folder):
    assert [one.id for one in read_beir(folder, where=("split", "late")).queries] == ["q1"]


def test_documents_can_come_from_a_kb_file(folder, tmp_path):
    (tmp_path / "kb.ndjson").write_text(_ndjson([{"id": "d1", "title": "Printer", "body": "Restart"}]))
    collection = read_beir(folder, corpus=tmp_path / "kb.ndjson")
    assert [(one.id, one.resolution) for one in collection.articles] == [("d1", "Restart")]
    assert [one.id for one in collection.queries] == ["q1"]


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(BrokenFile) as raised:
        read_beir(folder)
    assert (raised.value.path, raised.value.line) == (str(folder / name), None)
    assert str(folder / name) in str(raised.value)


@pytest.mark.parametrize("line", ["q1 d1 1", "q1\td1", "q1\td1\tyes", "q1\td1\t1\textra", ""])
def test_a_broken_judgement_is_named_by_its_line(folder, line):
    (folder / "qrels.tsv").write_text(f"{QRELS}{line}\nq2\td2\t1\n")
    with pytest.raises(BrokenFile) as raised:
        read_beir(folder)
    assert (raised.value.path, raised.value.line) == (str(folder / "qrels.tsv"), 6)
    assert f"{folder / 'qrels.tsv'}:6" in str(raised.value)


@pytest.mark.parametrize("line", ["{", "not json", "[]", "1", '"text"', "null"])
@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_a_line_that_is_no_object_is_named(folder, name, line):
    with (folder / name).open("a") as opened:
        opened.write(f"\n{line}\n")
    with pytest.raises(BrokenFile) as raised:
        read_beir(folder)
    assert (raised.value.path, raised.value.line) == (str(folder / name), 5)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("corpus.jsonl", '{"title": "without an id", "text": "x"}'),
        ("corpus.jsonl", '{"_id": "d9", "text": 7}'),
        ("queries.jsonl", '{"text": "without an id"}'),
        ("queries.jsonl", '{"_id": "q1"}'),
    ],
)
def test_an_object_without_what_is_needed_is_named(folder, name, line):
    with (folder / name).open("a") as opened:
        opened.write(f"{line}\n")
    with pytest.raises(BrokenFile) as raised:
        read_beir(folder)
    assert (raised.value.path, raised.value.line) == (str(folder / name), 4)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_file_in_another_encoding_is_named(folder, name):
    with (folder / name).open("ab") as opened:
        opened.write("принтер".encode("cp1251"))
    with pytest.raises(BrokenFile) as raised:
        read_beir(folder)
    assert raised.value.path == str(folder / name)


def test_empty_lines_do_not_matter(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"a": 1}\n\n{"a": 2}\n')
    assert list(rows(path)) == [{"a": 1}, {"a": 2}]


def _kb(tmp_path, count=20):
    path = tmp_path / "kb.jsonl"
    path.write_text(_ndjson({"id": f"d{n}", "title": f"Title {n}", "body": f"Body {n}"} for n in range(count)))
    return path


def test_a_known_item_is_asked_by_its_title_and_found_by_its_body(tmp_path):
    collection = read_known_item(_kb(tmp_path), queries=5)
    assert len(collection.queries) == 5
    assert len(collection.articles) == 20
    for query in collection.queries:
        assert query.ticket.subject == f"Title {query.id[1:]}"
        assert query.relevant == {query.id: 1}
    assert not any("Title" in f"{one.title} {one.resolution}" for one in collection.articles)


def test_the_same_seed_draws_the_same_queries(tmp_path):
    path = _kb(tmp_path)
    assert read_known_item(path, queries=5) == read_known_item(path, queries=5)
    drawn = {tuple(one.id for one in read_known_item(path, queries=5, seed=seed).queries) for seed in range(5)}
    assert len(drawn) > 1


def test_articles_without_a_body_are_left_out(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_text(_ndjson([{"id": "a", "title": "A", "body": " \n"}, {"id": "b", "title": "B", "body": "text"}]))
    assert [one.id for one in read_known_item(path).articles] == ["b"]


def test_a_kb_file_without_what_is_needed_is_named(tmp_path):
    path = tmp_path / "kb.jsonl"
    path.write_text('{"id": "a", "title": "A", "body": "text"}\n{"id": "b", "title": "B"}\n')
    with pytest.raises(BrokenFile) as raised:
        read_known_item(path)
    assert (raised.value.path, raised.value.line) == (str(path), 2)


@pytest.mark.parametrize(
    ("text", "subject", "description"),
    [("one line", "one line", ""), ("\n first\n\nrest\n", "first", "rest"), ("", "", "")],
)
def test_a_querys_first_line_is_the_subject(text, subject, description):
    ticket = ticket_of(text)
    assert (ticket.subject, ticket.description) == (subject, description)


@pytest.mark.parametrize(
    ("text", "title"),
    [("# Heading\ntext", "Heading"), ("\n\n> **Bold**\n", "Bold"), ("", ""), ("a word or two", "a word or")],
)
def test_a_title_is_made_of_the_first_line(text, title):
    assert first_line(text, characters=10) == title
