"""The languages that the default model is taught, and what each is called where translations are found."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language beside English.

    Attributes:
        code: of its dictionary of inflected forms (simplemma).
        locale: pattern of its names in gettext catalogues.
        mozilla: as Mozilla names its language packs.
        office: as Debian's packages of LibreOffice do.
        dictionary: as FreeDict does.
        letter: one that only a translated text has.
    """

    code: str
    locale: str
    mozilla: str
    office: str
    dictionary: str
    letter: re.Pattern[str] = re.compile("[A-Za-z]")

    @property
    def packages(self) -> tuple[str, ...]:
        """Debian's packages that hold this language alone."""
        pack = self.mozilla.lower()
        return (f"firefox-esr-l10n-{pack}", f"libreoffice-l10n-{self.office}", f"thunderbird-l10n-{pack}")


def _language(code: str, dictionary: str, mozilla: str = "", office: str = "", locale: str = "") -> Language:
    return Language(code, locale or f"{code}(?:_[A-Z]+)?", mozilla or code, office or code, dictionary)


BULGARIAN = Language("bg", "bg(?:_[A-Z]+)?", "bg", "bg", "bul", re.compile("[а-яА-Я]"))
LATIN = (
    _language("cs", "ces"),
    _language("de", "deu"),
    _language("es", "spa", mozilla="es-ES"),
    _language("fr", "fra"),
    _language("it", "ita"),
    _language("nl", "nld"),
    _language("pl", "pol"),
    _language("pt", "por", mozilla="pt-BR", office="pt-br", locale="pt_BR"),
    _language("tr", "tur"),
)
"""Those in Latin letters, as one pass over Debian's packages finds them."""
