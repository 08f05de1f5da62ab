"""Connectors: verification by the vendors' own recipes, and their documented messages through every preset."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kbsearch.cli import cli
from kbsearch.errors import BrokenFile
from kbsearch.store import inbox
from kbsearch.store.inbox import MessageState
from kbsearch.store.sqlite.database import SQLiteStore
from kbsearch.ticketing.connector import Connector, connectors_in, preset_names, read_connector, secrets_of
from kbsearch.ticketing.events import NoEvent, TicketEvent, event_of
from kbsearch.ticketing.fields import Rejected
from kbsearch.ticketing.verifying import NotVerified, Verification, verify

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
SECRET, NEXT, OTHER = b"s" * 32, b"n" * 32, b"o" * 32
BODY = '{"ticket": {"title": "Принтерът не печата"}}'.encode()
UNIX, ISO = str(int(NOW.timestamp())), NOW.isoformat()


def connector(tmp_path: Path, name: str, text: str = "") -> Connector:
    path = tmp_path / f"{name}.yaml"
    path.write_text(f"preset: {name}\nsecrets: [S]\n{text}")
    return read_connector(path)


def signed(name: str, secret: bytes, body: bytes = BODY) -> dict[str, str]:
    """The headers that the vendor would send, by its own recipe."""

    def mac(algorithm: str, message: bytes) -> Any:
        return hmac.new(secret, message, getattr(hashlib, algorithm))

    return {
        "zammad": lambda: {"x-hub-signature": f"sha1={mac('sha1', body).hexdigest()}"},
        "jira": lambda: {"x-hub-signature": f"sha256={mac('sha256', body).hexdigest()}"},
        "zendesk": lambda: {
            "x-zendesk-webhook-signature": base64.b64encode(mac("sha256", ISO.encode() + body).digest()).decode(),
            "x-zendesk-webhook-signature-timestamp": ISO,
        },
        "glpi": lambda: {
            "x-glpi-signature": mac("sha256", body + UNIX.encode()).hexdigest(), "x-glpi-timestamp": UNIX,
        },
        "servicenow": lambda: {"x-kbsearch-token": secret.decode()},
        "freshservice": lambda: {"x-kbsearch-token": secret.decode()},
        **dict.fromkeys(
            ("generic", "rt", "django-helpdesk"),
            lambda: {
                "x-kbsearch-signature": f"sha256={mac('sha256', UNIX.encode() + b'.' + body).hexdigest()}",
                "x-kbsearch-timestamp": UNIX,
            },
        ),
    }[name]()  # fmt: skip


@pytest.mark.parametrize("name", preset_names())
def test_each_vendor_s_signature_is_known(tmp_path: Path, name: str) -> None:
    rule = connector(tmp_path, name).verify
    for secret in (SECRET, NEXT):  # one is being exchanged for the other
        verify(rule, [SECRET, NEXT], signed(name, secret), BODY, NOW)
    for secrets, headers, body in (
        ([SECRET], signed(name, OTHER), BODY),
        ([SECRET], {}, BODY),
        ([SECRET], dict.fromkeys(signed(name, SECRET), ""), BODY),
        ([SECRET], {key: f"x{value}" for key, value in signed(name, SECRET).items()}, BODY),
        ([], signed(name, SECRET), BODY),
        *([] if rule.kind == "token" else [([SECRET], signed(name, SECRET), BODY + b" ")]),
    ):
        with pytest.raises(NotVerified) as told:
            verify(rule, secrets, headers, body, NOW)
        assert SECRET.decode() not in str(told.value)


@pytest.mark.parametrize(("away_s", "holds"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)])
def test_an_old_message_is_refused(away_s: int, holds: bool) -> None:
    rule = Verification(header="s", timestamp_header="t", message="{timestamp}.{body}")
    sent = str(int(NOW.timestamp()) - away_s)
    proof = hmac.new(SECRET, f"{sent}.x".encode(), hashlib.sha256).hexdigest()
    if holds:
        verify(rule, [SECRET], {"s": proof, "t": sent}, b"x", NOW)
    else:
        with pytest.raises(NotVerified):
            verify(rule, [SECRET], {"s": proof, "t": sent}, b"x", NOW)


@pytest.mark.parametrize("time", ["", "soon", "nan", "inf", "1e300", "-1"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    rule = Verification(header="s", timestamp_header="t", message="{timestamp}.{body}")
    with pytest.raises(NotVerified):
        verify(rule, [SECRET], {"s": "00", "t": time}, b"x", NOW)


ACME = "tenant: {path: %s, map: {%s: acme}, on_missing: reject}\n"
MESSAGES: dict[str, tuple[str, list[tuple[dict[str, Any], dict[str, str], str, dict[str, Any]]]]] = {
    "zammad": (
        ACME % ("ticket.organization.name", "Awesome Customer Inc."),
        [
            (
                {"ticket": {"id": 81, "number": "10081", "title": "Webhook-Test", "state": "open", "article_count": 1,
                            "organization": {"id": 3, "name": "Awesome Customer Inc."},
                            "priority": {"id": 2, "name": "2 normal"}, "updated_by": {"login": "chris"}},
                 "article": {"id": 104, "internal": False, "sender": "Customer", "content_type": "text/html",
                             "body": "This is a simple Webhook Test."}},
                {"x-zammad-delivery": "d-1"}, "created",
                {"id": "10081", "subject": "Webhook-Test", "description": "This is a simple Webhook Test."},
            ),
            (
                {"ticket": {"number": "10081", "title": "Webhook-Test", "state": "closed",
                            "organization": {"name": "Awesome Customer Inc."}},
                 "article": {"internal": False, "sender": "Agent", "body": "<p>Restarted it.</p>"}},
                {}, "resolved", {"resolution": "<p>Restarted it.</p>"},
            ),
        ],
    ),
    "jira": (
        ACME % ("issue.fields.project.key", "KAN"),
        [
            (
                {"timestamp": 1735441883659, "webhookEvent": "jira:issue_created", "user": {"accountId": "712020:x"},
                 "issue": {"id": "10021", "key": "KAN-22", "fields": {
                     "summary": "Add back button to pages", "description": "..", "project": {"key": "KAN"},
                     "priority": {"name": "Medium"}, "resolution": None, "duedate": None,
                     "status": {"name": "To Do", "statusCategory": {"key": "new"}}}}},
                {}, "created", {"id": "KAN-22", "subject": "Add back button to pages", "priority": "Medium"},
            ),
            (
                {"webhookEvent": "jira:issue_updated", "issue": {"key": "KAN-22", "fields": {
                    "summary": "s", "project": {"key": "KAN"}, "status": {"statusCategory": {"key": "done"}},
                    "comment": {"comments": [{"body": "first"}, {"body": "Cleared the cache."}]}}},
                 "changelog": {"items": [{"field": "Rank", "fieldId": "rank"}, {"fieldId": "status"}]}},
                {}, "resolved", {"resolution": "Cleared the cache."},
            ),
        ],
    ),
    "zendesk": (
        ACME % ("detail.organization_id", '"77"'),
        [
            (
                {"account_id": 22129848, "id": "a8b9c1d2", "time": "2025-01-08T16:45:20.987654321Z",
                 "type": "zen:event-type:ticket.status_changed", "subject": "zen:ticket:5158",
                 "detail": {"id": "5158", "subject": "Cannot login to mobile app", "status": "SOLVED",
                            "priority": "HIGH", "organization_id": 77},
                 "event": {"current": "SOLVED", "previous": "OPEN"}, "resolution": "Reset the password."},
                {}, "resolved", {"id": "5158", "resolution": "Reset the password."},
            ),
        ],
    ),
    "glpi": (
        ACME % ("item.entity.completename", "Root > ACME") + "",
        [
            (
                {"item": {"id": 7, "name": "Printer", "content": "<p>dark</p>", "priority": 3,
                          "entity": {"completename": "Root > ACME"}}, "event": "new"},
                {}, "created", {"id": "7", "subject": "Printer"},
            ),
        ],
    ),
    "servicenow": (
        ACME % ("incident.company.display_value", "ACME Ltd"),
        [
            (
                {"event": "resolved", "incident": {"number": "INC1", "short_description": "VPN", "state": "6",
                 "close_notes": "Switched it.", "company": {"display_value": "ACME Ltd"}}},
                {}, "resolved", {"id": "INC1", "resolution": "Switched it."},
            ),
        ],
    ),
    "freshservice": (
        ACME % ("ticket.department", "ACME"),
        [({"event": "created", "ticket": {"id": 5, "subject": "VPN", "department": "ACME"}}, {}, "created",
          {"id": "5"})],
    ),
    "rt": (
        ACME % ("ticket.Queue", "Support"),
        [({"event": "created", "ticket": {"id": 5, "Subject": "VPN", "Queue": "Support"}, "content": "down"}, {},
          "created", {"id": "5", "description": "down"})],
    ),
    "django-helpdesk": (
        ACME % ("queue_slug", "acme-queue"),
        [
            ({"ticket": {"id": 5, "title": "VPN", "status": 1, "followup_set": []}, "queue_slug": "acme-queue"}, {},
             "created", {"id": "5", "subject": "VPN"}),
            ({"ticket": {"id": 5, "title": "VPN", "status": 3, "resolution": "late note", "followup_set": [
                {"new_status": None, "comment": "looking"}, {"new_status": 3, "comment": "Switched the profile."}]},
              "queue_slug": "acme-queue", "followup_id": 9}, {}, "resolved", {"resolution": "Switched the profile."}),
        ],
    ),
    "generic": (
        "",
        [({"event": "resolved", "tenant": "acme", "ticket": {"id": "1", "subject": "VPN"}, "resolution": "Fixed it."},
          {},
          "resolved", {"id": "1", "resolution": "Fixed it."})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", preset_names())
def test_the_vendor_s_messages_become_events(tmp_path: Path, name: str) -> None:
    tenant, messages = MESSAGES[name]
    read = connector(tmp_path, name, tenant)
    for payload, headers, kind, fields in messages:
        event = event_of(read, payload, headers)
        assert (event.kind, event.tenant) == (kind, "acme")
        assert fields.items() <= {**event.ticket, **event.resolution}.items()


def made(tmp_path: Path, **payload: Any) -> TicketEvent:
    return event_of(
        connector(tmp_path, "generic", "own_accounts: [KBSearch]\n"),
        {"event": "created", "tenant": "acme", "ticket": {"id": "1", "subject": "VPN"}, **payload},
        {},
    )


def test_our_own_notes_are_no_events(tmp_path: Path) -> None:
    with pytest.raises(NoEvent):
        made(tmp_path, actor="kbsearch")
    marked = made(tmp_path, event="resolved", resolution="Try this [kbsearch:suggest:1]")
    assert marked.resolution == {}


@pytest.mark.parametrize("tenant", ["", None, "shared", "ACME Ltd", {"x": 1}])
def test_a_message_of_nobody_is_refused(tmp_path: Path, tenant: Any) -> None:
    with pytest.raises(Rejected):
        made(tmp_path, tenant=tenant)


def test_a_client_that_the_map_does_not_name_is_refused(tmp_path: Path) -> None:
    read = connector(tmp_path, "generic", ACME % ("tenant", "ACME Ltd"))
    with pytest.raises(Rejected):
        event_of(read, {"event": "created", "tenant": "Initech", "ticket": {"id": "1", "subject": "x"}}, {})


@pytest.mark.parametrize("payload", [{"event": "viewed"}, {"event": None}, {"event": ["created", "x"], "ticket": None}])
def test_what_says_nothing_becomes_nothing(tmp_path: Path, payload: dict[str, Any]) -> None:
    with pytest.raises((NoEvent, Rejected)):
        made(tmp_path, **payload)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("preset: zamad", "preset: there is none"),
        ("preset: zammad\ntenant: {path: x, map: {A: acme}}", "on_missing must be reject"),
        ("preset: zammad\nverify: {algorithm: md5}", "algorithm"),
        ("preset: zammad\nticket: {colour: x}", "no field is called colour"),
        ("preset: zammad\nsecrets: [A, B, C]", "secrets"),
        ("preset: zammad\nnote: x", "note"),
        ("kinds: []", "verify"),
        ("- a", "no names and values"),
        ("a: [", "not YAML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rt-main.yaml"
    path.write_text(text)
    with pytest.raises(BrokenFile) as error:
        read_connector(path)
    assert told in str(error.value)


def test_a_connector_without_a_secret_is_refused(tmp_path: Path) -> None:
    read = connector(tmp_path, "zammad")
    for environment in ({}, {"S": ""}, {"S": "short"}):
        with pytest.raises(BrokenFile):
            secrets_of(read, environment)
    assert secrets_of(read, {"S": SECRET.decode()}) == [SECRET]
    key = tmp_path / "secret"
    key.write_bytes(NEXT + b"\n")
    both = connector(tmp_path, "zammad", "").model_copy(update={"secrets": ("S", f"file:{key}")})
    assert secrets_of(both, {"S": SECRET.decode()}) == [SECRET, NEXT]


def test_a_file_goes_before_its_preset(tmp_path: Path) -> None:
    read = connector(tmp_path, "zammad", "verify: {max_age_s: 60}\nticket: {priority: ticket.prio}\n")
    assert (read.verify.algorithm, read.verify.max_age_s) == ("sha1", 60)
    assert (read.ticket["priority"].path, read.ticket["subject"].path) == ("ticket.prio", "ticket.title")
    assert [*connectors_in(tmp_path)] == ["zammad"]


def run(folder: Path, *arguments: str) -> Result:
    options = [*arguments, "--folder", str(folder)]
    return CliRunner(env={"S": SECRET.decode()}).invoke(cli, ["connectors", *options], catch_exceptions=False)


def test_the_commands_explain_in_words(tmp_path: Path) -> None:
    connector(tmp_path, "zammad", MESSAGES["zammad"][0])
    assert "zammad" in run(tmp_path, "list").stdout
    told = run(tmp_path, "check", "zammad").stderr
    assert "sent to /v1/hooks/zammad" in told
    assert "Awesome Customer Inc. is acme; others are refused" in " ".join(told.split())
    assert SECRET.decode() not in told
    message = tmp_path / "message.json"
    message.write_text(json.dumps(MESSAGES["zammad"][1][0][0]))
    fields = json.loads(run(tmp_path, "try", "zammad", str(message), "--json").stdout)
    assert (fields["kind"], fields["client"], fields["ticket.id"]) == ("created", "acme", "10081")
    message.write_text(json.dumps({"ticket": {"state": "open"}}))
    assert "nothing is done" in run(tmp_path, "try", "zammad", str(message)).stderr


def test_the_inbox_is_shown(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path)
    with store.write() as tx:
        for number in range(2):
            inbox.put(tx, "zammad", f"d-{number}", b"{}")
        [message, _] = inbox.take(tx, timedelta(minutes=1), 2)
        inbox.finish(tx, message, MessageState.REFUSED, "tenant: nothing stands there", None, None)
    store.close()
    shown = CliRunner().invoke(cli, ["connectors", "inbox", "--data", str(tmp_path)], catch_exceptions=False)
    assert "tenant: nothing stands there" in shown.stderr
    assert "waiting" in shown.stdout
    listed = CliRunner().invoke(cli, ["connectors", "inbox", "--data", str(tmp_path), "--json"]).stdout
    assert {one["state"]: one["messages"] for one in json.loads(listed)["counts"]} == {"refused": 1, "waiting": 1}
