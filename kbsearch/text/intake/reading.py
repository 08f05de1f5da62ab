"""What a ticket's text really says: of a mail the newest part, of a form the values, of a log the lines that tell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kbsearch.text.intake.boilerplate import Boilerplate, is_template, without_boilerplate
from kbsearch.text.intake.forms import filled_in
from kbsearch.text.intake.logs import without_frames
from kbsearch.text.intake.mail import thread
from kbsearch.text.intake.signature import without_signature
from kbsearch.text.pleasantries import EMPTY_WORDS, sentences, words_of
from kbsearch.text.words import is_identifier

_FEWEST_WORDS = 2
_POINTERS = words_of(
    """
    see attach attached attachment below above enclosed forward forwarded fwd fw fyi per discussed mail thread
    chain trail
    screenshot picture image file please kindly look check refer regard subject follow conversation history message
    original
    вижте виж погледнете погледни прикачен прикачено прикачения приложен приложено приложение приложения долу
    по-долу горе препращам препратено препратен писмо имейл съобщение кореспонденция снимка екран файл темата
    siehe unten oben anhang anbei weitergeleitet bild angehängt
    voir ci-dessous ci-dessus ci-joint jointe pièce transfert dessous
    ver abajo adjunto adjunta arriba reenvío imagen
    vedi sotto allegato allegata sopra inoltro
    zie onderstaand onderstaande bijlage hierboven doorgestuurd hieronder
    см ниже вложение вложении выше приложении смотрите пересылаю
    vezi mai jos atașat atasat redirecționat sus
    any news progress eta reminder remind chase chasing ping bump gentle still same waiting wait urgent
    новини развитие напредък напомням подсещам все още същото същият чакам чакаме някакви някаква спешно не е ли
    neuigkeiten neues immer noch stand gibt es warte erinnerung gleich dringend nicht
    nouvelles toujours rien avancement rappel attends même encore des pas
    noticias novedades alguna todavía sigue igual recordatorio
    novità ancora qualche sempre uguale sollecito ci sono
    nieuws nog steeds herinnering hetzelfde is er
    новости есть ещё еще всё все так же жду напоминаю не ли
    vești noutăți încă tot aceeași aștept
    """
)  # fmt: skip
_SAYING_NOTHING = EMPTY_WORDS | _POINTERS
_REPLY_MARKS = re.compile(
    r"^(?:\s{0,3}(?:re|fw|fwd|aw|wg|sv|vs|vl|antw|doorst|tr|rv|enc|rif|r|i|отг|отн|препр|нa|на|пр|ответ|odp|pd)"
    r"(?:\[\d{1,3}\]|\(\d{1,3}\))?\s{0,2}:"
    r"|\s{0,3}[\[(<](?:ext|extern|external(?: (?:e-?mail|sender|message))?|externe|externo|esterno|внешн\w{0,5}"
    r"|външен|външна поща"
    r"|spam|suspected spam|caution|warning|внимание|secure|encrypted|encrypt|bulk)[\])>]"
    r"|\s{0,3}(?:external|ext|extern|външен)\s{0,2}:"
    r"|\s{0,3}[\[(](?:#|no\.?|№|ticket|request|case|incident|заявка|тикет|rt|sr"
    r"|ref)[\s:#-]{0,3}[\w.-]{0,20}\d{2,12}[\])])\s{0,3}",
    re.IGNORECASE,
)
_MOST_MARKS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        message: what the newest part says.
        beside: what stands there too: earlier mails, frames, values of filing.
        is_of_earlier_mail: the newest part says nothing, so ``message`` is what an earlier mail says.
    """

    message: str
    beside: str = ""
    is_of_earlier_mail: bool = False


def read(text: str, is_boilerplate: Boilerplate = is_template) -> Reading:
    """Take apart what a person or a system wrote. Plain text, as without_markup() leaves it.

    A text without anything to leave out is its own message, unchanged. If the newest part of a mail says nothing, the
    latest part that does is the message. The result read again is the same.

    Args:
        text: a ticket's description or a resolution.
        is_boilerplate: tells sentences and lines that mean nothing; known by form, or learned as well.
    """
    found = thread(text)
    newest = _told(found.newest, is_boilerplate)
    if not found.quoted:
        return Reading(newest, text if newest != text and len(newest) * 3 < len(text) * 2 else "")
    if says_nothing(newest):
        for at, part in enumerate(found.quoted):
            quoted = read(part, is_boilerplate) if at == 0 else Reading(_told(part, is_boilerplate))
            if not says_nothing(quoted.message):
                lead = f"{newest}\n{quoted.message}" if newest.strip() and not _only_points(newest) else quoted.message
                return Reading(lead, text, is_of_earlier_mail=True)
    return Reading(newest if newest.strip() else text, text)


def read_subject(subject: str) -> str:
    """A subject without reply marks, the mark of an outside sender and ticket numbers; itself if nothing is left."""
    left = subject
    for _ in range(_MOST_MARKS):
        shorter = _REPLY_MARKS.sub("", left, count=1)
        if shorter == left:
            break
        left = shorter
    return left.strip() or subject


def says_nothing(text: str) -> bool:
    """Whether a text only greets, thanks or points elsewhere: "Please see below. Regards, Ivan"."""
    told: set[str] = set()
    for sentence in sentences(text, questions=True):
        for word in sentence:
            if word not in _SAYING_NOTHING:
                told.add(word)
                if len(told) >= _FEWEST_WORDS or is_identifier(word):
                    return False
    return True


def _only_points(text: str) -> bool:
    return not any(word not in _SAYING_NOTHING for sentence in sentences(text, questions=True) for word in sentence)


def _told(text: str, is_boilerplate: Boilerplate) -> str:
    """One mail without what was added to it. No step may leave less than something to say."""
    steps: tuple[Callable[[str], str], ...] = (
        lambda text: without_boilerplate(text, is_boilerplate),
        without_signature,
        without_frames,
        filled_in,
    )
    for step in steps:
        left = step(text)
        if left != text and (step is steps[0] or not says_nothing(left) or says_nothing(text)):
            text = left
    return text
