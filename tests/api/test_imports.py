"""POST /v1/import/tickets and /v1/import/articles."""

from __future__ import annotations

import gzip
import json
import resource
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from api.calls import Json, acting_for, hit_ids, put_article, suggest, suggested_ids, write_back

MIB = 1024 * 1024


def ticket(id: str, subject: str = "Fax sends blank pages", resolution: str = "Turned the original over.") -> Json:
    return {"ticket": {"id": id, "subject": subject}, "resolution": resolution}


def article(id: str, title: str = "Fax sends blank pages", resolution: str = "Turn the original over.") -> Json:
    return {"id": id, "title": title, "resolution": resolution}


def ndjson(*lines: Any) -> bytes:
    return b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)


def send(client: TestClient, kind: str, *lines: Any, tenant: str | None = None) -> Json:
    response = client.post(
        f"/v1/import/{kind}",
        content=ndjson(*lines),
        headers={"Content-Type": "application/x-ndjson", **acting_for(tenant)},
    )
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer.keys() - {"warnings"} == {"accepted", "rejected", "errors", "redacted", "revision"}
    return answer


def bad_lines(answer: Json) -> list[int]:
    assert all(error.keys() == {"line", "detail"} and error["detail"] for error in answer["errors"])
    return [error["line"] for error in answer["errors"]]


def test_tickets_are_found_by_the_very_next_question(client: TestClient) -> None:
    answer = send(
        client, "tickets", ticket("RT-1"), ticket("RT-2"), ticket("RT-3", "Fax is busy", "Rebooted it twice.")
    )
    assert answer == {"accepted": 3, "rejected": 0, "errors": [], "redacted": {}, "revision": 3}
    assert suggest(client, "Fax sends blank pages")["solutions"][0]["evidence"]["tickets"] == 2
    assert set(hit_ids(client, '"fax"')) == {"RT-1", "RT-2", "RT-3"}
    assert client.get("/v1/tickets/RT-3").json()["resolution"] == "Rebooted it twice."


def test_articles_are_found_by_the_very_next_question(client: TestClient) -> None:
    answer = send(
        client, "articles", article("a"), article("b/c", "Fax is busy"), {**article("d"), "state": "archived"}
    )
    assert answer == {"accepted": 3, "rejected": 0, "errors": [], "redacted": {}, "revision": 3}
    assert suggested_ids(client, "Fax sends blank pages")[0] == "a"
    assert set(hit_ids(client, '"fax"')) == {"a", "b/c"}
    assert client.get("/v1/articles/d").json()["state"] == "archived"


def test_bad_lines_are_reported_by_number_and_skipped(client: TestClient) -> None:
    answer = send(
        client,
        "tickets",
        ticket("RT-1"),  # 1
        b"\n",
        b"  \r\n",
        b'{"ticket": \n',  # 4
        b"[1, 2]\n",  # 5
        b"null\n",  # 6
        {"ticket": {"subject": "no id"}, "resolution": "What was done here."},  # 7
        {**ticket("RT-8"), "colour": "red"},  # 8
        {**ticket("RT-9"), "level": 9},  # 9
        {**ticket("RT-10"), "solution_id": "no-such"},  # 10
        b'{"ticket": {"id": "RT-11", "subject": "\xff\xfe"}, "resolution": "x"}\n',  # 11
        b'{"ticket": {"id": "RT-12", "subject": "\\ud800"}, "resolution": "x"}\n',  # 12
        b'{"ticket": {"id": "RT-13", "subject": "x"}, "resolution": "x", "minutes_spent": NaN}\n',  # 13
        b"[" * 100_000 + b"\n",  # 14
        {**ticket("RT-15"), "resolved_at": "0001-01-01T00:00:00+14:00"},  # 15
        ticket("x" * 201),  # 16
        json.dumps(ticket("RT-17")).encode(),  # the last line has no end
    )
    assert bad_lines(answer) == [4, 5, 6, 7, 8, 10, 11, 12, 14, 16]
    assert (answer["accepted"], answer["rejected"]) == (5, 10)
    assert [one["line"] for one in answer["warnings"]] == [9, 13, 15]
    assert set(hit_ids(client, '"fax"')) == {"RT-1", "RT-9", "RT-15", "RT-17"}


