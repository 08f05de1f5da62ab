#!/usr/bin/env python
"""Bring the catalogues of the pages up to date with the texts in the source.

    python -m scripts.project.catalogues    # after a change of a text in kbsearch/web; then translate what is empty

tests/web/test_catalogues.py fails while a text is missing, not translated, or no longer in the source.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from kbsearch.desk.words import FIGURES, MEANINGS, PARTS

WEB = Path(__file__).parents[2] / "kbsearch" / "web"
LOCALES = WEB / "locales"

_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
_KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None, "_text": None}
_WIDTH = 110
_LEFT_OUT = tuple(f'"{name}' for name in ("Project", "Report", "POT-", "PO-Rev", "Last-T", "Language-T", "Gen"))


def source_texts() -> Catalog:
    """Every text of the pages that is shown to a person, and the labels of the desk's figures."""
    catalog = Catalog(charset="utf-8")
    found = extract_from_dir(WEB, _METHODS, _OPTIONS, _KEYWORDS, strip_comment_tags=True)
    for file, line, message, _, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalog.add(message, locations=[(file, line)], context=context)
    for text in (text for texts in (FIGURES, MEANINGS, PARTS) for text in texts.values()):
        catalog.add(text)
    return catalog


def catalogue(code: str) -> Catalog:
    """The catalogue of a language, as it is stored."""
    with (LOCALES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def write(path: Path, stored: Catalog) -> None:
    """Write a catalogue, its header without what Babel leaves to be filled in."""
    text = io.BytesIO()
    write_po(text, stored, width=_WIDTH, no_location=True, sort_output=True)
    lines = text.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_LEFT_OUT)), encoding="utf-8")


def main() -> None:
    """Write each catalogue again, with its translations."""
    for path in sorted(LOCALES.glob("*.po")):
        stored = catalogue(path.stem)
        stored.update(source_texts(), no_fuzzy_matching=True, update_header_comment=False, keep_user_comments=False)
        stored.obsolete.clear()
        write(path, stored)
        print(f"{path.name}: {sum(1 for one in stored if one.id and not one.string)} texts are not translated")


if __name__ == "__main__":
    main()
