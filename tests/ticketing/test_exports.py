"""Exports of ticket systems: files as such systems and spreadsheets really write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kbsearch.errors import BrokenFile
from kbsearch.ticketing.exports.mapping import ExportMapping, preset_names, read_mapping, rows
from kbsearch.ticketing.exports.source import raw, survey, wires
from kbsearch.ticketing.fields import value_at

FIELDS = {"id": "Number", "subject": "Subject", "resolution": "Fix"}


def mapping(**given: Any) -> ExportMapping:
    return ExportMapping.model_validate({"fields": FIELDS, **given})


def written(tmp_path: Path, content: str | bytes, name: str = "export") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def records(path: Path, mapping: ExportMapping) -> list[Any]:
    return [one.record for one in wires(path, mapping, None)]


ROW = {"Number": "1", "Subject": "Принтерът не печата", "Fix": "Рестарт на спулера; после тест"}
QUOTED = ('"' + ROW["Fix"] + '"', ROW["Fix"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_are_read_however_they_were_saved(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    lines = [delimiter.join(ROW), delimiter.join(["1", ROW["Subject"], QUOTED[0]]), ""]
    [record] = records(written(tmp_path, end.join(lines).encode(encoding)), mapping())
    assert record == {"ticket": {"id": "1", "subject": ROW["Subject"]}, "resolution": ROW["Fix"]}


def test_a_cell_may_hold_lines_quotes_and_formulas(tmp_path: Path) -> None:
    path = written(tmp_path, 'Number,Subject,Fix\n=1+1,"He said ""no""","First\nsecond, third"\n\n2,x,y\n')
    first, second = rows(path, mapping())
    assert first.record == {"Number": "=1+1", "Subject": 'He said "no"', "Fix": "First\nsecond, third"}
    assert (first.number, second.number) == (2, 5)


def test_a_column_that_comes_several_times_is_a_list(tmp_path: Path) -> None:
    text = (
        "Issue key,Summary,Status,Comment,Comment,Comment,Resolved\n"
        "KAN-1,Fax is dark,Done,01/Nov/26 9:00 AM;ana;looking,02/Nov/26 9:00 AM;ivo;Pulled the lever; it works,,"
        "02/Nov/26 9:05 AM\n"
        "KAN-2,Open one,To Do,,,,\n"
    )
    found = records(written(tmp_path, text), read_mapping("jira"))
    assert found == [
        {
            "ticket": {"id": "KAN-1", "subject": "Fax is dark"},
            "resolution": "Pulled the lever; it works",
            "resolved_at": "2026-11-02T09:05:00+00:00",
        }
    ]


def test_rows_that_cannot_be_read_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, "Number,Subject,Fix\n1,a,b\n2,a,b,c,d\n3,a,\n4,a,b\n")
    found = survey(path, mapping(fields={**FIELDS, "resolution": {"path": "Fix", "required": True}}))
    assert found.records == 2
    assert found.rejected == [
        (3, "the row has 5 cells, the first row names 3"),
        (4, "resolution: nothing stands there"),
    ]
    assert dict(raw(path, mapping(), {4})) == {4: {"Number": "3", "Subject": "a", "Fix": ""}}


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_a_table_without_names_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BrokenFile):
        records(written(tmp_path, content), mapping())


def test_json_may_be_a_list_lines_or_stand_somewhere_inside(tmp_path: Path) -> None:
    listed = [{"Number": n, "Subject": "s", "Fix": "f"} for n in (1, 2)]
    for content, place in (
        (json.dumps(listed), ""),
        ("\n".join(json.dumps(one) for one in listed), ""),
        (json.dumps({"result": {"tickets": listed}}), "result.tickets"),
        ("\n".join(json.dumps({"helpdesk_ticket": one}) for one in listed), "helpdesk_ticket"),
    ):
        path = written(tmp_path, content)
        found = list(wires(path, mapping(format="json", record=place), None))
        assert [(one.number, one.record["ticket"]["id"]) for one in found] == [(1, "1"), (2, "2")]  # type: ignore[index]