def test_bad_articles_are_reported_by_number_and_skipped(client: TestClient) -> None:
    answer = send(
        client,
        "articles",
        article("a"),
        {"title": "no id", "resolution": "x"},
        {"id": "c", "title": "no resolution"},
        {**article("d"), "tenant": "shared"},
        {"id": "e", "title": "Fax draft", "state": "wip"},
        {**article("f"), "tags": "one"},
    )
    assert bad_lines(answer) == [2, 3, 4]
    assert (answer["accepted"], answer["rejected"]) == (3, 3)
    assert set(hit_ids(client, '"fax"')) == {"a", "e", "f"}


def test_errors_name_the_field_and_never_the_text(client: TestClient) -> None:
    secret = "Ms Dimitrova's diagnosis"
    answer = send(
        client,
        "tickets",
        {**ticket("RT-1", secret, secret), "level": secret},
        {"ticket": secret, "resolution": secret},
        f'{{"ticket": {{"subject": "{secret}"\n'.encode(),
        {**ticket("RT-4", secret), "resolved_at": secret, "solution_id": secret + "\n"},
    )
    assert answer["rejected"] == 3
    assert "/level" in answer["warnings"][0]["detail"]
    assert "Dimitrova" not in json.dumps(answer)


def test_many_bad_lines_are_all_counted(client: TestClient) -> None:
    answer = send(client, "articles", b"{}\n" * 1_500, article("a"))
    assert (answer["accepted"], answer["rejected"]) == (1, 1_500)
    assert bad_lines(answer) == list(range(1, len(answer["errors"]) + 1))


@pytest.mark.parametrize(("kind", "line"), [("tickets", ticket), ("articles", article)])
def test_later_line_of_the_same_id_wins(client: TestClient, kind: str, line: Any) -> None:
    answer = send(client, kind, *(line("same", "Fax is stuck", f"Pulled the lever number {i}.") for i in range(5)))
    assert answer["accepted"] == 5
    assert client.get(f"/v1/{kind}/same").json()["resolution"] == "Pulled the lever number 4."
    [solution] = suggest(client, "Fax is stuck", limit=50)["solutions"]
    assert solution["resolution"] == "Pulled the lever number 4."
    assert len(hit_ids(client, "fax")) == 1


@pytest.mark.parametrize(("kind", "line"), [("tickets", ticket), ("articles", article)])
def test_later_line_wins_even_if_it_is_what_was_stored(client: TestClient, kind: str, line: Any) -> None:
    stored = line("same", "Fax is stuck", "Pulled the green lever.")
    send(client, kind, stored)
    send(client, kind, line("same", "Fax is stuck", "Pulled the red lever."), stored)
    assert client.get(f"/v1/{kind}/same").json()["resolution"] == "Pulled the green lever."


@pytest.mark.parametrize(("kind", "line"), [("tickets", ticket), ("articles", article)])
def test_import_again_changes_nothing(client: TestClient, kind: str, line: Any) -> None:
    lines = [line(f"id-{i}", f"Fax {i}", f"Pulled the lever number {i}.") for i in range(40)]
    first = send(client, kind, *lines)
    assert send(client, kind, *lines) == first


def test_import_updates_what_was_written_one_by_one(client: TestClient) -> None:
    write_back(client, "RT-1", "Fax sends blank pages", "Turned the original over.")
    put_article(client, "a", "Fax sends blank pages", "Turn the original over and over.")
    send(client, "tickets", ticket("RT-1", "Projector is dark", "Replaced its lamp."))
    send(
        client,
        "articles",
        article("a", "Projector is dark", "Replace its lamp, then wait.") | {"issue": ["Projector is dark"]},
    )
    assert suggested_ids(client, "Fax sends blank pages") == []
    assert len(suggested_ids(client, "Projector is dark")) == 2
    assert client.get("/v1/articles/a").json()["version"] == 2


@pytest.mark.parametrize("kind", ["tickets", "articles"])
@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\n"])
def test_empty_body_is_an_import_of_nothing(client: TestClient, kind: str, body: bytes) -> None:
    revision = put_article(client, "a", "Fax", "Reboot.")["revision"]
    assert send(client, kind, body) == {
        "accepted": 0,
        "rejected": 0,
        "errors": [],
        "redacted": {},
        "revision": revision,
    }


