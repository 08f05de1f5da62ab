"""Whether a question says enough to find an answer."""

from __future__ import annotations

import re

from kbsearch.text.error_codes import error_codes
from kbsearch.text.pleasantries import EMPTY_WORDS
from kbsearch.text.remembered import remembered
from kbsearch.text.words import is_identifier, lemma, normalise, surface

# What a ticket is called, or that something is wrong, without what: English, Bulgarian, Bulgarian in Latin letters,
# and the commonest of other languages. Words that only close a ticket are in text.pleasantries.
_SAYS_NOTHING = """
re fw fwd wg aw tr sv rv help urgent asap emergency important attention error errors broken bug fail fails failed
failing failure test testing tests hello support service servicedesk desk it subject none null na title untitled
doesnt dont isnt cant wont cannot please info information asd asdf qwerty foo bar blah new request pls plz
отг относно помощ помогнете помагайте спешно важно внимание грешка грешки проблеми повреда повредено счупено развалено
бъг тест проба не ми става стана съдействие въпрос въпроси питане молба съобщение тема без нова нов ново номер инцидент
добър добра бачка antw antwort guten ajutor urgenta functioneaza funcționează
pomosht pomosh pomogni pomognete speshno problem problemi greshka ne raboti nerabotqsht rabotqt rabotyat molq molya
zaqvka zayavka vupros vapros zdr zdrasti test proba tiket
hilfe dringend fehler kaputt problem nicht funktioniert geht anfrage aiuto urgente errore non funziona ayuda urgente
error no funciona aide urgent erreur marche pas fonctionne помогите срочно ошибка работает
"""
# They close a ticket, but in a question they name what it is about.
_TOPICS = """
phone phones email emails mail mails call calls called calling telephone time times day days hour hours update updates
run running instruction post forum answer reply replies confirm confirmation customer client user users account go get
team teams meet meeting meetings
телефон телефона клиент потребител
"""
_NOTHING = (
    frozenset(lemma(word) for word in surface(_SAYS_NOTHING)) | frozenset(surface(_SAYS_NOTHING)) | EMPTY_WORDS
) - frozenset(lemma(word) for word in surface(_TOPICS))
_TOKEN = re.compile(r"\w+(?:[-.:/\\@_'’+]+\w+)*")


def telling_words(text: str) -> frozenset[str]:
    """The words of a question that tell what it is about, as lemmas; identifiers, such as error codes, whole.

    Numbers, single letters, courtesies and words that only say that something is wrong are left out. What is in no
    dictionary stays: it may be a product's name.
    """
    return frozenset(word for token in _TOKEN.findall(normalise(text)) for word in _told(token))


@remembered
def _told(token: str) -> tuple[str, ...]:
    if is_identifier(token):
        return (token,)
    words = (word for word in surface(token) if len(word) > 1 and not word.isdigit() and word not in _NOTHING)
    return tuple(found for word in words if (found := lemma(word)) not in _NOTHING)


def is_vague(text: str) -> bool:
    """Whether a question only names a thing and not what is wrong with it: "printer", "VPN?"."""
    words = telling_words(text)
    return len(words) < 2 and not any(map(is_identifier, words)) and not error_codes(text)