SNOW = """<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2026-11-20 10:00:00">
<incident action="INSERT_OR_UPDATE"><number>INC1</number><short_description>VPN &amp; 809</short_description>
<close_notes>Switched the profile to SSTP.</close_notes><state>7</state>
<sys_created_on>2026-11-01 08:00:00</sys_created_on><cmdb_ci display_value="VPN gateway">a1b2</cmdb_ci></incident>
<incident action="INSERT_OR_UPDATE"><number>INC2</number><short_description>Open</short_description><close_notes/>
<state>1</state></incident>
<sys_user action="INSERT_OR_UPDATE"><name>ana</name></sys_user>
</unload>"""


def test_servicenow_xml_is_read_with_what_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, SNOW)
    assert records(path, read_mapping("servicenow-xml")) == [
        {
            "ticket": {
                "id": "INC1", "subject": "VPN & 809", "environment": ["VPN gateway"],
                "created_at": "2026-11-01T08:00:00+00:00",
            },
            "resolution": "Switched the profile to SSTP.",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        SNOW[:200],
        "number,short_description",
        '<!DOCTYPE u [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><unload><incident>&b;</incident></unload>',
        '<!DOCTYPE u [<!ENTITY b SYSTEM "file:///etc/passwd">]><unload><incident>&b;</incident></unload>',
    ],
)
def test_broken_and_hostile_xml_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(BrokenFile) as told:
        records(written(tmp_path, content), read_mapping("servicenow-xml"))
    assert "root:" not in str(told.value)


TENANTS = {"tenant": {"path": "Company", "map": {"ACME Ltd": "acme", "Globex": "globex"}, "on_missing": "reject"}}


def test_a_record_belongs_to_the_tenant_that_the_mapping_names_and_never_to_everyone(tmp_path: Path) -> None:
    text = "Number,Subject,Fix,Company\n1,a,b,ACME Ltd\n2,a,b,Globex\n3,a,b,Initech\n4,a,b,\n5,a,b,ACME Ltd\n"
    path, named = written(tmp_path, text), mapping(**TENANTS)
    assert dict(survey(path, named).tenants) == {"acme": 2, "globex": 1}
    assert [number for number, _ in survey(path, named).rejected] == [4, 5]
    acme = [one.record for one in wires(path, named, "acme", with_rejected=False)]  # type: ignore[arg-type]
    assert [one["ticket"]["id"] for one in acme] == ["1", "5"]  # type: ignore[index]
    shared = mapping(tenant={"value": "shared"})
    assert survey(path, shared).records == 0


def test_times_are_read_in_their_own_form_and_zone(tmp_path: Path) -> None:
    fields = {
        **FIELDS,
        "resolved_at": {"path": "Done", "formats": ["%d.%m.%Y %H:%M", "iso", "unix"], "timezone": "Europe/Sofia"},
    }
    text = "Number,Subject,Fix,Done\n1,a,b,02.11.2026 09:05\n2,a,b,2026-11-02T09:05:00Z\n3,a,b,1793000000\n4,a,b,soon\n"
    found = [one["resolved_at"] for one in records(written(tmp_path, text), mapping(fields=fields))]
    assert found == [
        "2026-11-02T09:05:00+02:00", "2026-11-02T09:05:00+00:00", "2026-10-26T07:33:20+00:00", "soon",
    ]  # fmt: skip


