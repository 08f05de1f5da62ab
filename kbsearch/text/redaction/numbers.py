"""Numbers that belong to a person: IBAN, payment card, ЕГН, telephone. Recognised by checksum and numbering plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import phonenumbers
from stdnum import iban, luhn
from stdnum.bg import egn, pnf

from kbsearch.text.redaction.finds import NUMBERED, Find, Kind, Reading, Said, group, words_of

_HOME_REGION = "BG"
_OTHER_REGIONS = ("GB", "US")  # national numbers of these are taken if they are grouped as people write them

_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{2,4}){3,9}(?![^\W_])")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
# Issuers' ranges (ISO/IEC 7812) with the lengths they give out; so device numbers (IMEI, 15 digits) are no cards.
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|(?:6011|64[4-9]\d|65\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|(?:50|5[6-9]|6[0-9])\d{14}"
)
_TEN_DIGITS = re.compile(r"(?:(?<=PNOBG-)|(?<![\w.+-]))\d{10}(?![\w-])")
_PERSON_SAID = r"егн|лнч|egn|pnobg-|lnch|personal (?:number|no\.?|id)|личен номер"
_NAMED_PERSON = re.compile(rf"(?i)(?:{_PERSON_SAID})\W{{0,3}}$")
# Behind the word however it is spaced, and though a digit is mistyped.
_PERSON = re.compile(
    rf"(?i)(?<![^\W\d])(?:{_PERSON_SAID})(?:-?то)?(?: (?:му|ѝ|й|ми|на \w{{2,20}}(?: \w{{2,20}})?|is|"
    rf"of \w{{2,20}}))?(?: е| is)?"
    r"[\s:=№#*|.()\"'-]{0,6}(?P<digits>\d(?:[ .-]?\d){9})(?![\w-]|[.,]\d)"
)
_PERSONS_SAID = Said("егн лнч egn lnch personal личен")
_DOCUMENT = re.compile(
    r"(?i)(?<![^\W_])(?:лична(?:та)? карта|личната(?: ми| му| ѝ)? карта|л\.? ?к\.?(?= ?(?:№|n|no|с|номер|\d))|"
    r"лк(?= ?(?:№|номер|\d))|"
    r"документ за самоличност|паспорт\w{0,3}|задграничен паспорт|шофьорска(?:та)? книжка|свидетелство за управление|"
    r"сумпс|"
    r"(?:identity|id|national id) (?:card|document)|passport|driv(?:ing|er'?s) licen[cs]e|residence permit|"
    r"personalausweis\w{0,6}|ausweis(?:nummer)?|reisepass\w{0,6}|führerschein\w{0,6}|"
    r"carte (?:nationale )?d['’]identité|passeport|permis de conduire|carta d['’]identità|passaporto|patente|"
    r"paspoort\w{0,6}|identiteitskaart|rijbewijs\w{0,6}|dni|nie|pasaporte|documento de identidad|cartão de cidadão|"
    r"bilhete de identidade|passaporte|водительск\w+ удостоверени\w+|посвідчення|"
    r"carte de identitate|buletin|pașaport|pasaport|ci seria|lična karta|pasoš|лична карта|пасош|ταυτότητα|"
    r"διαβατήριο|kimlik(?: no)?|pasaport|"
    r"dowód osobisty|dowodu osobistego|paszport\w?|občansk\w+ průkaz\w?|cestovní pas)"
    r"(?: (?:му|ѝ|й|ми|ви|на \w{2,20}|of \w{2,20}|серия|seria|series))?"
    r"[\s:=#№*|.,(\"'-]{0,4}(?:(?:n(?:o|r|º|°|um(?:ber|mer|éro|ero)?)|номер|серия|seria|is|е|ist|est|è|"
    r"es)[\s:=#№.°*|]{1,4}){0,3}"
    r"(?P<value>(?-i:[A-ZА-Я]{0,3}) ?\d{2}(?: ?\d){3,8}(?-i:[A-Z]{0,2}\d?)|(?-i:[A-Z]{1,2}\d{2}[A-Z]{2}\d{3,5}|"
    r"(?=(?:[A-Z]*\d){3})[A-Z][A-Z0-9]{8}|[A-Z]\d{2,7}[A-Z]{1,2}\d{0,2}))(?![\w-]|\.\d)"
)
_DOCUMENTS = words_of(
    """карта картата лк к паспорт паспорта паспортът паспорте книжка книжката управление самоличност сумпс card
    document passport licence license permit personalausweis personalausweisnummer ausweis ausweisnummer reisepass
    reisepassnummer führerschein führerscheinnummer identité passeport permis identità passaporto patente paspoort
    paspoortnummer identiteitskaart rijbewijs rijbewijsnummer dni nie pasaporte identidad cidadão identidade
    passaporte удостоверение удостоверения посвідчення identitate buletin pașaport pasaport seria karta pasoš
    пасош ταυτότητα διαβατήριο kimlik dowód dowodu paszport paszportu průkaz průkazu pas"""
)
_CHECK_CODE = re.compile(
    r"(?i)(?<![^\W_])(?:cvv2?|cvc2?|cvn|card (?:security|verification|check) (?:code|number|value)|"
    r"(?:card )?security code|"
    r"check code|kartenprüfnummer|prüfziffer|cryptogramme(?: visuel)?|codice di sicurezza|código de seguridad|"
    r"beveiligingscode|"
    r"(?:контролен|проверочен|защитен) код|трицифрен(?:ият|ия)? код|код за сигурност|код на гърба)"
    r"(?: ?(?:code|код(?:ът)?|number|на картата|of the card|on the back|is|е|ist|est|è|es)){0,3}[\s:=#№*|.(\"'-]{0,4}"
    r"(?P<value>\d{3,4})(?![\w-]|[.,:/]\d)"
)
_CHECK_CODES_SAID = Said(
    "cvv cvc cvn security·code check·code card·verif card·check card·sec контролен·код проверочен защитен·код трицифр "
    "код·за·сиг код·на·гърба prüf cryptogramme codice·di·si código·de·se beveiligingsc"
)
_DATED_ID = re.compile(r"2\d(?:0[1-9]|1[0-2])")  # 26 11 23 ... is a ticket of that day, not a person of a hundred years

_SEVEN_DIGITS = re.compile(r"\d(?:[ ./()-]{0,3}\d){6}")
_DATE = re.compile(
    r"(?<![\d./-])(?:[0-3]?\d([./-])[01]?\d\1(?:19|20)?\d\d|(?:19|20)\d\d([./-])[01]?\d\2[0-3]?\d)(?![\d/-]|\.\d)"
    r"|(?<!\d)[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?!\d)"
)
_DIALLED = re.compile(r"(?<![\w.,:#/\\+-])(?<!\d )(?:\+ ?|\(\+?)?\d(?:[ ./()-]{0,3}\d){6,19}(?![\w\\]|[-:.,]\d)")
_WHOLE_NUMBER = 9  # digits with the area code: so many must there be behind other numbers
_GROUP = re.compile(r"[+(]*\d+\)?")
_CALLED = re.compile(
    r"(?i)(?:\btel|phone|mobile|\bcell|\bgsm|\bfax|hotline|\bтел|телефон\w{0,3}|\bмоб\w*|факс|джиесем)"
    r"(?: (?:number|no|за връзка|номер|is|е))?[.:]{0,2}\s*$"
)
_GROUPED_ABROAD = re.compile(r"\(?0\d{2,4}\)?[ -]\d{3,4}[ -]?\d{3,4}|(?:\+?1[ .-])?\(?[2-9]\d\d\)?[ .-]\d{3}[.-]\d{4}")
_COUNTRY_CODE = re.compile(r"\+|00\d|\(\+")


def find_numbers(reading: Reading) -> Iterator[Find]:
    """IBANs, cards, personal numbers and telephone numbers, in this order; they may overlap."""
    yield from _ibans(reading.text)
    yield from _behind_words(reading)
    if _SEVEN_DIGITS.search(reading.text):
        yield from _by_digits(reading.text)


def _behind_words(reading: Reading) -> Iterator[Find]:
    text = reading.text
    if _CHECK_CODES_SAID(reading):
        yield from (group(match, Kind.CARD, "value") for match in _CHECK_CODE.finditer(text))
    if _PERSONS_SAID(reading):
        for match in _PERSON.finditer(text):
            if len(set(match["digits"])) > 3 and "1234567890" not in match["digits"]:
                yield group(match, Kind.EGN, "digits")
    if not _DOCUMENTS.isdisjoint(reading.words):
        yield from (group(match, Kind.DOCUMENT, "value") for match in _DOCUMENT.finditer(text))


def _by_digits(text: str) -> Iterator[Find]:
    for match in _CARD.finditer(text):
        digits = "".join(filter(str.isdigit, match.group()))
        if _ISSUED.fullmatch(digits) and luhn.is_valid(digits):
            yield group(match, Kind.CARD)
    for match in _TEN_DIGITS.finditer(text):
        named = _NAMED_PERSON.search(text, max(0, match.start() - 24), match.start())
        if _is_person(match.group(), bool(named)):
            yield group(match, Kind.EGN)
    undated = _DATE.sub(lambda date: "_" * len(date.group()), text)
    for match in _DIALLED.finditer(undated):
        yield from _phones(undated, match)


def _ibans(text: str) -> Iterator[Find]:
    for match in _IBAN.finditer(text):
        found = match.group()
        # Words may follow that look like another group of four.
        ends = [n for n in range(len(found), 14, -1) if n == len(found) or not found[n].isalnum()]
        end = next((n for n in ends if _is_iban(found[:n])), None)
        if end is not None:
            yield Find(match.start(), match.start() + end, Kind.IBAN)


def _is_iban(found: str) -> bool:
    return found[-1].isalnum() and iban.is_valid(found)


def _is_person(digits: str, named: bool) -> bool:
    if not digits.isascii():
        return False
    if named:
        return egn.is_valid(digits) or pnf.is_valid(digits)
    return egn.is_valid(digits) and not _DATED_ID.match(digits)


def _phones(text: str, match: re.Match[str]) -> Iterator[Find]:
    """The longest runs of digit groups that are telephone numbers."""
    called = _CALLED.search(text, max(0, match.start() - 32), match.start()) is not None
    numbered = not called and NUMBERED.search(text, max(0, match.start() - 40), match.start()) is not None
    groups = [(one.start(), one.end()) for one in _GROUP.finditer(text, match.start(), match.end())]
    first = 0
    while first < len(groups):
        for last in range(len(groups), first, -1):
            start, end = groups[first][0], groups[last - 1][1]
            if (first and text[start - 1] not in " (/") or (last < len(groups) and text[end] == "."):
                continue  # a part of something written together, a version most likely
            if first and sum(c.isdigit() for c in text[start:end]) < _WHOLE_NUMBER:
                break
            if _is_phone(text[start:end], called and first == 0) and not (
                first == 0 and numbered and text[start] not in "+("
            ):
                yield Find(start, end, Kind.PHONE)
                first = last - 1
                break
        first += 1


def _is_phone(written: str, called: bool) -> bool:
    digits = [c for c in written if c.isdigit()]
    if not 7 <= len(digits) <= 15 or not written.isascii():
        return False
    if "." in written and written.count(".") < 2 and not called:
        return False
    if _COUNTRY_CODE.match(written) or (written.startswith("(") and ")" in written):
        return _valid(written, (_HOME_REGION, "US"))
    if written.startswith("0"):
        apart = len(digits) != len(written)
        if (apart or called or len(digits) >= 9) and _valid(written, (_HOME_REGION,)):
            return True
    if _GROUPED_ABROAD.fullmatch(written) and _valid(written, _OTHER_REGIONS):
        return True
    return called


def _valid(written: str, regions: Iterable[str]) -> bool:
    for region in regions:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
