"""Products that stand for one another: what was written for one may not fit another of the same kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# Kind → product → how it is written, as a regular expression over whole words, whatever the version.
_KINDS: dict[str, dict[str, str]] = {
    "desktop system": {
        "Windows": r"windows|win(?:10|11|7|8)|уиндоус",
        "macOS": r"mac ?os(?: ?x)?|os x|macbook(?: ?(?:air|pro))?|imac|mac ?mini|mac",
        "Linux": r"linux|ubuntu|debian|fedora|rhel|red hat|centos|suse|mint",
        "ChromeOS": r"chrome ?os|chromebook",
    },
    "mobile system": {"Android": r"android|андроид", "iOS": r"ios|iphone|ipad(?:os)?|айфон|айпад"},
    "browser": {
        "Chrome": r"chrome|хром",
        "Edge": r"edge",
        "Firefox": r"firefox",
        "Safari": r"safari",
        "Opera": r"opera",
        "Internet Explorer": r"internet explorer|ie ?11",
    },
    "mail program": {
        "Outlook": r"(?:new )?outlook|аутлук",
        "Thunderbird": r"thunderbird",
        "Apple Mail": r"apple mail",
        "Gmail": r"gmail",
        "Lotus Notes": r"(?:lotus|hcl|ibm) notes",
    },
    "office suite": {
        "Microsoft Office": r"(?:microsoft|ms) office|office(?: ltsc)?|microsoft 365|office 365",
        "LibreOffice": r"libre ?office|open ?office",
        "Google Workspace": r"google (?:docs|sheets|workspace)|g ?suite",
    },
    "meeting program": {
        "Teams": r"(?:microsoft )?teams",
        "Zoom": r"zoom",
        "Webex": r"webex",
        "Google Meet": r"google meet",
        "Skype": r"skype(?: for business)?",
    },
    "database": {
        "Oracle": r"oracle",
        "SQL Server": r"(?:ms |microsoft )?sql server",
        "PostgreSQL": r"postgres(?:ql)?",
        "MySQL": r"mysql|mariadb",
    },
}
_AS_A_PRODUCT = {
    kind: {name: re.compile(rf"(?:{pattern})(?:[\s-]*v?\d[\w.]*)?(?:\s+(?:pro|home|enterprise|lts))?", re.IGNORECASE)
           for name, pattern in products.items()}
    for kind, products in _KINDS.items()
}  # fmt: skip
# Of the ticket's prose only what cannot be meant otherwise is read: other systems are often named beside the fault.
_IN_PROSE = {
    "macOS": re.compile(r"\b(?:mac ?os|macbook|imac)\b", re.IGNORECASE),
    "Linux": re.compile(r"\b(?:linux|ubuntu)\b", re.IGNORECASE),
    "ChromeOS": re.compile(r"\bchromebook\b", re.IGNORECASE),
}


def other_products(asked: Sequence[str], text: str, written_for: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """For each kind of product that both sides name: those that a solution was written for, if none is the ticket's.

    A phone beside a solution for computers, or the other way round, is another system as well.

    Args:
        asked: the ticket's environment.
        text: the ticket, in which some systems are recognised where its environment names none.
        written_for: the solution's environment.
    """
    theirs, ours = _named(asked), _named(written_for)
    if not {"desktop system", "mobile system"} & theirs.keys():
        in_prose = {name for name, pattern in _IN_PROSE.items() if pattern.search(text)}
        if in_prose:
            theirs = theirs | {"desktop system": in_prose}
    systems = theirs.get("desktop system", set()) | theirs.get("mobile system", set())
    known = ours.get("desktop system", set()) | ours.get("mobile system", set())
    if systems and known and systems.isdisjoint(known):
        yield tuple(sorted(known))
    for kind, products in ours.items():
        if not kind.endswith("system") and kind in theirs and products.isdisjoint(theirs[kind]):
            yield tuple(sorted(products))


def _named(environment: Sequence[str]) -> dict[str, set[str]]:
    """Kind → the products of it that an environment names."""
    named: dict[str, set[str]] = {}
    for entry in environment:
        for kind, products in _AS_A_PRODUCT.items():
            for name, pattern in products.items():
                if pattern.fullmatch(entry.strip()):
                    named.setdefault(kind, set()).add(name)
    return named