def test_line_of_exactly_a_mebibyte_is_read_and_a_longer_one_reported(client: TestClient) -> None:
    def padded(id: str, size: int) -> bytes:
        line = json.dumps(article(id)).encode()
        return line[:-1] + b" " * (size - len(line)) + b"}"

    answer = send(
        client,
        "articles",
        padded("fits", MIB) + b"\n",
        padded("too-long", MIB + 1) + b"\n",
        padded("far-too-long", 3 * MIB) + b"\n",
        article("after"),
        padded("last", MIB + 1),
    )
    assert (answer["accepted"], bad_lines(answer)) == (2, [2, 3, 5])
    assert [one["id"] for one in client.get("/v1/articles").json()["articles"]] == ["after", "fits"]


def test_tenant_of_the_header_gets_the_lines(client: TestClient) -> None:
    send(client, "tickets", ticket("RT-1"), tenant="acme")
    send(client, "articles", article("a"), tenant="shared")
    assert set(hit_ids(client, "fax", "acme")) == {"RT-1", "a"}
    assert hit_ids(client, "fax", "globex") == ["a"]


def test_thin_and_personal_lines_are_treated_as_a_write_back(client: TestClient) -> None:
    send(
        client,
        "tickets",
        ticket("RT-1", "Fax from ms@example.com is blank", "Told ms@example.com to turn the original over."),
        ticket("RT-2", "Fax is gone", "done"),
    )
    assert client.get("/v1/tickets/RT-1").json()["resolution"] == "Told <EMAIL> to turn the original over."
    assert client.get("/v1/tickets/RT-2").json()["outcome"] == "needs_review"
    assert "example.com" not in json.dumps(suggest(client, "Fax is blank"))


def test_thousands_of_lines_stream_in(http: httpx.Client) -> None:
    def lines() -> Iterator[bytes]:
        for i in range(3_050):
            padding = "The paper tray was checked as well. " * 7
            yield ndjson(ticket(f"RT-{i}", f"Fax{i} shows F{i:06d}", f"Pulled lever{i} of the fax. {padding}"))
        yield b"nonsense\n"

    assert sum(map(len, lines())) > MIB
    headers = {"Content-Type": "application/x-ndjson"}
    response = http.post("/v1/import/tickets", content=lines(), headers=headers)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["accepted"], bad_lines(answer)) == (3_050, [3_051])
    for i in (0, 1_234, 3_049):
        hits = http.get("/v1/search", params={"q": f"F{i:06d}", "limit": 1}).json()["hits"]
        assert [hit["id"] for hit in hits] == [f"RT-{i}"]


def test_questions_are_answered_while_an_import_comes_in(http: httpx.Client) -> None:
    asked: list[int] = []

    def lines() -> Iterator[bytes]:
        for i in range(64):
            yield ndjson(ticket(f"RT-{i}"))
            if i % 16 == 0:
                sent = {"ticket": {"subject": "Fax"}, "resolution": f"Written in between, number {i} of all."}
                asked.append(http.post("/v1/suggest", json={"ticket": {"subject": "Fax"}}).status_code)
                asked.append(http.put(f"/v1/tickets/B-{i}/resolution", json=sent).status_code)

    assert http.post("/v1/import/tickets", content=lines()).json()["accepted"] == 64
    assert asked == [200, 201] * 4


def test_unknown_kind_is_404(client: TestClient) -> None:
    assert client.post("/v1/import/people", content=b"{}").status_code == 404


def test_a_full_folder_for_temporary_files_is_reported(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    answer = client.post("/v1/import/tickets", content=b"{}\n")
    assert answer.status_code == 503
    assert "TMPDIR" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) >= 1


