"""The pages' words in each language: translated texts, numbers, dates."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import negotiate_locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from fastapi import Request

from kbsearch.text.language import primary

LANGUAGES: Mapping[str, str] = {"en": "English", "bg": "Български"}
"""Code → name in itself. The texts in the source are English."""

LANGUAGE_COOKIE = "kbsearch_language"
LANGUAGE_PARAMETER = "language"
"""In the address, where a browser keeps no cookie: in a frame."""

LOCALES = Path(__file__).parent / "locales"
_LONGEST_HEADER = 500


def language_of(request: Request) -> str:
    """What the reader chose, else what the browser asks for, else English."""
    chosen = request.query_params.get(LANGUAGE_PARAMETER) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen is not None and chosen in LANGUAGES:
        return chosen
    header = request.headers.get("accept-language", "")[:_LONGEST_HEADER]
    wanted = [part.partition(";")[0].strip() for part in header.split(",")]  # browsers list them by preference
    tags = [tag.replace("-", "_") for tag in wanted if tag and tag != "*"]
    return negotiate_locale(tags, list(LANGUAGES)) or "en"


class Words:
    """How one language says it. ``code`` is a key of LANGUAGES."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._locale = Locale.parse(code)
        self._translations = _translations(code)

    @property
    def catalogue(self) -> Translations:
        """For Jinja's ``trans``."""
        return self._translations

    def gettext(self, text: str) -> str:
        return self._translations.ugettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self._translations.ungettext(one, many, number)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._locale)

    def points(self, change: float) -> str:
        """A change of a share (-1 .. 1) in percentage points, with its sign."""
        return format_decimal(round(change * 100), "+#,##0;-#,##0" if round(change * 100) else "0", locale=self._locale)

    def percent(self, share: float) -> str:
        """A share of 0 .. 1 in whole percent."""
        return format_percent(share, locale=self._locale)

    def date(self, moment: datetime) -> str:
        return format_date(moment, "medium", locale=self._locale)

    def stored_day(self, value: object) -> str | None:
        """A day that is stored as ISO 8601; None for anything else."""
        try:
            return format_date(date.fromisoformat(str(value)), "medium", locale=self._locale)
        except ValueError:
            return None

    def moment(self, moment: datetime) -> str:
        """Day and time in UTC."""
        time = format_time(moment, "HH:mm", UTC, locale=self._locale)
        return f"{self.date(moment.astimezone(UTC))}, {time} UTC"

    def day(self, moment: datetime) -> str:
        """Day and month."""
        return format_skeleton("MMMd", moment, UTC, locale=self._locale)

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long ago, as in "3 days ago"; "today" within a day."""
        if now - moment < timedelta(days=1):
            return self.gettext("today")
        return format_timedelta(moment - now, add_direction=True, locale=self._locale)

    def language(self, code: str) -> str:
        """The name of a language, its code where the name is not known."""
        try:
            named = Locale.parse(primary(code)).get_language_name(self.code)
        except (UnknownLocaleError, ValueError):
            named = None
        return named or code


def _translations(code: str) -> Translations:
    """The catalogue, compiled in memory: no second file can be out of date."""
    source = LOCALES / f"{code}.po"
    if not source.exists():
        return Translations()
    compiled = io.BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return Translations(compiled)
