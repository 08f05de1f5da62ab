"""What has the form of a password, and what looks like one but is not."""

from __future__ import annotations

import re

from kbsearch.text.dictionaries import is_known
from kbsearch.text.redaction.finds import words_of

_NO_SECRET = re.compile(
    r"(?ix)[%$]\w*[a-z_]\w*%? | [%$]?[{\[(<].* | https?:.* | 0x[0-9a-f]+ | kb\d{6,} | \d{1,4}(?:\.\d+){2,}\S* |"
    r" [*•xх.?_#●-]+ | n/?a"
    r" | \d{1,2}[./-]\d{1,2}[./-]\d{2,4}\S* | \d{4}-\d\d-\d\d\S* | \d\d?:\d\d(?::\d\d)? | \d+% |"
    r" (?-i:[A-Z]{2,8}-\d+) | [\w.]+(?:\\[\w.]+)+\\? | [\w.+-]+@[\w.-]+\.\w+ |"
    r" [^\W\d]+(?:(?:->|[/>&])[^\W\d]+)+ | \w+= | \S*\(\)? | .*(?:\]\(|://).* | (?:your|the|my|new|"
    r"old)?[*_-]?(?:pass(?:word)?|pwd|"
    r"secret|token|key|парола)[*_-]? | &\w+; | (?:[a-z]:)?[\\/](?:[\w.-]+[\\/])+[\w.-]* | [\w-]+(?:\.[\w-]+)+[\[(].* |"
    r" bearer | basic | digest | ntlm | kerberos"
)
_SPECIAL = re.compile(r"[^\w\s'’./(),:-]|(?<=\w)_")
_STRONG_SPECIAL = frozenset("!@#$%^*?+~")
_PRODUCT = re.compile(
    r"(?i)(?:office|outlook|windows?|win|exchange|sharepoint|server|teams|microsoft|m|o|sql|word|excel|visio|project|"
    r"acrobat|dynamics|bitwarden|1password|keepass(?:xc)?|lastpass|oauth|tls|sha|aes|md|base|utf|ipv|ios|ipados|"
    r"android|"
    r"iphone|ipad|macos|ubuntu|debian|rhel|centos|thunderbird|firefox|chrome|edge|java|python|php|node|pop|imap|smtp|"
    r"ntlmv?|smbv?|vs|ie|msoffice|access|powerpoint|onenote|vista|xp|saml|usb|wpa|wi-?fi|mp|mp4|h|x|e|w|d|r|s|f|p|"
    r"galaxy|pixel|surface|latitude|elitebook|probook|thinkpad|optiplex|level|step|page|line|port|vlan|room|"
    r"version|v|ver|user|test|day|week|part|phase|tier|layer|type|mode|case|nr|no|id)[-_.]?\d+\w{0,3}(?:[.-]\d+)*"
)
_CODE = re.compile(
    r"(?-i:[A-Z]{2,10}[-_]?\d{3,}(?:-\d+)*)|\d+(?:st|nd|rd|th|x|ms|s|kb|mb|gb|tb|h|min|px|v|w|bit|g|hz|mhz|ghz)?"
    r"(?:[-–/]\w+)?|(?-i:[A-Z]\d{1,3})|(?-i:[A-Z0-9]+(?:_[A-Z0-9]+)+)|[0-9a-f]{8}-[0-9a-f]{4}-\S+|"
    r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}",
    re.IGNORECASE,
)
_STATES = words_of(
    """must be is are was required expired expires invalid incorrect least characters changed cannot can't not enter
    your the a an forgot forgotten reset wrong missing empty blank none unknown same never unchanged should may
    will accepted rejected failed denied please has have with without only if when after before default temporary
    new old again mismatch mismatched yes no ok hidden stored saved protected sent given set known correct needed
    optional disabled enabled locked lost lockout reset resets change policy length minimum maximum prompt prompts
    manager managers field изтекла изтече грешна сменена забравена непозната липсва няма задължителна трябва
    въведете невалидна abgelaufen falsch ungültig vergessen geändert erforderlich leer unbekannt gesperrt bitte
    pflichtfeld zurückgesetzt expiré oublié incorrect requis obligatoire vide inconnu changé scaduta errata
    dimenticata richiesta obbligatoria verlopen onjuist vergeten vereist gewijzigd leeg caducada incorrecta
    olvidada requerida obligatorio vacía expirada истёк истек неверный забыт изменён неправильный требуется
    обязательно expirat greșit uitată incorectă obligatoriu wygasło nieprawidłowe wymagane süresi yanlış gerekli
    vypršelo nesprávné povinné"""
)
_STATE_ENDINGS = ("ed", "ing", "able", "ен", "ена", "ено", "ени", "на", "та")


