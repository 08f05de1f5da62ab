"""The words around a fix: greetings, thanks, closing formulas, signatures.

A resolution is written as a letter is: "Hi Ani, restarted the spooler. Works now, thanks! Best regards, Ivan". Only
its middle says what was done. What is said here of English and Bulgarian was read off real closing notes; other
languages have their commonest words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kbsearch.text.words import lemma, surface

# Left out when two texts are compared. Words that can turn a fix around stay: not, on, off, before, after, without.
_FUNCTION_WORDS = """
a an the this that these those it its is are was were be been being am has have had i we you he she they me us him her
them my our your his their and or so then also just please of to for by with as at there here will would can could
should do does did
е са съм си беше бяха бе бъде да се ги го я им му й ни ви те аз ние вие той тя това тази този тези и а но или за на по
с със от че като чрез моля ще
"""

# What people write to close a ticket when they write nothing that helps another.
_EMPTY_WORDS = """
done fixed fix resolved resolve solved solve solution sorted closed close ok okay okey works worked work working fine
good great perfect perfectly well nice beautiful cool awesome excellent amazing wonderful brilliant super right
correct now again all everything finally completed complete completely helped help helpful helping confirmed confirm
confirmation per phone requested request asked called call spoke email mail reply replied response respond answer
answers answered suggestion suggestions suggested advice tip tips trick instruction instructions issue issues problem
problems ticket tickets question questions user users customer client caller case incident matter thing things thanks
thank thx ty cheers much very many so really quite too lot lots appreciate appreciated appreciation grateful glad
happy welcome pleased sorry apologies apology excuse hi hello hey dear regards regard best kind kindly wishes
greetings sincerely yours prompt quick fast time times day days today yesterday tomorrow morning week weekend hour
hours minute minutes ago soon later already still yet up back running run normal normally usual expected better seems
seem appears appear looks look like think guess believe hope know knew see seen saw got get gets getting go goes going
went gone come came did do make made take took found find figured figure out my own self myself yourself himself tried
try trying what which who how why when where if because since way easy simple ever never no yes yep any anything
something nothing some one two first last other another else more most bit little patience support supporting everyone
anyone somebody anybody nobody guys team folks friend man sir madam oh wow hmm update updated status follow followed
above below said same new mind needed need than ve re ll s t m d nbsp post thread forum topic mark marked on in into
from through though although however but while after before such not properly apparently somehow somewhere honestly
obviously probably perhaps maybe hopefully extremely mostly simply once without must may might consider closing relief
assume fyi doubt thought give given cause caused happen happened happening luck cross crossed assist assisted elegant
satisfied compatible result results fingers bless god bingo interesting strange weird odd mysterious mysteriously
nevermind disregard ignore stupid forward away itself about anyway anyways

готово готов готова оправено оправен оправена оправих оправихме оправи оправил решено решен решена реших решихме
решение разрешен разрешено разреши затворено затворен затворена затварям ок окей работи работят заработи проработи
вече всичко наред добре супер отлично чудесно благодаря благодарим благодарности мерси потребител потребителят
потребителя потребителка клиент клиентът проблем проблема проблемът проблемите отстранен отстранено отстранена
отстраних отстранихме тикет тикета тикетът заявка заявката случай случая изпълнено изпълнена изпълнен изпълних
изпълнихме свърших свършено свършена телефон телефона потвърди потвърдено потвърждава потвърждение помощ помощта
съдействие съдействието отговор отговора бързата бърза бързо отзивчивост много здравейте здравей здрасти привет
уважаеми уважаема колега колеги поздрави поздрав уважение лек лека хубав хубава приятен приятна ден вечер седмица
успех извинете извинявайте съжалявам днес вчера утре сега отново пак още само нещо нищо няма има имаше стана станаха
станало мина така нормално коректно успешно според мен

gotovo opraveno blagodarya blagodarq merci reshen resheno problemat problema raboti veche nared pozdravi zdraveite
zdravei

