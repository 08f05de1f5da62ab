"""Names of machines: by a company's scheme, in paths, behind the words for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Said, group

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
    r"(?i)(?<![\w.@/-])[a-z0-9][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63}){0,3}"
    r"\.(?:local|lan|corp|internal|intranet|localdomain|home\.arpa)(?![\w-]|\.\w)"
)
_INTERNAL_SAID = Said(".local .lan .corp .internal .intranet .home.arpa")
_HOSTS_SAID = Said("host name server хост сървър компютър име")
_UNC = re.compile(r"(?<![\w\\%:>}])\\\\(?P<host>[A-Za-z0-9][\w-]*(?:\.[\w-]+)*)(?=\\)")
_NAMED = re.compile(
    r"(?i)(?:\b(?:host ?name|computer ?name|machine ?name|server ?name|pc name|host|server)\s*(?::|=|\bis\b)"
    r"|\b(?:име(?:то)? на (?:компютър|сървър|машина|лаптоп)\w*|хост(?:ът|а)?|сървър(?:ът|а)?|компютър(?:ът|а)?)"
    r"\s*(?::|=|\bе\b|(?=\s[a-z0-9]+[-.\d])))\s*[\"'„“]?(?P<host>[A-Za-z][\w-]*(?:\.[\w-]+)*)(?![\w(]|\.\w)"
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


def find_hosts(text: str) -> Iterator[Find]:
    lowered = text.lower()
    if _INTERNAL_SAID(lowered):
        for match in _INTERNAL.finditer(text):
            yield group(match, Kind.HOST)
    for match in _HOST.finditer(text):
        if not _PRODUCTS.fullmatch(match.group()):
            yield group(match, Kind.HOST)
    if "\\\\" in text:
        for match in _UNC.finditer(text):
            if not _PLACEHOLDERS.fullmatch(match["host"]):
                yield group(match, Kind.HOST, "host")
    if _HOSTS_SAID(lowered):
        yield from (group(match, Kind.HOST, "host") for match in _NAMED.finditer(text) if _is_host(match["host"]))


def _is_host(found: str) -> bool:
    return (
        (any(c.isdigit() for c in found) or "." in found)
        and not _PLACEHOLDERS.fullmatch(found)
        and not _PRODUCTS.fullmatch(found)
        and not _PUBLIC_NAMES.fullmatch(found)
    )