def is_no_secret(value: str) -> bool:
    """Placeholders, error codes, dates, versions, paths, addresses, e-mail: never a password."""
    return _NO_SECRET.fullmatch(value) is not None


def is_stated_secret(value: str) -> bool:
    """Behind a colon: anything but a word or two that tell how things stand ("password: expired")."""
    if any(c.isdigit() for c in value) or _SPECIAL.search(value) or value.count("-") > 1:
        return True
    return (value.isalpha() and len(value) >= 5 and not is_word(value) and not value[1:].islower()) or _is_odd(value)


def is_lone_secret(value: str) -> bool:
    """Behind a colon, with nothing after it: a word, too, unless it tells a state."""
    lowered = value.casefold()
    return is_stated_secret(value) or (
        value.isalpha() and len(value) >= 5 and lowered not in _STATES and not lowered.endswith(_STATE_ENDINGS)
    )


def is_told(value: str) -> bool:
    """Behind "is": plain prose may follow."""
    if value.isdigit():
        return len(value) >= 6
    if _PRODUCT.fullmatch(value) or _CODE.fullmatch(value):
        return False
    if not any(c.isdigit() for c in value):
        return any(c in _STRONG_SPECIAL for c in value)
    return bool(_SPECIAL.search(value)) or (any(c.isalpha() for c in value) and not value[0].isdigit())


def is_given(value: str) -> bool:
    """Behind "to": something else may have been meant, a product most of all."""
    return len(value) >= 6 and any(c.isdigit() for c in value) and not value.isdigit() and is_told(value)


def is_strong(value: str) -> bool:
    """Anywhere near the word: only what has the form of a password."""
    return (
        len(value) >= 6
        and any(c.isdigit() for c in value)
        and any(c.isalpha() for c in value)
        and any(c in _STRONG_SPECIAL or c == "&" for c in value[1:])
        and not _CODE.fullmatch(value)
    )


def is_marked(value: str) -> bool:
    """Right behind the word: letters with a sign among them that words do not have, like ``Ftp!cisco``."""
    return len(value) >= 6 and any(c in _STRONG_SPECIAL for c in value[1:-1]) and not _CODE.fullmatch(value)


def is_phrase(quoted: str) -> bool:
    """Several words in quotes: a pass phrase unless they tell a state or a rule."""
    words = quoted.split()
    return 2 <= len(words) <= 8 and not any(word.casefold().strip(".,!:") in _STATES for word in words)


def is_product(value: str) -> bool:
    """A product with its version in one word, Office365, or the number of a step, a page or a port."""
    return _PRODUCT.fullmatch(value) is not None


def is_word(value: str) -> bool:
    return is_known(value)


def _is_odd(value: str) -> bool:
    """Letters that make no word, like ``qwertyui``."""
    return value.isascii() and value.isalpha() and len(value) >= 6 and value.islower() and _is_unpronounceable(value)


_UNPRONOUNCEABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|q[^u]|asdf|qwer|zxcv|^[^aeiouy]+$")


def _is_unpronounceable(value: str) -> bool:
    return _UNPRONOUNCEABLE.search(value) is not None and not is_word(value)