def test_a_folder_for_temporary_files_that_fills_up_is_reported(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, hard))  # a file that cannot grow, as on a full disk
    try:
        answer = client.post("/v1/import/tickets", content=b"\n" * 3_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    assert answer.status_code == 503
    assert "TMPDIR" in answer.json()["detail"]
    assert "temporary files" in caplog.text
    assert client.post("/v1/import/tickets", content=b"\n").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "Klingonisch"), ("language", ""), ("priority", 3), ("priority", ""), ("created_at", "yesterday"),
        ("created_at", "2026-02-03 10:11:12"), ("created_at", ""), ("environment", None), ("environment", ""),
        ("environment", {"os": "x"}), ("respond_by", 5), ("resolve_by", "soon"),
    ],
)  # fmt: skip
def test_no_record_is_lost_for_a_side_field(client: TestClient, field: str, value: Any) -> None:
    line = ticket("RT-1")
    answer = send(client, "tickets", {**line, "ticket": {**line["ticket"], field: value}})
    assert (answer["accepted"], answer["rejected"]) == (1, 0)
    if value not in ("", None):
        [warning] = answer["warnings"]
        assert warning["line"] == 1
        assert f"/ticket/{field}" in warning["detail"]
        assert str(value) not in warning["detail"]


@pytest.mark.parametrize("wrapping", ["bom", "crlf", "array", "gzip", "number"])
def test_bodies_are_taken_in_every_wrapping(client: TestClient, wrapping: str) -> None:
    rows = [ticket("RT-1"), ticket("RT-2")]
    headers = {"Content-Type": "application/x-ndjson", **acting_for("default")}
    body = ndjson(*rows)
    if wrapping == "bom":
        body = b"\xef\xbb\xbf" + body
    elif wrapping == "crlf":
        body = body.replace(b"\n", b"\r\n")
    elif wrapping == "array":
        body = json.dumps(rows, indent=1).encode()
    elif wrapping == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    else:
        rows[0]["ticket"]["id"] = 4711
        body = ndjson(*rows)
    answer = client.post("/v1/import/tickets", content=body, headers=headers).json()
    assert (answer["accepted"], answer["rejected"]) == (2, 0)
    assert client.get(f"/v1/tickets/{4711 if wrapping == 'number' else 'RT-1'}").status_code == 200


def test_an_encoding_that_is_not_taken_is_refused(client: TestClient) -> None:
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "br"}
    refused = client.post("/v1/import/tickets", content=b"x", headers=headers)
    assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "gzip")


@pytest.mark.parametrize("kind", ["tickets", "articles"])
@pytest.mark.parametrize(
    "media_type",
    [
        "text/csv",
        "text/csv; charset=utf-8",
        "application/xml",
        "text/html",
        "application/vnd.ms-excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "multipart/form-data; boundary=x",
        "application/zip",
    ],
)
def test_a_body_that_says_it_is_something_else_is_refused_as_a_whole(
    client: TestClient, kind: str, media_type: str
) -> None:
    body = ndjson(ticket("RT-1") if kind == "tickets" else article("a"))
    refused = client.post(f"/v1/import/{kind}", content=body, headers={"Content-Type": media_type})
    assert (refused.status_code, refused.headers["accept"]) == (415, "application/x-ndjson")
    assert "one JSON object per line" in refused.json()["detail"]
    assert client.get("/v1/tickets").json()["tickets"] == client.get("/v1/articles").json()["articles"] == []


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "application/json",
        "application/x-ndjson; charset=utf-8",
        "application/ndjson",
        "Application/JSONL",
        "application/jsonlines",
        "text/plain",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
    ],
)
def test_a_body_of_lines_is_taken_under_its_names(client: TestClient, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    answer = client.post("/v1/import/tickets", content=ndjson(ticket("RT-1"), b"nonsense\n"), headers=headers).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 1)


def test_a_time_to_come_is_left_out_with_a_warning(client: TestClient) -> None:
    line = {"ticket": {"id": "F-1", "subject": "Fax is dead"}, "resolution": "Replaced the line card of the fax."}
    lines = [{**line, "resolved_at": "2099-01-01T00:00:00Z"}, {**line, "resolved_at": "2026-01-01T00:00:00Z"}]
    report = client.post("/v1/import/tickets", content="\n".join(map(json.dumps, lines))).json()
    assert (report["accepted"], report["rejected"]) == (2, 0)
    [warning] = report["warnings"]
    assert warning["line"] == 1
    assert warning["detail"].startswith("/resolved_at: left out")
