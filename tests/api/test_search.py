"""GET /v1/search."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from api.calls import all_pages, hit_ids, pointers, put_article, search, write_back


@pytest.fixture
def desk(client: TestClient) -> TestClient:
    """Two articles and three tickets about printing, one of them Bulgarian."""
    put_article(client, "toner", "Printer prints grey stripes", "Replace the toner cartridge.", language="en")
    put_article(client, "tuner", "Принтерът печата сиви ивици", "Сменете касетата с тонер.", language="bg")
    write_back(client, "RT-1", "Printer offline on floor two", "Restarted the print spooler service.", resolved_by="a")
    write_back(client, "RT-2", "Printer jams every morning", "Cleaned the paper feed rollers with alcohol.")
    write_back(client, "RT-3", "Принтерът е офлайн", "Рестартирахме услугата за печат на сървъра.")
    return client


def import_tickets(client: TestClient, *lines: dict[str, object]) -> None:
    response = client.post("/v1/import/tickets", content="\n".join(json.dumps(line) for line in lines))
    assert response.json()["rejected"] == 0, response.text


def test_answer_has_the_shape_of_the_contract(desk: TestClient) -> None:
    write_back(desk, "RT-4", "Printer offline", "Replaced the network cable.", resolved_at="2026-11-20T08:00:00Z")
    answer = search(desk, "printer offline", limit=50)
    assert answer.keys() == {"hits", "search_id", "next_cursor", "took_ms", "stages_ms"}
    assert answer["next_cursor"] is None
    for hit in answer["hits"]:
        assert hit.keys() == {
            "kind", "id", "title", "snippet", "resolution", "solution_id", "score", "language", "resolved_at",
            "updated_at", "tenant",
        }  # fmt: skip
        assert hit["tenant"] == "default"
        if hit["kind"] == "ticket":
            assert hit["updated_at"] is None
        else:
            assert hit["resolved_at"] is None
            assert hit["solution_id"] == hit["id"]
    ticket = answer["hits"][0]
    assert ticket["id"] == "RT-4"
    assert ticket["resolved_at"] == "2026-11-20T08:00:00Z"
    assert ticket["resolution"] == "Replaced the network cable."
    assert ticket["snippet"]
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_tickets_are_listed_one_by_one(client: TestClient) -> None:
    written = [
        write_back(client, f"RT-{i}", f"Scanner sends no mail {i}", "Renewed the password of the scanner's mailbox.")
        for i in range(3)
    ]
    hits = search(client, "scanner sends no mail")["hits"]
    assert sorted(hit["id"] for hit in hits) == ["RT-0", "RT-1", "RT-2"]
    assert {hit["solution_id"] for hit in hits} == {written[0]["solution_id"]}


@pytest.mark.parametrize(
    ("kind", "expected"), [("ticket", {"RT-1", "RT-2", "RT-3"}), ("article", {"toner", "tuner"}), (None, None)]
)
def test_kind(desk: TestClient, kind: str | None, expected: set[str] | None) -> None:
    found = hit_ids(desk, "printer принтер", **({"kind": kind} if kind else {}))
    assert set(found) == (expected or {"RT-1", "RT-2", "RT-3", "toner", "tuner"})


def test_kind_finds_what_many_of_the_other_kind_outrank(client: TestClient) -> None:
    lines = ({"ticket": {"id": f"RT-{i}", "subject": "printer"}, "resolution": f"Reset {i}"} for i in range(300))
    import_tickets(client, *lines)
    put_article(client, "the-article", "All about the printer in the lobby", "Ask the reception to switch it on.")
    assert hit_ids(client, "printer", kind="article") == ["the-article"]


def test_language(desk: TestClient) -> None:
    assert set(hit_ids(desk, "printer принтер", language="bg")) == {"tuner", "RT-3"}
    assert set(hit_ids(desk, "printer принтер", language="en")) == {"toner", "RT-1", "RT-2"}
    assert hit_ids(desk, "printer принтер", language="de") == []


def test_language_finds_what_many_of_another_outrank(client: TestClient) -> None:
    lines = (
        {"ticket": {"id": f"RT-{i}", "subject": "SAP printer", "language": "en"}, "resolution": f"Reset {i}"}
        for i in range(300)
    )
    import_tickets(client, *lines)
    subject = "Печатът от SAP спира на втората страница след обновяване"
    write_back(client, "BG-1", subject, "Обновихме драйвера на опашката.", ticket={"language": "bg"})
    assert hit_ids(client, "SAP printer", language="bg") == ["BG-1"]


@pytest.mark.parametrize(
    "quoted", ['"access denied by policy"', "„access denied by policy“", "«Access Denied by Policy»"]
)
def test_quoted_phrase_matches_exactly(client: TestClient, quoted: str) -> None:
    fix = "Added the device to the compliance group number"
    write_back(client, "exact", "Login stopped: access denied by policy of company", f"{fix} one")
    write_back(client, "scattered", "Policy by company: login denied, access stopped", f"{fix} two")
    write_back(client, "part", "Login stopped: access denied", f"{fix} three")
    assert hit_ids(client, quoted) == ["exact"]
    assert hit_ids(client, f"login {quoted}") == ["exact"]


def test_quoted_phrase_that_is_nowhere(desk: TestClient) -> None:
    assert hit_ids(desk, '"offline printer"') == []


def test_every_quoted_phrase_must_be_there(desk: TestClient) -> None:
    assert hit_ids(desk, '"printer offline" "floor two"') == ["RT-1"]
    assert hit_ids(desk, '"printer offline" "every morning"') == []


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("0x80070005", "0x80070006"),
        ("KB5034441", "KB5034442"),
        ("INC0012345", "INC0012346"),
        ("16.0.17328.20162", "16.0.17328.20163"),
    ],
)
def test_error_codes_and_versions_match_exactly(client: TestClient, code: str, near: str) -> None:
    for i in range(5):
        write_back(client, f"near-{i}", f"Windows reports {near} at logon", f"Repaired component store, attempt {i}.")
    write_back(client, "exact", "Something else entirely happened on Monday", f"Searched for {code} and rebooted.")
    assert hit_ids(client, code)[0] == "exact"
    assert hit_ids(client, code.swapcase())[0] == "exact"
    assert hit_ids(client, f'"{code}"') == ["exact"]


@pytest.mark.parametrize(("name", "near"), [("srv-print01", "srv-print02"), ("10.0.0.7", "10.0.0.8")])
def test_machines_in_a_tenants_own_articles_match_exactly(client: TestClient, name: str, near: str) -> None:
    for i in range(5):
        put_article(client, f"near-{i}", f"Printing by {near}", f"Restart the queue on {near}, attempt {i}.")
    put_article(client, "exact", "Something else entirely", f"Ping {name} and restart it.")
    assert hit_ids(client, name)[0] == "exact"
    assert hit_ids(client, f'"{name}"') == ["exact"]


def test_ticket_and_article_ids_match_exactly(client: TestClient) -> None:
    for i in range(20):
        write_back(client, f"RT-{1040 + i}", f"Request {i} about chairs", f"Ordered chair type {i} for the office.")
        put_article(client, f"KB-{2040 + i}", f"How to order desks {i}", f"Open the form and choose desk type {i}.")
    assert hit_ids(client, "RT-1047")[0] == "RT-1047"
    assert hit_ids(client, "KB-2051")[0] == "KB-2051"


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_paging_covers_everything_once(client: TestClient, limit: int) -> None:
    import_tickets(
        client,
        *({"ticket": {"id": f"RT-{i}", "subject": f"printer {i}"}, "resolution": f"Reset {i}"} for i in range(60)),
    )
    found = all_pages(client, "/v1/search", "hits", q="printer", limit=limit)
    assert sorted(hit["id"] for hit in found) == sorted(f"RT-{i}" for i in range(60))
    scores = [hit["score"] for hit in found]
    assert scores == sorted(scores, reverse=True)


def test_paging_covers_every_ticket_with_an_error_code(client: TestClient) -> None:
    import_tickets(
        client,
        *(
            {"ticket": {"id": f"RT-{i}", "subject": f"PC{i} shows 0x80070005"}, "resolution": f"Reset {i}"}
            for i in range(400)
        ),
    )
    found = all_pages(client, "/v1/search", "hits", q="0x80070005", limit=50)
    assert len(found) == 400
    assert len({hit["id"] for hit in found}) == 400


def test_paging_keeps_the_filters(client: TestClient) -> None:
    for i in range(6):
        put_article(client, f"a{i}", f"printer {i}", f"Reset the printer {i} times.")
        write_back(client, f"t{i}", f"printer {i}", f"Reset the old printer {i} times.")
    found = all_pages(client, "/v1/search", "hits", q="printer", kind="article", limit=4)
    assert sorted(hit["id"] for hit in found) == [f"a{i}" for i in range(6)]


def test_cursor_of_another_search_is_refused(client: TestClient) -> None:
    for i in range(3):
        write_back(client, f"t{i}", f"printer {i}", f"Reset the old printer {i} times.")
    cursor = search(client, "printer", limit=1)["next_cursor"]
    assert cursor
    for parameters in ({"q": "scanner"}, {"q": "printer", "kind": "ticket"}, {"q": "printer", "language": "en"}):
        response = client.get("/v1/search", params={**parameters, "cursor": cursor})
        assert pointers(response) == ["/cursor"]
    response = client.get("/v1/search", params={"q": "printer", "cursor": cursor}, headers={"KBSearch-Tenant": "other"})
    assert pointers(response) == ["/cursor"]
    assert client.get("/v1/search", params={"q": "printer", "cursor": cursor}).status_code == 200


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "!!", "é", "W10", "bnVsbA", "WzEsMl0", "W10=" * 200])
def test_cursor_that_is_none(unchanged: TestClient, cursor: str) -> None:
    assert pointers(unchanged.get("/v1/search", params={"q": "printer", "cursor": cursor})) == ["/cursor"]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({}, "/q"),
        ({"q": ""}, "/q"),
        ({"q": " \t"}, "/q"),
        ({"q": "x" * 2_001}, "/q"),
        ({"q": "x", "kind": "solution"}, "/kind"),
        ({"q": "x", "language": "English!"}, "/language"),
        ({"q": "x", "limit": "0"}, "/limit"),
        ({"q": "x", "limit": "51"}, "/limit"),
        ({"q": "x", "limit": "many"}, "/limit"),
        ({"q": "x", "min_revision": "-1"}, "/min_revision"),
    ],
)
def test_parameter_that_cannot_be(unchanged: TestClient, parameters: dict[str, str], pointer: str) -> None:
    assert pointers(unchanged.get("/v1/search", params=parameters)) == [pointer]


def test_min_revision_is_seen_or_refused(desk: TestClient) -> None:
    assert desk.get("/v1/search", params={"q": "printer", "min_revision": 5}).status_code == 200
    assert desk.get("/v1/search", params={"q": "printer", "min_revision": 6}).status_code == 503


def test_query_language_of_the_store_means_nothing(desk: TestClient) -> None:
    operators = ["AND OR NOT", "printer NEAR(offline, 2)", "title:printer*", "printer*", "-printer", "^printer"]
    quotes = ['"', '""', "“", '"unclosed printer', "' OR 1=1 --", "%_", "\\", "{title} : x"]
    for q in (*operators, *quotes, "(((", "!!!", "+++", "a" * 2_000):
        search(desk, q)


def test_nothing_stored_finds_nothing(client: TestClient) -> None:
    answer = search(client, "printer")
    assert answer["hits"] == []
    assert answer["next_cursor"] is None


def test_archived_knowledge_is_not_found_by_its_tickets(client: TestClient) -> None:
    put_article(client, "pump", "Pump is loud", "Tighten the belt of the pump.")
    write_back(client, "RT-1", "Pump makes noise", "Tightened the belt as the article says.", solution_id="pump")
    put_article(client, "target", "Pump hums loudly", "Tighten the belt of the pump, then oil it.")
    assert set(hit_ids(client, "pump noise belt")) == {"RT-1", "pump", "target"}
    assert client.post("/v1/articles/pump/merge", json={"into": "target"}).status_code == 200
    assert "RT-1" in hit_ids(client, "pump noise belt")
    client.patch("/v1/articles/target", json={"state": "archived"})
    assert hit_ids(client, "pump noise belt") == []
    assert hit_ids(client, '"makes noise"') == []
    assert client.get("/v1/tickets/RT-1").status_code == 200
    client.patch("/v1/articles/target", json={"state": "not_validated"})
    assert "RT-1" in hit_ids(client, "pump noise belt")
