"""Where names stand: behind greetings, closings, titles, introductions and labels, by groups of languages.

The patterns of each place come in two parts, that tickets in Bulgarian and English are spared the other languages'
ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kbsearch.text.redaction.finds import Phrases, Reading, Said

LAST = r"(?:[A-ZА-ЯÀ-Þ](?:['’][A-Z])?[a-zа-яß-ÿ]+(?:-[A-ZА-Я][a-zа-я]+)?|[A-ZА-Я]{4,})"
_LAST_ABROAD = (
    r"(?:[A-ZА-ЯÀ-ÞĀ-ŽΆ-ΫІЇЄҐЂЈЉЊЋЏ](?:['’][A-Z])?[a-zа-яß-ÿā-žά-ώіїєґђјљњћџ]+"
    r"(?:-[A-ZÀ-ÞА-Я][a-zß-ÿа-я]+)?|[A-ZÀ-ÞА-Я]{4,})"
)
_PARTICLE = r"(?:de|van|von|der|den|di|da|del|della|la|le|dos|du|ten|ter|el|al|bin|zu)"
_INITIAL = r"[A-ZА-Я]\."


def _full(last: str) -> str:
    return (
        rf"(?:(?:{_INITIAL}[ ]?){{1,2}}{last}|{last}[ ]{_INITIAL}(?!\w)|"
        rf"{last}(?:[ ](?:{_INITIAL}[ ]|(?:{_PARTICLE}[ ]){{1,2}})?{last}){{0,2}})"
    )


_HOME, _ABROAD = _full(LAST), _full(_LAST_ABROAD)

_TITLE = (
    r"(?:(?:[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof)\.?(?=\s)|г-н|г-жа|г-жо|г-ца|г-це|господин|госпожа|госпожо|инж\.|д-р|проф\.)"
)
_TITLES = Phrases("mr|mrs|ms|dr|prof|г|господин|госпожа|госпожо|инж|д|проф")
_TITLE_ABROAD = (
    r"(?:(?:Herrn?|Frau|Monsieur|Madame|Mme|Signora?|Sig\.?(?:ra)?|Señora?|Sra?\.|Senhora?|Meneer|Mevrouw|[Dd]hr|"
    r"[Mm]evr|"
    r"Domnul|Doamna|Pan[ií]?|Pana|Gospodin|Gospo[đd]a|Bayan)\.?(?=\s)|пан[іа]?(?=\s)|κύριος?|κυρία|κ\.)"
)
_TITLES_ABROAD = Phrases(
    "herr|herrn|frau|monsieur|madame|mme|signor|signora|sig|señor|señora|sr|sra|senhor|senhora|meneer|mevrouw|dhr|mevr|"
    "domnul|doamna|pan|pani|paní|pana|gospodin|gospođa|gospoda|bayan|пан|пані|пана|κύριο|κύριος|κυρία|κ"
)

_GREETINGS = Phrases(
    "hi|hello|hey|dear|good morning|good afternoon|good evening|good day|greetings|thanks|thank you|many thanks|thx|"
    "cheers|здравей|здравейте|здравейте отново|здрасти|привет|уважаеми|уважаема|драги|драга|скъпи|скъпа|добър ден|"
    "добър вечер|добро утро|благодаря|благодаря ти|благодаря ви|мерси|zdravei|zdraveite|zdraveyte|zdrasti|privet|"
    "dobar den|"
    "blagodarya|blagodaria"
)
_GREETINGS_ABROAD = Phrases(
    "hallo|guten tag|guten morgen|guten abend|liebe|lieber|sehr geehrte|sehr geehrter|servus|moin|danke|bonjour|"
    "bonsoir|"
    "salut|cher|chère|merci|ciao|buongiorno|buonasera|gentile|salve|egregio|grazie|hoi|beste|geachte|goedemorgen|"
    "goedemiddag|"
    "dag|bedankt|hola|buenos días|buenas tardes|buenas noches|estimado|estimada|querido|querida|gracias|olá|bom dia|"
    "boa tarde|prezado|prezada|obrigado|obrigada|bună|bună ziua|stimate|stimată|dragă|mulțumesc|здравствуйте|"
    "добрый день|"
    "добрый вечер|доброе утро|уважаемый|уважаемая|спасибо|доброго дня|вітаю|шановний|шановна|дякую|cześć|"
    "dzień dobry|szanowny|"
    "szanowna|szanowny panie|szanowna pani|witam|dziękuję|dobrý den|ahoj|vážený|vážená|děkuji|zdravo|poštovani|"
    "poštovana|"
    "hvala|здраво|поштовани|почитуван|почитувана|хвала|merhaba|sayın|günaydın|teşekkürler|γεια|γεια σου|γεια σας|"
    "καλημέρα|"
    "αγαπητέ|αγαπητή|ευχαριστώ"
)


def _greeted(greetings: Phrases, title: str, full: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-]){greetings.pattern}(?P<comma>,|!)?[ \t]{{1,20}}(?P<title>{title}\s{{1,20}})?(?P<name>{full})"
        r"(?P<after>[ \t]*(?:[,!.:;)–—\n]|-\s|$)|[ \t]+)"
    )


_CLOSINGS = Phrases(
    "regards|best regards|kind regards|warm regards|many regards|sincerely|yours|cheers|best wishes|best|thanks|"
    "thank you|br|"
    "rgds|поздрави|с поздрави|с уважение|благодаря|благодаря ви|лек ден|лека вечер|лека работа|хубав ден|хубава вечер|"
    "хубава работа|приятен ден|pozdravi|s uvazhenie|lek den"
)
_CLOSINGS_ABROAD = Phrases(
    "freundlichen grüßen|freundlichen grüssen|freundliche grüße|besten grüßen|lieben grüßen|schönen grüßen|viele grüße|"
    "viele grüsse|beste grüße|beste grüsse|liebe grüße|liebe grüsse|schöne grüße|grüße|gruß|gruss|mfg|lg|vg|danke|"
    "cordialement|"
    "bien cordialement|bien à vous|salutations|merci|saluti|cordiali saluti|distinti saluti|grazie|un saludo|saludos|"
    "saludos cordiales|atentamente|gracias|vriendelijke groet|vriendelijke groeten|groet|groeten|groetjes|mvg|bedankt|"
    "atenciosamente|cumprimentos|obrigado|obrigada|cu stimă|cu respect|mulțumesc|с уважением|спасибо|з повагою|дякую|"
    "pozdrawiam|z poważaniem|dziękuję|s pozdravem|děkuji|pozdrav|srdačan pozdrav|hvala|поздрав|со почит|saygılarımla|"
    "teşekkürler|με εκτίμηση|ευχαριστώ"
)


def _signed(closing: str, title: str, full: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w]){closing}(?:[ \t]{{0,3}}[,.!]?[ \t]{{1,3}}{closing})?[ \t]{{0,20}}[,.!]?[ \t]{{0,20}}"
        rf"(?P<break>\r?\n\s{{0,20}})?(?P<title>{title}\s{{1,20}})?(?P<name>{full})[ \t]{{0,20}}(?=[,.|\n\r(]|$)"
    )


_INTRODUCTIONS = Phrases("my name is|name is|the name's|this is|казвам се|името ми е|аз съм|тук е|kazvam se")
_INTRODUCTIONS_ABROAD = Phrases(
    "mein name ist|ich heiße|je m'appelle|je m’appelle|mi chiamo|me llamo|mijn naam is|mi nombre es|meu nome é|"
    "me chamo|"
    "numele meu este|mă numesc|меня зовут|мене звати|nazywam się|jmenuji se|zovem se|benim adım|με λένε|се викам"
)


def _introduced(introductions: Phrases, full: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){introductions.pattern}(?<!this is)(?<!This is)\s{{1,20}}(?P<name>{full})"
        rf"|(?<!\w)(?i:this is)\s{{1,20}}(?P<from>{full})(?=[, ]{{1,3}}(?:from|in|at|here|calling)\b)"
    )


_HEADERS = Phrases(
    "from|to|cc|sent by|name|full name|contact name|customer name|caller name|user name|user|customer|manager|contact|"
    "от|до|копие|име|трите имена|потребител|клиент|управител|контакт",
    end=":",
)
_LABELS = Phrases(
    "contact person|caller|reporter|reported by|requested by|requester|raised by|assigned to|approved by|spoke with|"
    "spoke to|talked to|employee|colleague|изпратено от|изпратен от|изпратена от|подадено от|подаден от|подадена от|"
    "одобрено от|одобрен от|одобрена от|възложено на|възложен на|възложена на|говорих с|говорих със|"
    "лице за контакт|служител|"
    "служителят|служителката|колега|колегата|колежка|колежката|потребителят|потребителката|подател|заявител|касиер|"
    "касиерът|"
    "касиерката"
)
_HEADERS_ABROAD = Phrases(
    "von|an|kunde|benutzer|de|à|client|utilisateur|da|a|utente|cliente|van|aan|klant|gebruiker|usuario|para|usuário|"
    "от кого|пользователь|клиент|od|do|klient|użytkownik|uživatel|korisnik|kullanıcı|χρήστης",
    end=":",
)
_LABELS_ABROAD = Phrases(
    "anrufer|anruferin|ansprechpartner|ansprechpartnerin|kunde|kundin|mitarbeiter|mitarbeiterin|gemeldet von|benutzer|"
    "benutzerin|kollege|kollegin|demandeur|demandé par|appelant|collègue|richiedente|chiamante|segnalato da|"
    "dipendente|collega|"
    "solicitante|reportado por|empleado|compañero|compañera|melder|aanvrager|medewerker|gemeld door|solicitant|angajat|"
    "raportat de|заявитель|сотрудник|сотрудница|обратился|обратилась|коллега|користувач|zgłaszający|pracownik|nahlásil|"
    "zaměstnanec|prijavio|корисник"
)


def _labelled(headers: Phrases, labels: Phrases, last: str, full: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:{headers.pattern}|{labels.pattern}:?)[ \t]{{1,20}}"
        rf"(?P<name>{last},[ ]{last}(?=[ \t]*(?:[<\[(\n\r;.,]|$))|{full})(?P<mail>[ \t]*[<\[])?"
    )


Place = tuple[tuple[Callable[[Reading], bool], re.Pattern[str]], ...]

GREETED: Place = (
    (_GREETINGS, _greeted(_GREETINGS, _TITLE, _HOME)),
    (_GREETINGS_ABROAD, _greeted(_GREETINGS_ABROAD, _TITLE_ABROAD, _ABROAD)),
)
SIGNED: Place = (
    (_CLOSINGS, _signed(_CLOSINGS.pattern, _TITLE, _HOME)),
    (Said("--"), _signed("--", _TITLE, _HOME)),
    (_CLOSINGS_ABROAD, _signed(_CLOSINGS_ABROAD.pattern, _TITLE_ABROAD, _ABROAD)),
)
INTRODUCED: Place = (
    (_INTRODUCTIONS, _introduced(_INTRODUCTIONS, _HOME)),
    (_INTRODUCTIONS_ABROAD, _introduced(_INTRODUCTIONS_ABROAD, _ABROAD)),
)
TITLED: Place = (
    (_TITLES, re.compile(rf"(?<![\w-]){_TITLE}\s{{1,20}}(?P<name>{_HOME})")),
    (_TITLES_ABROAD, re.compile(rf"(?<![\w-]){_TITLE_ABROAD}\s{{1,20}}(?P<name>{_ABROAD})")),
)
LABELLED: Place = (
    (lambda reading: _LABELS(reading) or _HEADERS(reading), _labelled(_HEADERS, _LABELS, LAST, _HOME)),
    (
        lambda reading: _LABELS_ABROAD(reading) or _HEADERS_ABROAD(reading),
        _labelled(_HEADERS_ABROAD, _LABELS_ABROAD, _LAST_ABROAD, _ABROAD),
    ),
)