danke dank vielen gelöst erledigt problem geht wieder funktioniert jetzt ist das hallo gruß grüße mit freundlichen
grazie mille risolto risolta problema ho ora tutto funziona ciao saluti cordiali buongiorno la il per
gracias muchas resuelto solucionado problema ya todo funciona hola saludos el
merci beaucoup résolu problème bonjour cordialement tout marche maintenant le
bedankt dank opgelost probleem het werkt weer nu groet groeten vriendelijke met hallo goedendag goedemorgen
obrigado obrigada resolvido problema tudo funcionando olá
behoben geschlossen fertig benutzer kunde bestätigt ticket anfrage läuft alles gut
clos clôturé clôturée fermé fermée terminé fait corrigé utilisateur confirmé demande ticket ça
cerrado cerrada hecho hecha listo arreglado terminado usuario confirmado solicitud todo bien
chiuso chiusa fatto fatta terminato sistemato utente confermato richiesta ok
gesloten klaar gedaan verholpen gebruiker bevestigd melding
готово сделано исправлено закрыто закрыта закрыт заявка выполнено выполнена спасибо работает теперь всё хорошо
пользователь подтвердил проблема решена устранено устранена
rezolvat rezolvată gata făcut închis funcționează mulțumesc utilizatorul confirmat tichet tichetul
"""

# A courteous sentence may name someone: "Thanks David", "Regards, Greg Miller".
_COURTEOUS = """
thank thanks thx ty cheers regards appreciate appreciated grateful welcome sorry apologies hi hello hey dear sincerely
благодаря благодарим благодарности мерси поздрави здравейте здравей здрасти привет уважаеми уважаема извинете
съжалявам pozdravi blagodarya blagodarq zdraveite
danke grazie gracias merci bedankt obrigado gruß grüße saluti saludos groet groeten cordialement hallo hola ciao
bonjour
"""
_NAMES_AT_MOST = 2

_PLACEHOLDER = re.compile(r"<[A-Z_]+>")  # what redaction leaves
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|day)|здравей(?:те)?|здрасти|привет|уважаем[иа]|добър ден"
    r"|hallo|hola|ciao|bonjour|buongiorno|dag|beste)\b[^,.!:\n]{0,40}[,.!:\n]",
    re.IGNORECASE,
)
# From here to the end it is a signature, if it is short.
_CLOSING = re.compile(
    r"^[ \t]*(?:--[ \t]*$|(?:(?:with |my )?(?:best|kind|kindest|warm) (?:regards|wishes)|regards|cheers|sincerely"
    r"|many thanks|thanks(?: again)?|thank you|br|поздрави|с уважение|с поздрав|благодаря(?: ви)?"
    r"|лека? \w+|хубава? \w+"
    r"|mit freundlichen grüßen|viele grüße|cordiali saluti|saluti|saludos|cordialement|met vriendelijke groet(?:en)?)"
    r"[ \t,.!]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURE_CHARACTERS = 200
# Thanks at the end of a sentence that says something: "Deleted the profile, thanks Ani!"
_THANKS = re.compile(
    r"[\s,;:–-]{1,3}(?:many thanks|thanks|thank you|thx|благодаря|благодаря ви|мерси|danke|vielen dank"
    r"|merci|grazie|gracias|bedankt"
    r"|спасибо|mulțumesc)(?:\s+(?:a lot|again|in advance|предварително|много|mille|beaucoup|im voraus)){0,2}"
    r"(?:\s+[^\W\d_]{2,20})?[.!]{0,3}$",
    re.IGNORECASE,
)
_LONGEST_THANKS = 60
_LIST_NUMBER = re.compile(r"^[ \t]{0,8}\d{1,3}[.)](?=\s)", re.MULTILINE)
# "e.g. this" is cut too, which does no harm: both texts are cut alike.
_SENTENCE_END = re.compile(r"(?<=[.!?…;])\s+|\.{3,}|\n+|\s[-–—•*]\s")


def words_of(listed: str) -> frozenset[str]:
    """The lemmas of a list of words."""
    return frozenset(lemma(word) for word in surface(listed))


FUNCTION_WORDS = words_of(_FUNCTION_WORDS)
"""Lemmas that make no difference to what was done."""

EMPTY_WORDS = words_of(_EMPTY_WORDS) | FUNCTION_WORDS
"""Lemmas that tell nobody what to do."""

_COURTEOUS_WORDS = words_of(_COURTEOUS)


def sentences(text: str, questions: bool = False) -> Iterator[list[str]]:
    """The lemmas of each sentence or list item that may say what was done, function words left out.

    Greetings, thanks, closing formulas, signatures and, unless they are asked for, questions are left out.
    """
    return (words for _, words in written_sentences(text, questions))


def written_sentences(text: str, questions: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Each of sentences() as it is written, and its lemmas."""
    text = _PLACEHOLDER.sub(" ", text)
    text = _GREETING.sub("", text, count=1)
    signed = (one for one in _CLOSING.finditer(text) if len(text) - one.end() <= _SIGNATURE_CHARACTERS)
    if (closing := next(signed, None)) is not None:
        text = text[: closing.start()]
    for sentence in _SENTENCE_END.split(_LIST_NUMBER.sub("", text)):
        sentence = _without_thanks(sentence)
        words = [lemma(word) for word in surface(sentence)]
        if (sentence.rstrip().endswith("?") and not questions) or _is_courteous(words):
            continue
        telling = [word for word in words if word not in FUNCTION_WORDS]
        if telling:
            yield sentence.strip(), telling


def _without_thanks(sentence: str) -> str:
    written = sentence.rstrip()
    found = _THANKS.search(written, max(0, len(written) - _LONGEST_THANKS))
    return written[: found.start()] if found is not None and found.start() else sentence


def _is_courteous(words: list[str]) -> bool:
    """Whether a sentence is nothing but polite, names included; or says nothing at all."""
    telling = {word for word in words if word not in EMPTY_WORDS}
    return not telling or (len(telling) <= _NAMES_AT_MOST and not _COURTEOUS_WORDS.isdisjoint(words))
