"""Names of machines: by a company's scheme, in paths, behind the words for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.dictionaries import is_known
from kbsearch.text.redaction.finds import NUMBERED, Find, Kind, Reading, Said, group

# What a machine's name begins with in most companies' schemes; a number must follow.
_ROLES = (
    r"srv|svr|server|dc|fs|sql|db|app|vm|esxi?|hv|prn|print|mail|mx|exch|rds|ts|tc|nas|bkp|fw|sw|rt|ap|nb|lt|ws|wks|pc|"
    r"pos|kiosk|kasa|citrix|ctx|term|web|proxy|vpn|file|filesrv|nas|erp|scan|plc|cam|dev|prod"
)
_HOST = re.compile(
    rf"""(?x)(?<![\w.\\/@#:-])(?=[A-Za-z-]{{2,20}}[A-Z\d-]*\d)(?:
      (?:DESKTOP|LAPTOP|WIN)-(?=[A-Z]*\d|\d*[A-Z])[A-Z0-9]{{7,11}}
    | (?:[A-Za-z]{{2,4}}-){{0,2}}(?i:{_ROLES})(?:-[A-Za-z]{{2,8}})?-0?\d{{1,4}}
    | (?:[A-Za-z]{{2,4}}-){{0,2}}(?i:{_ROLES})-[A-Za-z]{{2,8}}0?\d{{1,4}}
    | (?:[A-Za-z]{{2,4}}-){{1,2}}(?i:{_ROLES})0?\d{{1,4}}
    | (?i:srv|svr|dc|fs|esxi?|exch|cas|sql|db|mail|mx|nas|pc|ws|kiosk|kasa|file|erp|server|hv)\d{{1,4}}(?=\.[A-Za-z])
    | (?i:srv|svr|dc|fs|esxi?|exch|db|nas|pc|ws|wks|kiosk|kasa|filesrv|hv)\d{{2,4}}
    | (?i:srv|svr|sql|db|erp|pc|nb|ws|fs|dc|nas|kasa)(?:-[A-Za-z]{{2,8}}){{1,2}}-\d{{1,4}}
    )(?P<domain>(?:\.[A-Za-z][\w-]*){{1,4}})?(?![\w\\-])"""
)
_INTERNAL = re.compile(
    r"(?i)(?<![\w./-])(?<![^>]@)[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,3}"
    r"\.(?:local|lan|corp|internal|intranet|localdomain|home\.arpa)(?![\w-]|\.\w)"
)
_INTERNAL_SAID = Said(".local .lan .corp .internal .intranet .home.arpa")
_HOSTS_SAID = Said("host name server хост сървър компютър име rechner nom nombre компьютер nazwa")
_FIELDS_SAID = Said(
    "workstation arbeitsstation station·de станция computer·name: client·name: client·computer caller·computer "
    "computer: "
    'machine: name> name"> computername hostname host_name clientname machinename <computer>'
)
_UNC = re.compile(r"(?<![\w\\%:>}])\\\\(?P<host>[A-Za-z0-9][\w-]*(?:\.[\w-]+)*)(?=\\|(?P<bare>\s|$))")
_NAMED = re.compile(
    r"(?i)(?:\b(?:host ?name|computer ?name|machine ?name|server ?name|pc name|host|server|rechner(?:name)?|"
    r"computername|"
    r"nom (?:du poste|de l['’]ordinateur)|nome (?:del )?computer|nombre del equipo|имя компьютера|nazwa komputera)"
    r"\s{0,3}(?::|=|\bis\b)"
    r"|\b(?:име(?:то)? на (?:компютър|сървър|машина|лаптоп)\w*|хост(?:ът|а)?|сървър(?:ът|а)?|компютър(?:ът|а)?)"
    r"\s*(?::|=|\bе\b|(?=\s[a-z0-9]+[-.\d])))\s*[\"'„“]?(?P<host>[A-Za-z][\w-]*(?:\.[\w-]+)*)(?![\w(]|\.\w)"
)
# As Windows' event log has it: whatever stands there is a machine.
_FIELD = re.compile(
    r"(?i)(?:(?<![\w-])(?:workstation(?: name)?|source workstation|client (?:computer )?name|caller computer(?: name)?|"
    r"caller workstation|computer|client machine|arbeitsstation(?:sname)?|station de travail|работна станция|"
    r"рабочая станция|caller computer)[ \t]{0,20}:[ \t]{0,20}"
    r"|(?<![a-z])(?:workstation|computer|machine|client|host)_?name[\"']?(?:[ \t]{0,20}[:=][ \t]{0,20}[\"']?|"
    r"[ \t]{0,3}>)|<computer>)"
    r"\\{0,2}(?P<host>[A-Za-z][\w.-]{2,63})[ \t]{0,20}(?=[\"'<\r\n,;}]|$)"
)
_PLACEHOLDERS = re.compile(
    r"(?i)(?:your|my|the|file|print|mail|remote|target|source)?[-_]?(?:server|host|computer|machine|domain|pc|nas)"
    r"[-_]?(?:name)?\d?|server\.domain|localhost|example|contoso.*|fabrikam.*|tsclient|sharename|.*\.local\.?"
)
_PRODUCTS = re.compile(
    r"(?i)(?:\w+-)*(?:sql|exch|server|app|web|rds|vm|win|office|citrix|db)-?(?:19|20)\d\d|(?:db|sql|ts|web|vm|sw)-?\d"
)
# Servers that a provider's customers all use are no secret, and their names are half of most fixes.
_PUBLIC_NAMES = re.compile(
    r"(?i)(?:smtp|news|nntp|imap|pop3?|e?mail|mx|www|web|webmail|ftp|autodiscover|outlook|secure|incoming|outgoing|in|"
    r"out|login|portal)"
    r"(?:[.-][\w-]+)*\.[a-z]{2,}|.*\.(?:microsoft|office|office365|windows|google|mozilla|apple|outlook|live)\.(?:com|"
    r"net|org)"
)


def find_hosts(reading: Reading) -> Iterator[Find]:
    text = reading.text
    if _INTERNAL_SAID(reading):
        for match in _INTERNAL.finditer(text):
            yield group(match, Kind.HOST)
    for match in _HOST.finditer(text):
        if not _PRODUCTS.fullmatch(match.group()) and not _is_an_id(text, match):
            yield group(match, Kind.HOST)
    if "\\\\" in text:
        for match in _UNC.finditer(text):
            if not _PLACEHOLDERS.fullmatch(match["host"]) and (match["bare"] is None or _is_host(match["host"])):
                yield group(match, Kind.HOST, "host")
    yield from _behind_words(reading)


def _behind_words(reading: Reading) -> Iterator[Find]:
    for said, pattern, is_meant in ((_FIELDS_SAID, _FIELD, _is_filled_in), (_HOSTS_SAID, _NAMED, _is_host)):
        if said(reading):
            for match in pattern.finditer(reading.text):
                if is_meant(match["host"]):
                    yield group(match, Kind.HOST, "host")


def _is_filled_in(found: str) -> bool:
    return _is_host(found) or (found.isupper() and not is_known(found.lower()))


# A role, a hyphen and a number may as well be a ticket (WEB-1234), a product (PC-3000, FW-1) or a model (AP-305).
_LIKE_ID = re.compile(
    r"(?i)(?:(?P<sure>srv|svr|server|dc|fs|esxi?|hv|prn|nas|bkp|nb|lt|wks|kiosk|kasa|pos|exch|rds|citrix|filesrv)|"
    r"(?P<pc>pc|ws)|[a-z]+)-(?P<number>[1-9]\d{0,3})"
)
_MACHINE_BEFORE = re.compile(
    r"(?i)(?:\b(?:host|server|computer|machine|laptop|workstation|pc|router|switch|firewall|printer|ping|rdp to|ssh|"
    r"node|"
    r"access point)|сървър\w*|компют\w*|машина\w*|лаптоп\w*|рутер\w*|суич\w*|хост\w*|станция\w*|"
    r"касата?)\s{1,3}[\"'„“]?$"
)


def _is_an_id(text: str, match: re.Match[str]) -> bool:
    like = _LIKE_ID.fullmatch(match.group())
    before = text[max(0, match.start() - 40) : match.start()]
    if NUMBERED.search(before):
        return True
    if not like or _MACHINE_BEFORE.search(before):
        return False
    digits = like["number"]
    if like["sure"]:
        return False
    return not (like["pc"] and (len(digits) in (2, 3) or (len(digits) == 4 and digits[:2] not in ("19", "20", "30"))))


def _is_host(found: str) -> bool:
    return (
        (any(c.isdigit() for c in found) or "." in found)
        and not _PLACEHOLDERS.fullmatch(found)
        and not _PRODUCTS.fullmatch(found)
        and not _PUBLIC_NAMES.fullmatch(found)
    )
