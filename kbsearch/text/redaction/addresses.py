"""Addresses: of people (e-mail) and of machines (IP)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from kbsearch.text.redaction.finds import Find, Kind, Reading, group

_EMAIL = re.compile(
    r"(?<![\w.+'-])[\w+][\w.+'-]{0,63}@[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?){1,8}"
)


_AT = r"(?:[ ]?[\[({<][ ]?(?:at|@|ат|маймунка|кльомба)[ ]?[\])}>][ ]?|[ ](?:\(at\)|маймунка|кльомба)[ ]|[ ]?@[ ]?)"
_DOT = r"(?:\.|[ ]?[\[({<][ ]?(?:dot|\.|точка|punkt)[ ]?[\])}>][ ]?|[ ](?:dot|точка|punkt|punto)[ ])"
# As people write them to hide them from machines.
_DISGUISED = re.compile(
    rf"(?i)(?<![\w.+'-])[\w+][\w+'-]{{0,40}}(?:{_DOT}[\w+'-]{{1,40}}){{0,3}}"
    rf"(?:{_AT}[a-z0-9][\w-]{{0,40}}(?:{_DOT}[a-z0-9][\w-]{{0,40}}){{0,3}}{_DOT}[a-z]{{2,12}}"
    rf"|[ ]at[ ][a-z0-9][\w-]{{0,40}}(?:[ ]dot[ ][a-z0-9][\w-]{{0,40}}){{0,2}}[ ]dot[ ]"
    rf"(?:com|org|net|info|edu|gov|example|[a-z]{{2}}))(?![\w-])"
)
_DISGUISES = ("[at", "(at", "{at", "<at", "[ at", "( at", "маймунка", "кльомба", "[@", "(@", " @ ")


def find_emails(reading: Reading) -> Iterator[Find]:
    text = reading.text
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield group(match, Kind.EMAIL)
    if any(sign in reading.lowered for sign in _DISGUISES) or " dot " in reading.lowered:
        for match in _DISGUISED.finditer(text):
            yield group(match, Kind.EMAIL)


_IPV4 = re.compile(r"(?<![\w.-])(?<!\d,)(?<![A-Za-z]/)(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?=[^\s]{0,4}:)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:.]*\w)")
_VERSION_SAID = (
    r"version|\bver\b|\bv(?=[\s.]*$)|build|release|firmware|\bfw\b|driver|updat|upgrad|patch|\btag\b|plug-?in|"
    r"\bagent\b|install|"
    r"верси|билд|драйвер|фърмуер|обнов|инсталир"
)
_ADDRESS_SAID = (
    r"\bips?\b|\bip4|\bipv4|address|адрес|\bdns\b|\bping|gateway|шлюз|tracert|\bhosts?\b|subnet|firewall|защитна стена|"
    r"route|маршрут|://|\bfrom\b|\bserver\b|сървър"
)
_VERSIONED_OR_ADDRESSED = re.compile(rf"(?i)(?P<version>{_VERSION_SAID})|{_ADDRESS_SAID}")
_JUST_VERSIONED = re.compile(rf"(?i)(?:{_VERSION_SAID})\w*[\s.:#=\"']*(?:is|to|от|на|до|е)?\s*$")
_LOOKED_BACK = 90  # characters
_PRIVATE = ipaddress.ip_network("172.16.0.0/12")
# Public resolvers stand in instructions everywhere; the other ranges say what is wrong with a network, not whose it is.
_SAID_BY_EVERYONE = {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9"}
_OF_NOBODY = ("0.", "127.", "169.254.", "255.")
_LARGE, _LARGE_FIRST = 100, 20


def find_ips(reading: Reading) -> Iterator[Find]:
    text = reading.text
    for match in _IPV4.finditer(text):
        if _is_ipv4(match.group(), text[max(0, match.start() - _LOOKED_BACK) : match.start()]):
            yield group(match, Kind.IP)
    if ":" in text:
        for match in _IPV6.finditer(text):
            if _is_ipv6(match.group()):
                yield group(match, Kind.IP)


def _is_ipv4(found: str, before: str) -> bool:
    """Four numbers may be a version as well: what was spoken of last decides, else how large the numbers are."""
    try:
        address = ipaddress.IPv4Address(found)
    except ValueError:
        return False
    if found in _SAID_BY_EVERYONE or found.startswith(_OF_NOBODY) or _JUST_VERSIONED.search(before):
        return False
    octets = address.packed
    if octets[0] == 10 or octets[:2] == b"\xc0\xa8" or address in _PRIVATE:
        return True
    said = list(_VERSIONED_OR_ADDRESSED.finditer(before))
    if said:
        return said[-1]["version"] is None
    return max(octets) >= _LARGE or octets[0] >= _LARGE_FIRST


def _is_ipv6(found: str) -> bool:
    if not any(c.isdigit() for c in found):
        return False
    try:
        address = ipaddress.IPv6Address(found)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