def test_the_first_place_that_is_filled_counts(tmp_path: Path) -> None:
    fields = {**FIELDS, "resolution": {"first": ["Fix", "Notes"]}, "environment": {"first": ["Product", "Service"]}}
    text = 'Number,Subject,Fix,Notes,Product,Service\n1,a, ,from notes,,"Outlook; Windows 11"\n'
    [record] = records(written(tmp_path, text), mapping(fields=fields, id_prefix="rt-"))
    assert record["resolution"] == "from notes"
    assert record["ticket"] == {"id": "rt-1", "subject": "a", "environment": ["Outlook", "Windows 11"]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1), ("list[0].x", 1), ("list[-1].x", 2), ("list[5].x", None), ("list[-5]", None),
        ("a.b[-1]", 1), ("none[0]", None), ("none.x", None),
        ("a.b.c", None), ("with.dot", 3), ("", None),
    ],
)  # fmt: skip
def test_paths_lead_to_values(path: str, value: object) -> None:
    record = {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}], "with.dot": 3}
    found = value_at(record, path)
    assert found == (record if path == "" else value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fields: {id: a, subject: b}", "the field resolution is needed"),
        ("fields: {id: a, subject: b, resolution: c, colour: d}", "no field of tickets is called colour"),
        ("fields: {id: {path: a, first: [b]}, subject: b, resolution: c}", "one of path, first and value"),
        ("fields: {id: {path: a, timezone: Mars/Base}, subject: b, resolution: c}", "no time zone Mars/Base"),
        ("of: tickets\nformat: xls\nfields: {}", "format"),
        ("fields: [", "not YAML"),
        ("", "valid"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BrokenFile) as error:
        read_mapping(str(written(tmp_path, text, "mapping.yaml")))
    assert told in str(error.value)


def test_an_unknown_mapping_names_the_presets() -> None:
    with pytest.raises(BrokenFile) as error:
        read_mapping("jirra")
    assert "jira" in str(error.value)


KB = {
    "glpi-kb": "ID,Subject,Content,Category\n7,Reset a password,<p>Open <b>Users</b>.</p>,Accounts\n",
    "osticket-kb": 'faq_id,category_id,ispublished,question,answer,keywords\n7,1,1,Reset?,<p>Open.</p>,"a, b"\n',
    "zammad-kb": json.dumps({"id": 7, "title": "Reset", "content": {"body": "<p>Open.</p>"}, "locale": "en"}),
    "servicenow-kb": "<unload><kb_knowledge><number>KB7</number><short_description>Reset</short_description>"
    "<text>Open.</text><workflow_state>published</workflow_state></kb_knowledge></unload>",
}


@pytest.mark.parametrize("name", sorted(KB))
def test_articles_of_other_knowledge_bases_are_read(tmp_path: Path, name: str) -> None:
    [record] = records(written(tmp_path, KB[name]), read_mapping(name))
    assert record["id"].endswith("7")
    assert record["title"]
    assert "Open" in record["resolution"]


TICKETS = {
    "servicenow-csv": "number,short_description,description,close_notes,reassignment_count,sys_created_on\n"
    "INC1,VPN down,since today,Switched the profile.,2,01.11.2026 08:00:00\n",
    "zendesk": json.dumps({"id": 1, "subject": "VPN down", "description": "today", "status": "solved", "tags": ["vpn"],
                           "comments": [{"plain_body": "today"}, {"plain_body": "Switched the profile."}]}),
    "freshdesk": json.dumps({"helpdesk_ticket": {"display_id": 1, "subject": "VPN down", "status_name": "Closed",
                                                 "notes": [{"body": "Switched the profile."}]}}),
    "rt": "id\tSubject\tStatus\tLastCorrespondence\tResolved\n1\tVPN down\tresolved\tSwitched the profile.\t"
    "Mon Nov 02 09:05:00 2026\n",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(TICKETS))
def test_tickets_of_other_systems_are_read(tmp_path: Path, name: str) -> None:
    [record] = records(written(tmp_path, TICKETS[name]), read_mapping(name))
    assert record["ticket"]["id"].endswith("1")
    assert record["ticket"]["subject"] == "VPN down"
    assert record["resolution"] == "Switched the profile."


def test_every_preset_is_tried_here() -> None:
    assert {*KB, *TICKETS, "jira", "servicenow-xml", "mbox", "html"} == {*preset_names()}


MAILS = b"""From ana@client.example.org Mon Nov  2 08:00:00 2026
From: =?utf-8?b?0JDQvdCw?= <ana@client.example.org>
Subject: =?utf-8?b?0J/RgNC40L3RgtC10YDRitGCINC90LUg0L/QtdGH0LDRgtCw?=
Message-ID: <1@client>
Date: Mon, 02 Nov 2026 08:00:00 +0200
Content-Type: text/plain; charset=windows-1251
Content-Transfer-Encoding: quoted-printable

=CD=E5 =EF=E5=F7=E0=F2=E0.

From ivo@servicedesk.example.org Mon Nov  2 09:00:00 2026
From: ivo@ServiceDesk.example.org
Subject: Re: printer
In-Reply-To: <1@client>
Message-ID: <2@desk>
Date: Mon, 02 Nov 2026 09:00:00 +0200
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/html

<p>Restarted the <b>spooler</b>.</p>
--b--

From ana@client.example.org Mon Nov  2 10:00:00 2026
From: ana@client.example.org
Subject: Thanks
References: <1@client> <2@desk>
Message-ID: <3@client>
Date: not a date

Thank you!

From rt@x Mon Nov  2 11:00:00 2026
From: bo@client.example.org
Subject: [desk #42] Re: VPN down
Message-ID: <4@client>

No VPN.

From rt@x Mon Nov  2 12:00:00 2026
From: ivo@servicedesk.example.org
Subject: Re: [desk #42] Re: VPN down

Switched the profile.
"""


def test_a_mailbox_is_read_by_conversation(tmp_path: Path) -> None:
    first, second = records(written(tmp_path, MAILS), read_mapping("mbox"))
    assert first["ticket"]["subject"] == "Принтерът не печата"
    assert first["ticket"]["description"].strip() == "Не печата."
    assert "<b>spooler</b>" in first["resolution"]  # the import makes it text
    assert first["resolved_at"] == "2026-11-02T09:00:00+02:00"
    assert (second["ticket"]["id"], second["ticket"]["subject"]) == ("mail-42", "VPN down")
    assert second["resolution"].strip() == "Switched the profile."


def test_a_mailbox_without_an_agent_s_answer_becomes_nothing(tmp_path: Path) -> None:
    found = survey(written(tmp_path, MAILS), read_mapping("mbox").model_copy(update={"agents": ("@other.org",)}))
    assert (found.records, len(found.rejected)) == (0, 2)


CONFLUENCE = """<html><head><title>IT : Reset a password</title></head><body><div id="main-header">
<h1><span id="title-text"> IT : Reset a password </span></h1></div>
<div id="main-content"><ol><li>Open <b>Users</b>.</li></ol></div><div id="footer">Created by ana</div></body></html>"""


def test_pages_are_read_one_by_one_or_from_a_space_of_confluence(tmp_path: Path) -> None:
    one = written(tmp_path, CONFLUENCE, "Reset-a-password_123.html")
    space = tmp_path / "space.zip"
    with ZipFile(space, "w") as opened:
        opened.writestr("IT/index.html", "<html><body>All pages</body></html>")
        opened.writestr("IT/Reset-a-password_123.html", CONFLUENCE)
        opened.writestr("IT/attachments/1.png", b"x")
        opened.writestr("IT/huge.html", "<p>" + "x" * 1_100_000)
    for path in (one, space):
        [record, *others] = records(path, read_mapping("html"))
        assert (record["id"], record["title"]) == ("Reset-a-password_123", "Reset a password")
        assert "Open" in record["resolution"]
        assert "ana" not in record["resolution"]
        assert all(isinstance(other, str) for other in others)


def test_a_damaged_zip_is_reported(tmp_path: Path) -> None:
    space = tmp_path / "space.zip"
    with ZipFile(space, "w") as opened:
        opened.writestr("a.html", CONFLUENCE * 20)
    content = bytearray(space.read_bytes())
    content[60:400] = b"\x00" * 340
    with pytest.raises(BrokenFile):
        records(written(tmp_path, bytes(content)), read_mapping("html"))
