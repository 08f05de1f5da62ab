"""Every script, emoji and what terminals leave behind."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from api.calls import Json, hit_ids, pointers, suggest, suggested_ids, write_back

TEXTS = {
    "emoji": "Outlook 🔥🔥 crashes 👩🏽‍💻 when sending 📎",
    "emoji only": "🖨️🔥",
    "Arabic": "لا يمكنني الطباعة من الحاسوب المحمول",
    "Arabic with vowels": "لَا يُمْكِنُنِي الطِّبَاعَةُ",
    "Hebrew with marks": "\u200fהמדפסת\u200e לא מדפיסה \u202eabc\u202c",
    "Bulgarian": "Принтерът на втория етаж не печата",
    "Bulgarian in Latin letters": "ne moga da vlqza v poshtata si",
    "Chinese": "打印机无法打印",
    "Thai": "เครื่องพิมพ์ไม่พิมพ์",
    "Hindi": "प्रिंटर प्रिंट नहीं कर रहा है",
    "Turkish": "YAZICI İSTANBUL'da çalışmıyor",
    "German": "Der Bildschirm flackert ständig, Straße gesperrt",
    "combining": "Cafe\u0301 wi\u0301fi unre\u0301achable",
    "full width": "ＶＰＮ　ｅｒｒｏｒ　８０９",
    "ligature": "Oﬃce conﬁguration ﬂickers",
    "astral letters": "𝐎𝐮𝐭𝐥𝐨𝐨𝐤 𝔠𝔯𝔞𝔰𝔥𝔢𝔰",
    "no-break and zero width": "VPN\u00a0error\u200b809\ufeff",
    "line separators": "VPN\u2028error\u2029seven\u0085eight",
    "markup": "<script>alert(1)</script> & \"quotes\" 'single' `code`",
    "backslashes": "\\\\%SERVER%\\queue$ C:\\Users\\%USERNAME%\\",
}


SHOWN = {
    "Hebrew with marks": "המדפסת לא מדפיסה abc",
    "no-break and zero width": "VPN error809",
    "line separators": "VPN\nerror\nseven eight",
    "markup": "& \"quotes\" 'single' `code`",
}
"""What is stored of texts that hold markup, invisible characters or odd separators."""


@pytest.mark.parametrize("name", TEXTS)
def test_accepted_and_found_again(client: TestClient, name: str) -> None:
    text = TEXTS[name]
    write_back(client, "other", "Something else entirely", "Replaced the toner of the copier.")
    answer = write_back(client, "RT-1", text, f"Reinstalled the driver for good. {text}", ticket={"description": text})
    if name != "emoji only":  # a question without a word says nothing
        assert suggested_ids(client, text)[0] == answer["solution_id"]
    assert hit_ids(client, text)[0] == "RT-1"
    stored = client.get("/v1/tickets/RT-1").json()
    shown = SHOWN.get(name, text)
    assert stored["ticket"]["subject"] == " ".join(shown.splitlines())
    assert stored["ticket"]["description"] == shown
    assert stored["resolution"] == f"Reinstalled the driver for good. {shown}"


def test_control_characters_become_spaces(client: TestClient) -> None:
    log = "\x1b[31mERROR\x1b[0m\x00 spooler\x07 stopped\x7f\r\n\tat line 5\x9b"
    write_back(client, "RT-1", "Spooler\x00 stops\x1b", f"Restarted the spooler. {log}", ticket={"description": log})
    stored = client.get("/v1/tickets/RT-1").json()
    assert stored["ticket"]["subject"] == "Spooler  stops "
    assert stored["ticket"]["description"] == " [31mERROR [0m  spooler  stopped \n\tat line 5 "
    assert suggest(client, "spooler\x00stops")["solutions"]
    assert hit_ids(client, '"spooler stopped"') == ["RT-1"]


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff x", "x\\udc00\\ud800"])
def test_half_of_a_surrogate_pair_is_422(unchanged: TestClient, escape: str) -> None:
    for path, method, template, pointer in (
        ("/v1/suggest", "POST", '{"ticket": {"subject": "%s"}}', "/ticket/subject"),
        ("/v1/suggest", "POST", '{"ticket": {"subject": "x", "environment": ["%s"]}}', "/ticket/environment/0"),
        ("/v1/suggest", "POST", '{"ticket": {"subject": "x", "id": "%s"}}', "/ticket/id"),
        ("/v1/articles", "POST", '{"title": "x", "resolution": "%s"}', "/resolution"),
        ("/v1/articles", "POST", '{"title": "x", "resolution": "y", "tags": ["%s"]}', "/tags/0"),
        ("/v1/articles/a/flags", "POST", '{"reason": "x", "comment": "%s"}', "/comment"),
        ("/v1/suggestions/a/feedback", "POST", '{"solution_id": "%s", "outcome": "wrong"}', "/solution_id"),
        ("/v1/reindex", "POST", '{"model": "%s"}', "/model"),
        ("/v1/tickets/a/resolution", "PUT", '{"ticket": {"subject": "x"}, "resolution": "%s"}', "/resolution"),
    ):
        body = template % escape
        response = unchanged.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert pointers(response) == [pointer]


def test_surrogate_in_raw_bytes_is_no_text(unchanged: TestClient) -> None:
    body = b'{"ticket": {"subject": "\xed\xa0\x80"}}'
    response = unchanged.post("/v1/suggest", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)


def test_surrogate_in_a_name_is_422(unchanged: TestClient) -> None:
    body = '{"ticket": {"subject": "x", "\\ud800": 1}}'
    response = unchanged.post("/v1/suggest", content=body, headers={"Content-Type": "application/json"})
    assert len(pointers(response)) == 1


def test_whole_surrogate_pair_is_a_character(client: TestClient) -> None:
    body = '{"ticket": {"subject": "\\ud83d\\udda8 is on fire"}, "resolution": "Called the fire brigade at once."}'
    response = client.put("/v1/tickets/1/resolution", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 201
    assert client.get("/v1/tickets/1").json()["ticket"]["subject"] == "🖨 is on fire"


def test_answers_are_utf8(client: TestClient) -> None:
    write_back(client, "RT-1", "Принтерът не печата", "Сменихме касетата с тонер.")
    raw = client.get("/v1/tickets/RT-1").content
    assert json.loads(raw.decode("utf-8"))["ticket"]["subject"] == "Принтерът не печата"


@pytest.mark.parametrize("fields", [{"comment": "\x00 tab\t"}, {"comment": "🔥" * 2_000}])
def test_comments_take_any_text(client: TestClient, fields: Json) -> None:
    client.put("/v1/articles/a", json={"title": "x", "resolution": "y"})
    assert client.post("/v1/articles/a/flags", json={"reason": "wrong", **fields}).status_code == 201
