"""PUT /v1/tickets/{id}/resolution."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from starlette.testclient import TestClient

from api.calls import Json, hit_ids, pointers, put_article, search, suggest, suggested_ids, write_back
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import Scope, TenantId, Ticket
from scripts.harness.hashing import HashingEmbedder

SUBJECT = "VPN drops every ten minutes"
FIX = "Switched the VPN profile from IKEv2 to SSTP and restarted the adapter."


def body(**fields: Any) -> Json:
    return {"ticket": {"subject": SUBJECT}, "resolution": FIX, **fields}


def test_answer_has_the_shape_of_the_contract(client: TestClient) -> None:
    answer = write_back(client, "RT-7", SUBJECT, FIX)
    assert answer.keys() == {"ticket_id", "solution_id", "outcome", "similar", "redacted", "revision"}
    assert answer["ticket_id"] == "RT-7"
    assert answer["solution_id"]
    assert answer["outcome"] == "created"
    assert answer["similar"] == []
    assert answer["redacted"] == {}
    assert answer["revision"] == 1
    [solution] = suggest(client, SUBJECT)["solutions"]
    assert solution["solution_id"] == answer["solution_id"]
    assert solution["state"] == "not_validated"


def test_similar_solutions_are_named(client: TestClient) -> None:
    put_article(client, "vpn", SUBJECT, "Update the network driver of the dock.")
    answer = write_back(client, "RT-7", SUBJECT, FIX)
    [similar] = answer["similar"]
    assert similar.keys() == {"solution_id", "title", "confidence", "differs"}
    assert (similar["solution_id"], similar["title"]) == ("vpn", SUBJECT)
    assert 0 < similar["confidence"] <= 1


def test_a_repeated_write_back_names_similar_solutions_too(client: TestClient) -> None:
    put_article(client, "vpn", SUBJECT, "Update the network driver of the dock.")
    first = write_back(client, "RT-7", SUBJECT, FIX)
    repeated = write_back(client, "RT-7", SUBJECT, FIX)
    assert [one["solution_id"] for one in repeated["similar"]] == ["vpn"]
    for name in ("ticket_id", "solution_id", "outcome", "revision", "redacted"):
        assert repeated[name] == first[name]
    review = write_back(client, "RT-8", SUBJECT, "Updated the network driver of the dock, then restarted.")
    assert review["outcome"] == "needs_review"
    assert write_back(client, "RT-8", SUBJECT, "Updated the network driver of the dock, then restarted.") == review


@pytest.mark.parametrize("language", ["klingonish", "english language", "", "x" * 99])
def test_a_ticket_is_taken_without_a_language_that_is_none(client: TestClient, language: str) -> None:
    answer = write_back(client, "RT-7", SUBJECT, FIX, ticket={"language": language})
    [warning] = answer["warnings"]
    assert warning["pointer"] == "/ticket/language"
    assert language == "" or language not in warning["detail"]
    assert client.get("/v1/tickets/RT-7").json()["ticket"]["language"] == "en"  # as it reads
    suggested = suggest(client, SUBJECT, language=language)
    assert [one["pointer"] for one in suggested["warnings"]] == ["/ticket/language"]
    assert suggested["solutions"]


@pytest.mark.parametrize(("sent", "stored"), [("BG", "bg"), ("en_GB", "en-GB"), ("English", "en"), ("bul", "bg")])
def test_a_ticket_s_language_is_normalised(client: TestClient, sent: str, stored: str) -> None:
    assert "warnings" not in write_back(client, "RT-7", SUBJECT, FIX, ticket={"language": sent})
    assert client.get("/v1/tickets/RT-7").json()["ticket"]["language"] == stored


def test_first_is_201_repeated_is_200_changed_is_200_with_a_new_revision(client: TestClient) -> None:
    url = "/v1/tickets/RT-7/resolution"
    first = client.put(url, json=body())
    assert first.status_code == 201
    repeated = client.put(url, json=body())
    assert repeated.status_code == 200
    assert repeated.json()["revision"] == first.json()["revision"]
    assert repeated.json()["solution_id"] == first.json()["solution_id"]
    assert repeated.json()["outcome"] == "created"
    changed = client.put(url, json=body(resolution="Replaced the dock, its network chip was broken."))
    assert changed.status_code == 200
    assert changed.json()["revision"] > first.json()["revision"]
    assert len(suggest(client, SUBJECT)["solutions"]) == 1
    assert suggest(client, SUBJECT)["solutions"][0]["resolution"].startswith("Replaced the dock")


def test_resolving_twice_counts_once(client: TestClient) -> None:
    for _ in range(3):
        write_back(client, "RT-7", SUBJECT, FIX)
    assert suggest(client, SUBJECT)["solutions"][0]["evidence"]["tickets"] == 1


def test_all_fields_are_stored_and_shown(client: TestClient) -> None:
    ticket = {
        "id": "RT-7",
        "subject": SUBJECT,
        "description": "It began after the update.",
        "environment": ["Windows 11"],
        "language": "en",
        "priority": "high",
        "created_at": "2026-11-23T09:30:00Z",
        "respond_by": "2026-11-23T10:00:00Z",
        "responded_at": "2026-11-23T09:40:00Z",
        "resolve_by": "2026-11-23T13:30:00.250Z",
    }
    fields = {
        "cause": "The router drops IPsec packets.",
        "resolved_by": "m.petrova",
        "level": 2,
        "minutes_spent": 35,
        "reassignments": 1,
        "suggestion_id": "unknown-here",
    }
    sent = body(ticket=ticket, resolved_at="2026-11-23T12:05:00+02:00", **fields)
    assert client.put("/v1/tickets/RT-7/resolution", json=sent).status_code == 201
    stored = client.get("/v1/tickets/RT-7").json()
    assert stored["ticket"] == ticket
    assert {name: stored[name] for name in fields} == fields
    assert stored["resolution"] == FIX
    assert stored["resolved_at"] == "2026-11-23T10:05:00Z"
    assert stored["status"] == "resolved"
    assert stored["outcome"] == "created"
    assert stored["tenant"] == "default"
    assert stored["solution_id"]
    assert stored["revision"] == 1


def test_id_in_the_body_must_be_the_one_in_the_address(client: TestClient) -> None:
    response = client.put("/v1/tickets/RT-7/resolution", json=body(ticket={"id": "RT-8", "subject": SUBJECT}))
    assert pointers(response) == ["/ticket/id"]
    assert client.get("/v1/tickets/RT-7").status_code == 404
    assert client.get("/v1/tickets/RT-8").status_code == 404


def test_solution_that_does_not_exist(client: TestClient) -> None:
    response = client.put("/v1/tickets/RT-7/resolution", json=body(solution_id="no-such"))
    assert pointers(response) == ["/solution_id"]
    assert client.get("/v1/tickets/RT-7").status_code == 404
    assert suggest(client, SUBJECT)["revision"] == 0


def test_linked_to_the_solution_that_was_used(client: TestClient) -> None:
    put_article(client, "vpn-sstp", "VPN unstable", "Use SSTP instead of IKEv2.")
    answer = write_back(client, "RT-7", SUBJECT, "Did what the article says.", solution_id="vpn-sstp")
    assert (answer["outcome"], answer["solution_id"]) == ("linked", "vpn-sstp")
    [solution] = suggest(client, SUBJECT)["solutions"]
    assert solution["solution_id"] == "vpn-sstp"
    assert solution["resolution"] == "Use SSTP instead of IKEv2."
    assert solution["evidence"]["examples"] == ["RT-7"]


@pytest.mark.parametrize("resolution", [FIX, FIX.upper(), f"  {FIX.rstrip('.')} !\n"])
def test_linked_when_it_is_the_same_fix(client: TestClient, resolution: str) -> None:
    first = write_back(client, "RT-7", SUBJECT, FIX)
    second = write_back(client, "RT-8", "Tunnel disconnects", resolution)
    assert (second["outcome"], second["solution_id"]) == ("linked", first["solution_id"])


def test_linked_to_an_article_with_the_same_fix(client: TestClient) -> None:
    put_article(client, "vpn-sstp", "VPN unstable", FIX)
    answer = write_back(client, "RT-7", SUBJECT, FIX)
    assert (answer["outcome"], answer["solution_id"]) == ("linked", "vpn-sstp")


def test_another_fix_is_another_solution(client: TestClient) -> None:
    first = write_back(client, "RT-7", SUBJECT, FIX)
    second = write_back(client, "RT-8", SUBJECT, "Replaced the dock, its network chip was broken.")
    assert second["outcome"] == "created"
    assert second["solution_id"] != first["solution_id"]
    assert len(suggest(client, SUBJECT)["solutions"]) == 2


@pytest.mark.parametrize("resolution", ["done", "Fixed.", "ok, works now, thanks!", "Оправено", "решено по телефона"])
def test_thin_resolution_needs_review_and_is_never_suggested(client: TestClient, resolution: str) -> None:
    answer = write_back(client, "RT-7", SUBJECT, resolution)
    assert (answer["outcome"], answer["solution_id"]) == ("needs_review", None)
    assert client.get("/v1/tickets/RT-7").json()["resolution"] == resolution
    assert suggest(client, SUBJECT)["solutions"] == []


def test_solution_goes_when_its_only_ticket_turns_thin(client: TestClient) -> None:
    write_back(client, "RT-7", SUBJECT, FIX)
    assert write_back(client, "RT-7", SUBJECT, "done")["outcome"] == "needs_review"
    assert suggest(client, SUBJECT)["solutions"] == []


def test_two_hundred_fixes_are_each_found_by_the_very_next_question(client: TestClient) -> None:
    for i in range(200):
        subject = f"Scanner number{i} shows error E{i:05d} on display{i}"
        answer = write_back(client, f"RT-{i}", subject, f"Replaced lamp{i} of the scanner and recalibrated sensor{i}.")
        found = suggest(client, subject)
        assert found["solutions"][0]["solution_id"] == answer["solution_id"], i
        assert found["revision"] == answer["revision"]
        assert search(client, f"E{i:05d}", limit=1)["hits"][0]["id"] == f"RT-{i}"


def test_written_from_many_threads_all_found(http: httpx.Client) -> None:
    def write(i: int) -> int:
        sent = {"ticket": {"subject": f"Door{i} does not open"}, "resolution": f"Renewed badge{i} in the access panel."}
        assert http.put(f"/v1/tickets/RT-{i}/resolution", json=sent).status_code == 201
        found = http.post("/v1/suggest", json={"ticket": {"subject": f"Door{i} does not open"}}).json()
        assert found["solutions"][0]["evidence"]["examples"] == [f"RT-{i}"]
        return found["revision"]

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(write, range(40))) == 40


def test_other_process_on_the_folder_finds_it_at_once(
    client: TestClient, knowledge: KnowledgeBase, tmp_path: Path, embedder: HashingEmbedder
) -> None:
    other = embedded(tmp_path / "knowledge", lambda model: embedder)
    try:
        solution_id = write_back(client, "RT-7", SUBJECT, FIX)["solution_id"]
        found = other.suggest(Scope(TenantId("default")), Ticket(SUBJECT))
        assert [one.solution.ref.id for one in found.solutions] == [solution_id]
    finally:
        other.close()


SECRETS = {
    "email": "maria.ivanova@example.com",
    "card": "4111 1111 1111 1111",
    "egn": "7523169263",
    "phone": "+359 888 123 456",
    "iban": "BG80BNBG96611020345678",
    "secret": "Summer2026!",
}


def test_personal_data_is_redacted_before_it_is_stored(
    client: TestClient, knowledge: KnowledgeBase, tmp_path: Path
) -> None:
    ticket = {
        "subject": f"Wire transfer to {SECRETS['iban']} fails",
        "description": f"Call me: {SECRETS['phone']}. EGN {SECRETS['egn']}. Write to {SECRETS['email']}",
        "environment": [f"mailbox {SECRETS['email']}"],
    }
    sent = {
        "ticket": ticket,
        "resolution": f"Deleted the stored card {SECRETS['card']} in the portal; password: {SECRETS['secret']}",
        "cause": f"The card {SECRETS['card']} had expired.",
    }
    response = client.put("/v1/tickets/RT-7/resolution", json=sent)
    assert response.status_code == 201
    assert response.json()["redacted"] == {"email": 2, "card": 2, "egn": 1, "phone": 1, "iban": 1, "secret": 1}
    answers = [
        response.text,
        client.get("/v1/tickets/RT-7").text,
        client.post("/v1/suggest", json={"ticket": {"subject": "Wire transfer fails"}}).text,
        client.get("/v1/search", params={"q": "wire transfer"}).text,
    ]
    assert "<CARD>" in answers[1]
    knowledge.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Deleted the stored card" in stored
    for secret in SECRETS.values():
        assert all(secret not in answer for answer in answers)
        assert secret.encode() not in stored


def test_redaction_is_repeatable(client: TestClient) -> None:
    url = "/v1/tickets/RT-7/resolution"
    sent = body(resolution=f"Told {SECRETS['email']} to switch the VPN profile to SSTP.")
    assert client.put(url, json=sent).json()["redacted"] == {"email": 1}
    repeated = client.put(url, json=sent)
    assert repeated.status_code == 200
    assert repeated.json()["redacted"] == {"email": 1}
    assert repeated.json()["revision"] == 1


@pytest.mark.parametrize("id", ["RT-7", "a/b", "a/b/c d", "заявка 7", "100%", "q?x=1#y", "INC:7;8", "x" * 200])
def test_ids_are_the_ticket_systems_own(client: TestClient, id: str) -> None:
    assert write_back(client, id, SUBJECT, FIX)["ticket_id"] == id
    url = f"/v1/tickets/{quote(id)}"
    assert client.get(url).json()["ticket"]["id"] == id
    assert hit_ids(client, SUBJECT) == [id]
    assert client.delete(url).status_code == 200
    assert suggested_ids(client, SUBJECT) == []


@pytest.mark.parametrize("id", ["x" * 201, "%20x", "%2E%2E", "a%2F%2E%2E%2Fb"])
def test_id_that_cannot_be(unchanged: TestClient, id: str) -> None:
    assert pointers(unchanged.put(f"/v1/tickets/{id}/resolution", json=body())) == ["/ticket_id"]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_time_that_no_utc_time_can_express(client: TestClient, moment: str) -> None:
    for name in ("created_at", "respond_by", "resolve_by"):
        ticket = {"subject": SUBJECT, name: moment}
        assert pointers(client.put("/v1/tickets/RT-7/resolution", json=body(ticket=ticket))) == [f"/ticket/{name}"]
        assert client.post("/v1/suggest", json={"ticket": ticket}).status_code in (200, 422)
    response = client.put("/v1/tickets/RT-7/resolution", json=body(resolved_at=moment))
    assert pointers(response) == ["/resolved_at"]
    assert client.get("/v1/tickets/RT-7").status_code == 404


@pytest.mark.parametrize("moment", ["0215-05-22T03:46:52Z", "9999-12-31T23:59:59.999999Z"])
def test_time_from_far_away_is_kept_or_refused(client: TestClient, moment: str) -> None:
    sent = body(ticket={"subject": SUBJECT, "created_at": moment}, resolved_at=moment)
    response = client.put("/v1/tickets/RT-7/resolution", json=sent)
    assert response.status_code in (201, 422)
    if response.status_code == 201:
        assert client.get("/v1/tickets/RT-7").json()["resolved_at"][:19] == moment[:19]
        assert len(suggest(client, SUBJECT)["solutions"]) == 1
        assert hit_ids(client, SUBJECT) == ["RT-7"]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"resolution": ""}, "/resolution"),
        ({"resolution": " \n"}, "/resolution"),
        ({"resolution": None}, "/resolution"),
        ({"level": 0}, "/level"),
        ({"level": "2"}, "/level"),
        ({"level": 4}, "/level"),
        ({"minutes_spent": -1}, "/minutes_spent"),
        ({"minutes_spent": 1.5}, "/minutes_spent"),
        ({"reassignments": -1}, "/reassignments"),
        ({"reassignments": True}, "/reassignments"),
        ({"resolved_at": "yesterday"}, "/resolved_at"),
        ({"resolved_at": "2026-11-23T10:05:00"}, "/resolved_at"),
        ({"resolved_at": 1764000000}, "/resolved_at"),
        ({"solution_id": ""}, "/solution_id"),
        ({"tenant": "other"}, ""),
        ({"ticket": {"subject": SUBJECT, "tenant": "other"}}, "/ticket"),
        ({"ticket": {"description": "no subject"}}, "/ticket/subject"),
        ({"ticket": None}, "/ticket"),
        ({"ticket": []}, "/ticket"),
    ],
)
def test_value_that_cannot_be(unchanged: TestClient, fields: Json, pointer: str) -> None:
    assert pointers(unchanged.put("/v1/tickets/RT-7/resolution", json=body(**fields))) == [pointer]
    assert unchanged.get("/v1/tickets/RT-7").status_code == 404
