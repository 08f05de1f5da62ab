"""Stack traces and logs: the lines that tell, not the frames and the routine."""

from __future__ import annotations

import re

_FRAME = re.compile(
    r"^\s{0,200}(?:at\s+[\w.$<>`\[\],~/@-]{2,200}\s{0,3}\(.{0,300}\)?.{0,200}$"  # Java, JavaScript, .NET
    r"|at\s+(?:[\w.$<>~-]+[./:\\]){1,30}[\w.$<>:~\\/-]+(?:\s+in\s.{1,200})?\s*$"
    r"|(?:at|bei|в|à|en|in)\s+[\w.`<>\[\],]{3,200}\([^()]{0,200}\)(?:\s+(?:in|en|dans|в)\s.{1,250})?:?.{0,60}$"
    r"|\.{3}\s\d{1,5}\s(?:more|common frames omitted)"
    r"|File \"[^\"\n]{1,300}\", line \d+"  # Python
    r"|#\d{1,4}\s+(?:0x[0-9a-f]+\s|/|[A-Z]:\\|[\w\\]+(?:->|::)|\{main\})"  # C, PHP
    r"|from\s+\S{1,300}:\d+:in\s"  # Ruby
    r"|goroutine\s\d+\s\[|\S{1,300}\.go:\d+(?:\s\+0x[0-9a-f]+)?\s*$"
    r"|[\w./*()-]{2,160}\((?:0x[0-9a-f]+|\.\.\.|\{0x)[^()]{0,200}\)\s*$"
    r"|\[?0x[0-9a-f]{6,16}\]?\s.{0,200}\+0x[0-9a-f]+"  # native
    r"|[\w.$-]{1,80}!\S{1,200}\+0x[0-9a-f]+"
    r"|[\w-]{1,60}\.(?:dll|exe|so)\s*\+\s*0x[0-9a-f]+"
    r"|\d+\s+\S{1,80}\s+0x[0-9a-f]{8,16}\s"  # macOS
    r"|\d{1,4}:\s+(?:0x[0-9a-f]+\s-\s)?[\w<>]+(?:::[\w<>{}$]+)+|\d{1,4}:\s+rust_\w+"
    r"|at\s/\S{1,300}:\d+(?::\d+)?\s*$"  # Rust
    r"|(?:fault offset|faulting process id|faulting application (?:start time|path)"
    r"|faulting module (?:path|version)"  # WER
    r"|report id|faulting package|p\d{1,2}|wersignature|bucket id|fault bucket)\b[^\n]{0,20}:"
    r"|Suppressed:\s*$|Local variables|--- End of (?:inner exception )?stack trace)",
    re.IGNORECASE,
)
_TIME = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|[A-Z][a-z]{2}\s{1,2}\d{1,2}|\d{2}:\d{2}:\d{2})"
)
_LOG_LINE = re.compile(
    rf"^\s{{0,8}}[\[(<]{{0,2}}{_TIME}[T ,|]{{0,3}}(?:\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:[.,]\d{{1,9}})?)?(?:Z"
    rf"|\s?[+-]\d{{2}}:?\d{{2}})?[\])>]{{0,2}}"
)
_ROUTINE = re.compile(r"\b(?:INFO|DEBUG|TRACE|VERBOSE|NOTICE|info|debug|trace|verbose)\b")
_TELLING = re.compile(
    r"error|exception|fail|fatal|denied|refused|timed? ?out|cannot|could not|unable|not found|invalid|critical"
    r"|caused by"
    r"|panic|abort|crash|unreachable|corrupt|missing|expired|rejected|грешк|неуспеш|отказан|изключение|fehler"
    r"|erreur|errore"
    r"|ошибк|eroare|fout\b|0x[0-9a-f]{4,}|\b[A-Z]{2,10}-\d{3,}|\b(?:WARN|ERR)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d+|0x[0-9a-fA-F]+")
_FEWEST_FRAMES = 2
_FEWEST_LOG_LINES = 4
_MOST_TELLING = 8
_LONGEST_LINE = 2_000


def without_frames(text: str) -> str:
    """The text with its stack traces reduced to exceptions, its logs to the lines that tell of a failure.

    Fewer than a handful of log lines stay as they are.
    """
    if "\n" not in text:
        return text
    lines = text.split("\n")
    frames = [bool(len(line) <= _LONGEST_LINE and line.strip() and _FRAME.match(line)) for line in lines]
    if sum(frames) >= _FEWEST_FRAMES:
        lines = _off(lines, frames)
    logged = [bool(_LOG_LINE.match(line)) for line in lines]
    if sum(logged) >= _FEWEST_LOG_LINES:
        lines = _logs(lines, logged)
    return "\n".join(lines)


def _off(lines: list[str], frames: list[bool]) -> list[str]:
    """Without frames, nor the source line that Python shows below each."""
    kept: list[str] = []
    for at, line in enumerate(lines):
        shown = at > 0 and frames[at - 1] and lines[at - 1].lstrip().startswith('File "') and line.startswith("    ")
        if not frames[at] and not shown:
            kept.append(line)
    return kept


def _logs(lines: list[str], logged: list[bool]) -> list[str]:
    """Of log lines those that tell of a failure, without their times, each kind once; the first ones if none does."""
    telling = [at for at, is_log in enumerate(logged) if is_log and _TELLING.search(lines[at])]
    failing = [at for at in telling if not _ROUTINE.search(lines[at][:120])] or telling
    wanted = set(failing or [at for at, is_log in enumerate(logged) if is_log][:_MOST_TELLING])
    kept: list[str] = []
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if not logged[at]:
            kept.append(line)
        elif at in wanted:
            said = _LOG_LINE.sub("", line).strip(" \t-|:")
            kind = _NUMBERS.sub("#", said)
            if kind not in seen and len(seen) < _MOST_TELLING:
                seen.add(kind)
                kept.append(said)
    return kept
