"""Lines as desks get them, by kind, and what is right for each (text/desk_lines.txt)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

from kbsearch.text.fixes import fingerprint, is_thin
from kbsearch.text.intake import plain_text, read, says_nothing
from kbsearch.text.language import guess_language

ISSUE = "The second monitor stays black since this morning, the cable is in."
OLD = "Please open Credential Manager and remove the MicrosoftOffice16 entries, then start Outlook again."
_BASE64 = base64.b64encode(bytes(n * n % 251 for n in range(900))).decode()
_UUENCODED = "M" + "".join(chr(33 + n * 7 % 60) for n in range(60))
_BETWEEN = " || "


def lines() -> Iterator[tuple[str, str]]:
    """(kind, line), in order."""
    kind = ""
    for line in (Path(__file__).parent / "text" / "desk_lines.txt").read_text("utf-8").split("\n"):
        if line.startswith("## "):
            kind = line[3:].split(":")[0]
        elif line.strip():
            yield kind, line.replace("⏎", "\n")


def _message(text: str) -> str:
    return read(plain_text(text)).message.strip()


def _added(line: str) -> bool:
    return all(_message(text) == ISSUE for text in (f"{line}\n\n{ISSUE}", f"{ISSUE}\n\n{line}"))


def _is_left_out(line: str) -> bool:
    return _added(line) and is_thin(f"Done.\n\n{line}")


def _says_nothing(line: str) -> bool:
    return _added(line) and says_nothing(_message(f"See above.\n\n{line}"))


def _is_quoted(line: str) -> bool:
    return _message(f"{ISSUE}\n\n{line.replace('{old}', OLD)}") == ISSUE


def _is_picture(line: str) -> bool:
    return _message(line.format(issue=ISSUE, base64=_BASE64, uu=_UUENCODED)) == ISSUE


def _parts(line: str) -> list[str]:
    return line.split(_BETWEEN)


def _keeps(line: str) -> bool:
    text, stays, goes = _parts(line)
    message = _message(text)
    return stays in message and goes not in message


def _is_same(line: str) -> bool:
    one, other = map(fingerprint, _parts(line))
    return one.whole == other.whole


def _reads(line: str) -> bool:
    written, reading = _parts(line)
    return plain_text(written.encode("latin-1", "backslashreplace").decode("unicode-escape")) == reading


RIGHT: dict[str, Callable[[str], bool]] = {
    "template": _is_left_out,
    "banner": _is_left_out,
    "disclaimer": _says_nothing,
    "quote": _is_quoted,
    "image": _is_picture,
    "form": _keeps,
    "frames": _keeps,
    "thin": is_thin,
    "recovery": is_thin,
    "fix": lambda line: not is_thin(line),
    "same": _is_same,
    "different": lambda line: not _is_same(line),
    "short-bg": lambda line: guess_language(line) == "bg",
    "hidden": _reads,
    "kept": lambda line: _message(line) == line,
}
"""Kind → whether what the rules make of a line is right."""
