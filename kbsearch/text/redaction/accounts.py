"""User names: in paths of home folders, behind a domain, behind the words for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.dictionaries import is_known
from kbsearch.text.redaction.finds import Find, Kind, Said, group
from kbsearch.text.redaction.first_names import FIRST_NAMES
from kbsearch.text.redaction.secrets import is_stated_secret

_HOME = re.compile(
    r"(?i)(?:\b[a-z]:\\+(?:users|documents and settings)\\+|(?<![\w.])/(?:home|users)/)(?P<user>[^\W_][\w.-]*[\w]|\w)"
)
_DOMAIN = re.compile(
    r"(?<![\w\\/.:$%=-])(?P<domain>[A-Za-z][A-Za-z0-9-]{1,15})\\(?P<user>[A-Za-z][\w.-]*[\w$])(?![\w\\/]|\.\w)"
)
_PATH_BEFORE = re.compile(r"[\\%][^\n,;\"'`()]*$")
_USER_SWITCH = re.compile(r"(?i)/u(?:ser)?:(?:[\w.-]+\\)?(?P<user>[a-z][\w.-]*\w)")
_NAMED = re.compile(
    r"(?i)(?<!\w)(?:"
    r"(?P<exact>user ?names?|user ?ids?|uid|logon name|login name|sam ?account ?name|потребителско(?:то)?(?: (?:му|ѝ|"
    r"й|ми))? име)"
    r"(?:[ \t]*(?::|=)[ \t]*|(?P<said>[ \t]+(?:is|е)[ \t]*:?[ \t]*)|(?P<near>[ \t]+))"
    r"|(?:user|login|logon|(?P<account>account|акаунт(?:ът|а)?)|потребител(?:ят|я)?|логин(?:ът|а)?|юзър(?:ът|а)?)"
    r"(?:[ \t]*(?::|=)[ \t]*|[ \t]+(?=[\w-]*[\d._]\w)))"
    r"[\"'„“]?(?P<user>[A-Za-z][\w.-]*[\w])(?![\w@\\/-]|\.[\w.]|://)"
)
_PAIR = re.compile(
    r"(?i)(?<!\w)(?:credentials|creds|login|access|user(?:name)?|достъп(?: до [\w-]+)?|потребител|"
    r"данни за вход)\s*[:=]\s*"
    r"(?P<user>[\w.-]{3,})\s*/\s*(?P<secret>[^\s/;,]{4,})"
    r"|(?<!\w)(?:user(?:name)?|login|потребител|юзър|логин)\s+(?P<name>[\w.-]{3,}),?\s+(?:и |and )?(?=pass|pwd|парола)"
)
_SAM = re.compile(r"(?i)\bnet user (?P<user>[a-z][\w.-]+)|\bchown (?:-R )?(?P<owner>[a-z][\w.-]+)(?=:|\s+[/~.])")
_HOMES_SAID = Said("users /home/ settings\\")
_SWITCHES_SAID = Said("/u")
_COMMANDS_SAID = Said("chown user")
_USERS_SAID = Said("user uid login logon account sam потребител акаунт логин юзър достъп credentials creds access вход")
_NOT_DOMAINS = re.compile(
    r"(?i)authority|service|builtin|apppool|hk(?:lm|cu|cr|u|ey.*)|software|system\d*|windows|users?|domain|program.*|"
    r"microsoft|"
    r"office|classes|policies|currentversion|appdata|roaming|local|workgroup|documents|desktop|drivers|bin|server|"
    r"your.*|my.*|company.*|computer.*|and|or|either|[a-z]"
)
_NOT_USERS = re.compile(
    r"(?i)(?:your|my|the|current|new|old|first|some)?[-_. ]?(?:domain)?(?:user|login|logon|account|alias|"
    r"profile)[-_. ]?(?:names?|id|alias|account|profile)?\d?|"
    r"pop3|imap\d?|users?|server|.*\.\..*|.*\.(?:msf|exe|dll|pst|ost|json|xml|js|com|net|org)|administrator\..*|"
    r"wwwroot|public|default(?:[-_. ]user)?|all|all users|admin(?:istrator)?s?|root|sa|system|guests?|shared|names?|"
    r"name|username|none|null|local|"
    r"администратор\w*|служеб\w+|няма|xxx+|desktop|documents|downloads|on|at|in|to|for|can|with|from|and|is|has|was"
)


def find_users(text: str) -> Iterator[Find]:
    lowered = text.lower()
    yield from _in_paths_and_commands(text, lowered)
    if _USERS_SAID(lowered):
        for match in _NAMED.finditer(text):
            if _is_named(match):
                yield from _unless_placeholder(match, "user")
        yield from _pairs(text)


def _in_paths_and_commands(text: str, lowered: str) -> Iterator[Find]:
    for said, pattern in ((_HOMES_SAID, _HOME), (_SWITCHES_SAID, _USER_SWITCH), (_COMMANDS_SAID, _SAM)):
        if said(lowered):
            for match in pattern.finditer(text):
                yield from _unless_placeholder(match, match.lastgroup or "user")
    if "\\" in text:
        for match in _DOMAIN.finditer(text):
            if _is_account(text, match):
                yield from _unless_placeholder(match, "user")


def _pairs(text: str) -> Iterator[Find]:
    """User and password in one breath."""
    for match in _PAIR.finditer(text):
        if match["name"]:
            yield from _unless_placeholder(match, "name")
        elif is_stated_secret(match["secret"]) and not match["secret"].isalpha():
            yield group(match, Kind.USER, "user")
            yield group(match, Kind.SECRET, "secret")


def _is_named(match: re.Match[str]) -> bool:
    found = match["user"]
    if (match["said"] or match["account"]) and found.isalpha():
        return False  # prose is as likely
    return _is_made_up(found, named=bool(match["exact"] and not match["near"]))


def _is_account(text: str, match: re.Match[str]) -> bool:
    r"""Whether DOMAIN\\user is meant, not the middle of a path or a registry key."""
    if _NOT_DOMAINS.fullmatch(match["domain"]) or _PATH_BEFORE.search(text, max(0, match.start() - 100), match.start()):
        return False
    return match["domain"].isupper() or not _is_word(match["user"])


def _unless_placeholder(match: re.Match[str], name: str) -> Iterator[Find]:
    found = match[name]
    if len(found) > 1 and not _NOT_USERS.fullmatch(found):
        yield group(match, Kind.USER, name)


def _is_made_up(found: str, named: bool) -> bool:
    """Whether it can hardly be a word of the sentence. Behind "user name" a first name is one, too."""
    if named and found.lower() in FIRST_NAMES:
        return True
    return not _is_word(found) and (named or found.islower() or any(c.isdigit() or c in "._" for c in found))


def _is_word(found: str) -> bool:
    return found.isalpha() and (is_known(found) or len(found) < 4)
