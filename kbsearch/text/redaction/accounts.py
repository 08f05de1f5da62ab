"""User names: in paths of home folders, behind a domain, behind the words for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.dictionaries import is_known
from kbsearch.text.redaction.finds import Find, Kind, Reading, Said, group, words_of
from kbsearch.text.redaction.first_names import FIRST_NAMES
from kbsearch.text.redaction.values import is_no_secret, is_product, is_stated_secret, is_strong
from kbsearch.text.redaction.vocabulary import USER_FIELDS, USER_FIELDS_ABROAD, USERS, USERS_ABROAD

_SIGN = r"(?:[\"'*_`]{0,3}(?:&nbsp;|[ \t])*(?::|=|\|)[*_]{0,2}(?:&nbsp;|[ \t])*)"
_HOME = re.compile(
    r"(?i)(?:\b[a-z]:\\+(?:users|documents and settings)\\+|(?<![\w.])/(?:home|users)/)(?P<user>[^\W_][\w.-]*[\w]|\w)"
)
_DOMAIN = re.compile(
    r"(?<![\w\\/.:$%=-])(?P<domain>[A-Za-z][A-Za-z0-9-]{1,15})\\(?P<user>[A-Za-z][\w.-]*[\w$])(?![\w\\/]|\.\w)"
)
_PATH_BEFORE = re.compile(r"[\\%](?:(?!\s[-/]\w)[^\n,;\"'`()])*$")
_USER_SWITCH = re.compile(r"(?i)/u(?:ser)?:(?:[\w.-]+\\)?(?P<user>[a-z][\w.-]*\w)")


def _named(fields: str, users: str, copulas: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?i)(?<![^\W_])(?:(?P<exact>{fields})"
        rf"(?:{_SIGN}|(?P<said>[ \t]{{1,20}}(?:{copulas})[ \t]{{0,20}}:?[ \t]{{0,20}})|(?P<near>[ \t]{{1,20}}))"
        rf"|(?:{users})(?:(?P<sign>{_SIGN})|[ \t]{{1,20}}(?=[\w-]*[\d._]\w|[\w-]*\d)))"
        r"[\"'„“*`]{0,2}(?P<user>[A-Za-z][\w.-]*[\w])(?![\w@\\/-]|\.[\w.]|://|[ \t]/(?!p(?:ass|w))[a-z?])"
    )


_NAMED = _named(USER_FIELDS, USERS, "is|е")
_NAMED_ABROAD = _named(USER_FIELDS_ABROAD, USERS_ABROAD, "ist|lautet|est|è|es|é|este|je|είναι|to|is|это|jest")
_ENDS_FIELD = re.compile(r"[\"'*`”]{0,3}[ \t]{0,20}(?:$|[\r\n,;|<)])")
# As Windows' event log and programs that read it write them: whatever stands there is a user.
_FIELD = re.compile(
    r"(?i)(?:(?<![\w-])(?:account name|logon account|kontoname|nom du compte|nome account|nombre de cuenta|"
    r"nome da conta|"
    r"accountnaam|nazwa konta|имя учетной записи|име на акаунта?|(?:target|subject|caller|client|source) user ?name)"
    r"[ \t]{0,20}:[ \t]{0,20}"
    r"|(?<![a-z])(?:target|subject|caller|client|source|sam|owner|logged|logon|user)?_?(?:user|account)_?name[\"']?"
    r"(?:[ \t]{0,20}[:=][ \t]{0,20}[\"']?|[ \t]{0,3}>)"
    r"|<(?:user|username|login|user_?name|userid|owner)>[ \t]{0,8})"
    r"(?P<user>[A-Za-zА-я][\w.@-]{1,63}\$?)[ \t]{0,20}(?=[\"'<\r\n,;}]|$)"
)
_SID = re.compile(r"\bS-1-5-21(?:-\d{3,10}){3}-\d{3,10}\b")
_COMMAND = re.compile(
    r"(?i)(?:(?<![\w-])-(?:samaccountname|username|loginname)[ \t]{1,4}[\"']?"
    r"|\b[a-z]+-(?:ad(?:user|account\w*|principal\w*)|msoluser|azureaduser|localuser|mguser)[ \t]{1,4}"
    r"(?:-(?:identity|name|samaccountname)[ \t]{1,4})?(?!-)[\"']?"
    r"|\b(?:ssh|scp|sftp|rsync)[ \t][^\n|;@]{0,40}?(?=[\w.-]{2,32}@))(?P<user>[A-Za-z][\w.-]{1,63})(?![\w-])"
)
_PAIR = re.compile(
    r"(?i)(?<!\w)(?:credentials?|creds?|log-?in|access|user(?:name)?|(?:user(?:name)?|login|потребител)[ \t]?/[ \t]?"
    r"(?:password|pass|pwd|парола)|достъп(?: до [\w-]+)?|потребител|логин|данни за (?:вход|достъп)|zugangsdaten|"
    r"anmeldedaten|identifiants?|credenziali|inloggegevens|credenciales|credenciais|учетные данные|доступ|"
    r"date de acces)(?:[ \t](?:for|of|за|für|pour|per|voor|para|для)[ \t][\w-]{1,20}(?:[ \t][\w-]{1,20})?)?"
    r"[ \t]{0,4}[:=][ \t]{0,4}"
    r"(?P<user>[\w.-]{3,64})(?:[ \t]{0,4}[/:|][ \t]{0,4}|[ \t](?:and|и|und|et|e|y|en)[ \t])(?P<secret>[^\s/;,]{4,128})"
)
# "u: X p: Y", and "X / Y" in a sentence about a login.
_SHORT_PAIR = re.compile(
    r"(?i)(?<![\w.])u(?:ser)?[ \t]?[:=][ \t]?(?P<user>[\w.-]{2,64})[ \t,;/|]{1,4}p(?:w|ass|wd)?[ \t]?[:=][ \t]?"
    r"(?P<secret>[^\s;,\"']{4,128})"
)
_SLASHED_PAIR = re.compile(
    r"(?<![\w./:\\@-])(?P<user>[A-Za-z][\w.-]{1,63})[ ]?/[ ]?(?P<secret>[^\s/|:;,\"'<>]{6,64})(?=[\s,;)]|$)"
)
_LOGINS_SAID = re.compile(r"(?i)log-?ins?\b|credentials|sign-?in|достъп|вход|логин|zugang|anmeld|accès|acceso|accesso")
_BEFORE_PASSWORD = re.compile(
    r"(?i)(?<!\w)(?:(?P<home>user(?:name)?|login|потребител|юзър|логин)|benutzer(?:name)?|utilisateur|identifiant|utente|gebruiker(?:snaam)?"
    r"|usuario|usuário|utilizador|utilizator|пользователь|користувач|корисник|korisnik|użytkownik|uživatel|kullanıcı)"
    r"(?P<sign>[ \t]{0,2}:)?\s{1,4}[\"'„“]?(?P<user>[\w.-]{3,64})[\"'”“]?(?P<comma>[,;])?\s{1,4}(?:(?:и"
    r"|and|und|et|e|en|y|mit|with|с)\s{1,4})?"
    r"(?=pass|pwd|парола|passwor|kennwort|mot de|contrase|wachtwoord|пароль|parola|senha|clave|лозинк|lozink|has[lł]o"
    r"|heslo|şifre)"
)
_SAM = re.compile(r"(?i)\bnet user (?P<user>[a-z][\w.-]+)|\bchown (?:-R )?(?P<owner>[a-z][\w.-]+)(?=:|\s+[/~.])")
# A client of a database or a share: what stands behind its switch is a user.
_CLIENT = re.compile(
    r"(?i)(?<![\w-])(?:mysql(?:dump|admin)?|mariadb|psql|pg_dump|smbclient|rpcclient|sqlcmd|isql|mongosh?|ldapsearch|mount\.cifs)"
    r"[ \t][^\n|;]{0,80}?[ \t](?:-[uU][ \t]?|--user(?:name)?[= ]|-o[ \t]?user(?:name)?=)(?P<user>[A-Za-z][\w.-]*\w)"
)
_CLIENTS_SAID = Said("mysql mariadb psql pg_dump smbclient rpcclient sqlcmd isql mongo ldapsearch mount.cifs")
_HOMES_SAID = Said("users /home/ settings\\")
_SWITCHES_SAID = Said("/u")
_COMMANDS_SAID = Said("chown user")
_ACCOUNT_COMMANDS_SAID = Said(
    "-samaccountname -username -loginname -aduser -adaccount -adprincipal -msol -azuread -localuser ssh scp· sftp rsync"
)
_PASSWORDS_SAID = Said(
    "pass pwd парол kennwort mot·de contrase wachtwoord parola senha clave лозинк lozink hasło haslo heslo şifre"
)
_USERS_SAID = Said(
    "user uid login logon account sam потребител акаунт логин юзър достъп credentials creds access вход потр. in·as "
    "on·as като"
)
_USERS_ABROAD = words_of(
    """konto kontoname benutzer benutzername benutzerkennung benutzerkonto kennung anmeldename nutzername
    anwendername loginname compte utilisateur identifiant utente nome gebruiker gebruikersnaam accountnaam
    inlognaam usuario usuário utilizador cuenta conta имя учетка учётка пользователь пользователя користувач
    користувача utilizator nume numele korisnik korisničko korisnicko корисник корисничко χρήστης χρήστη kullanıcı
    kullanici hesap użytkownik nazwa uživatel uživatelské název felhasználónév"""
)
_SHORT_USERS = words_of("u user")
_PAIRS = words_of(
    """credentials credential creds cred login log access user username потребител достъп данни логин zugangsdaten
    anmeldedaten identifiant identifiants credenziali inloggegevens credenciales credenciais учетные доступ date"""
)
_FIELDS_SAID = Said(
    "account·name account_name accountname username user·name user_name logon·account kontoname nom·du·compte "
    "nome·account "
    "nombre·de·cuenta nome·da·conta accountnaam nazwa·konta имя·учетной име·на·акаунт <user <login <owner"
)
_A_DOMAIN = re.compile(r"\.[a-z]{2,3}$")
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
    r"wwwroot|registry\W.*|.*\.example|public|default(?:[-_. ]user)?|all|all users|admin(?:istrator)?s?|root|sa|"
    r"system|guests?|shared|names?|"
    r"name|username|none|null|local|"
    r"anonymous|local|network|service|dwm-\d+|umfd-\d+|krbtgt|iusr|nobody|app|test|"
    r"администратор\w*|служеб\w+|няма|xxx+|desktop|documents|downloads|on|at|in|to|for|can|with|from|and|is|has|was"
)


# What is told to be run at a user's computer stands where the user's name might: "on the user's side: gpupdate".
_PROGRAMS = words_of(
    """arp bcdedit certutil chkdsk cleanmgr cmd curl dcdiag devmgmt dism diskpart diskmgmt dsregcmd eventvwr explorer
    fsutil gpedit gpresult gpupdate iisreset ipconfig klist mstsc msconfig msiexec netdom netsh netstat nltest nslookup
    outlook ping pnputil powercfg powershell pwsh quser regedit regsvr32 repadmin robocopy rundll32 schtasks services
    setspn sfc slmgr systeminfo taskkill tasklist taskmgr teams tracert traceroute vssadmin w32tm wevtutil whoami
    winget winver wmic wsreset wuauclt"""
)


def find_users(reading: Reading) -> Iterator[Find]:
    text = reading.text
    yield from _in_paths_and_commands(reading)
    if _USERS_SAID(reading):
        for match in _NAMED.finditer(text):
            if _is_named(match):
                yield from _unless_placeholder(match, "user")
    if not _USERS_ABROAD.isdisjoint(reading.words):
        for match in _NAMED_ABROAD.finditer(text):
            if _is_named_abroad(match):
                yield from _unless_placeholder(match, "user")
    yield from _pairs(reading)
    if _FIELDS_SAID(reading):
        for match in _FIELD.finditer(text):
            if not _is_word(match["user"]) or match["user"].lower() in FIRST_NAMES or _is_event(match):
                yield from _unless_placeholder(match, "user")


def _in_paths_and_commands(reading: Reading) -> Iterator[Find]:
    text = reading.text
    for said, pattern in ((_HOMES_SAID, _HOME), (_SWITCHES_SAID, _USER_SWITCH)):
        if said(reading):
            for match in pattern.finditer(text):
                yield from _unless_placeholder(match, "user")
    for said, pattern in (
        (_COMMANDS_SAID, _SAM),
        (_ACCOUNT_COMMANDS_SAID, _COMMAND),
        (_CLIENTS_SAID, _CLIENT),
    ):
        if said(reading):
            for match in pattern.finditer(text):
                yield from _unless_word(match, match.lastgroup or "user")
    yield from _in_domains(text)


def _in_domains(text: str) -> Iterator[Find]:
    for match in _SID.finditer(text) if "S-1-5-21-" in text else ():
        yield group(match, Kind.USER)
    for match in _DOMAIN.finditer(text) if "\\" in text else ():
        if _is_account(text, match):
            yield from _unless_placeholder(match, "user")


def _unless_word(match: re.Match[str], name: str) -> Iterator[Find]:
    found = match[name].lower()
    if found in FIRST_NAMES or not _is_word(found):
        yield from _unless_placeholder(match, name)


def _pairs(reading: Reading) -> Iterator[Find]:
    """User and password in one breath."""
    if _PASSWORDS_SAID(reading):
        for match in _BEFORE_PASSWORD.finditer(reading.text):
            if not match["user"].isalpha() or (
                (match["home"] or match["comma"] or match["sign"]) and not _is_word(match["user"].lower())
            ):
                yield from _unless_placeholder(match, "user")
    if "/" in reading.text and _LOGINS_SAID.search(reading.text):
        yield from _slashed_pairs(reading.text)
    if ":" in reading.text or "=" in reading.text:
        yield from _stated_pairs(reading)


def _stated_pairs(reading: Reading) -> Iterator[Find]:
    if not _SHORT_USERS.isdisjoint(reading.words):
        for match in _SHORT_PAIR.finditer(reading.text):
            if is_stated_secret(match["secret"]) and not is_no_secret(match["secret"]):
                yield from _unless_placeholder(match, "user")
                yield group(match, Kind.SECRET, "secret")
    if not _PAIRS.isdisjoint(reading.words):
        for match in _PAIR.finditer(reading.text):
            if is_stated_secret(match["secret"]) and not match["secret"].isalpha():
                yield group(match, Kind.USER, "user")
                yield group(match, Kind.SECRET, "secret")


def _slashed_pairs(text: str) -> Iterator[Find]:
    for match in _SLASHED_PAIR.finditer(text):
        near = text[max(0, match.start() - 60) : match.end() + 60]
        if is_strong(match["secret"]) and _LOGINS_SAID.search(near):
            yield from _unless_placeholder(match, "user")
            yield group(match, Kind.SECRET, "secret")


def _is_named(match: re.Match[str]) -> bool:
    found = match["user"]
    if (match["said"] or match["account"]) and found.isalpha():
        return False  # prose is as likely
    return _is_made_up(found, named=bool(match["exact"] and not match["near"]))


def _is_named_abroad(match: re.Match[str]) -> bool:
    """There is no dictionary of these languages: a word may be one of the sentence unless the line ends behind it."""
    found = match["user"]
    stated = (match["exact"] and not match["near"] and not match["said"]) or match["sign"]
    if found.isalpha():
        return bool(stated and _ENDS_FIELD.match(match.string, match.end("user")) and not _is_word(found.lower()))
    return _is_named(match) and bool(stated or any(c.isdigit() for c in found) or (match["exact"] and "." in found))


def _is_account(text: str, match: re.Match[str]) -> bool:
    r"""Whether DOMAIN\\user is meant, not the middle of a path or a registry key."""
    if _NOT_DOMAINS.fullmatch(match["domain"]) or _PATH_BEFORE.search(text, max(0, match.start() - 100), match.start()):
        return False
    return match["domain"].isupper() or not _is_word(match["user"])


def _unless_placeholder(match: re.Match[str], name: str) -> Iterator[Find]:
    found = match[name]
    if len(found) > 1 and not _NOT_USERS.fullmatch(found) and found.lower() not in _PROGRAMS:
        yield group(match, Kind.USER, name)


def _is_event(match: re.Match[str]) -> bool:
    return "account name" in match.group().lower() and match["user"].isalpha() and match["user"].islower()


def _is_made_up(found: str, named: bool) -> bool:
    """Whether it can hardly be a word of the sentence. Behind "user name" a first name is one, too."""
    if named and found.lower() in FIRST_NAMES:
        return True
    if not named and (_A_DOMAIN.search(found) or (found.isupper() and sum(c.isdigit() for c in found) < 2)):
        return False
    stem = found.rstrip("0123456789")
    if not named and len(found) - len(stem) in (1, 2) and (is_product(found) or is_known(stem)):
        return stem.lower() in FIRST_NAMES  # "user profile2", but "user maria2"
    return not _is_word(found) and (named or found.islower() or any(c.isdigit() or c in "._" for c in found))


def _is_word(found: str) -> bool:
    return found.isalpha() and (is_known(found) or len(found) < 4)
