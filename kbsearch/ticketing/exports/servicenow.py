"""ServiceNow's XML: ``<unload><incident action="INSERT_OR_UPDATE"><number>INC1</number> … </incident></unload>``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from kbsearch.errors import BrokenFile
from kbsearch.ticketing.records import Numbered

_DEPTH_OF_RECORDS = 2
_DISPLAYED = "display_value"


def servicenow_rows(path: Path) -> Iterator[Numbered]:
    """The records of an export, numbered from 1.

    A field that refers to another record holds that record's id; what is shown of it stands under
    ``field.display_value``.

    Raises:
        BrokenFile: it is no XML, or has entities, which such an export never has.
    """
    number, depth, root = 0, 0, None
    with path.open("rb") as opened:
        try:
            for event, element in iterparse(opened, events=("start", "end")):
                if event == "start":
                    depth += 1
                    root = element if depth == 1 else root
                    continue
                depth -= 1
                if depth == _DEPTH_OF_RECORDS - 1:
                    number += 1
                    yield Numbered(number, _values(element), opened.tell())
                    assert root is not None
                    root.clear()  # what was read takes no memory
        except ParseError as error:
            raise BrokenFile(str(path), f"it is not XML from line {error.position[0]} on") from None
        except DefusedXmlException:
            raise BrokenFile(str(path), "it declares entities, which can make a file grow without end") from None


def _values(record: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"": record.tag}
    for field in record:
        values[field.tag] = field.text or ""
        shown = field.get(_DISPLAYED)
        if shown:
            values[f"{field.tag}.{_DISPLAYED}"] = shown
    return values
