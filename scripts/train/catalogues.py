"""English strings and their translations from the catalogues in Debian's packages of desktop software.

Gettext's ``.mo`` files, Mozilla's language packs (Fluent and properties files) and Roundcube's PHP
labels. A package is fetched with ``apt-get download`` and never installed.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polib

from scripts.train.languages import Language


@dataclass(frozen=True, slots=True)
class Pair:
    """An English text, the same in another language, and where it is from."""

    english: str
    other: str
    source: str


@dataclass(frozen=True, slots=True)
class Package:
    """A Debian package that was read, for the manifest."""

    name: str
    version: str
    sha256: str
    licence: str
    pairs: int


# Mozilla's language packs hold only the translation: English is in the program's own archive.
_LANGUAGE_PACK = re.compile(r"(thunderbird|firefox-esr)-l10n-.+")


def download(names: list[str], folder: Path) -> None:
    """Fetch the packages that are not there yet; each is checked by apt against the archive's signature."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = dict.fromkeys([*names, *filter(None, map(_english_of, names))])
    missing = [name for name in wanted if not _file(folder, name)]
    if missing:
        subprocess.run(["apt-get", "download", *missing], cwd=folder, check=True)


def read_packages(
    names: list[str], folder: Path, languages: Sequence[Language]
) -> Iterator[tuple[Language, Package, list[Pair]]]:
    """The translations in some packages, a language's repeats left out, and what is to be noted of each package.

    A package is read once for all languages.
    """
    seen: dict[Language, set[tuple[str, str]]] = {language: set() for language in languages}
    for name in sorted(names):
        files = _files(_downloaded(folder, name), languages)
        package = _described(_downloaded(folder, name), files)
        english = _files(found, languages) if (found := _file(folder, _english_of(name))) else {}
        for language in languages:
            pairs: list[Pair] = []
            for one, other in _translations(files, english, language):
                pair = plain(one), plain(other)
                if pair not in seen[language] and _is_translation(*pair, language):
                    seen[language].add(pair)
                    pairs.append(Pair(*pair, name))
            if pairs:
                yield language, replace(package, pairs=len(pairs)), pairs


def describe(folder: Path, name: str, pairs: int) -> Package:
    """A package for the manifest: its version and licences as it names them itself."""
    path = _downloaded(folder, name)
    return replace(_described(path, _files(path, ())), pairs=pairs)


def one_file(folder: Path, name: str, inner: str) -> bytes:
    """A file of a package."""
    with tarfile.open(fileobj=io.BytesIO(_contents(_downloaded(folder, name)))) as archive:
        opened = archive.extractfile(f"./{inner}")
        assert opened is not None
        return opened.read()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


_PLACEHOLDER = re.compile(r"%\d*\$?[-+ #0]*\d*(?:\.\d+)?(?:l|ll|h|z|j|t)?[a-zA-Z@%]|%\d+|\{[^{}]*\}|\$\{?\w+\}?|\\[nt]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MNEMONIC = re.compile(r"\(_?&?[A-Za-zА-Яа-я]\)$|[&_~](?=\w)")


def plain(text: str) -> str:
    """A catalogue's string as a person reads it: no mark-up, placeholders, mnemonics or line breaks."""
    text = html.unescape(_TAG.sub(" ", text))
    text = _PLACEHOLDER.sub(" ", text)
    if "_" not in text.strip("_") or " " in text:
        text = _MNEMONIC.sub("", text)
    return re.sub(r"\s+", " ", text).strip(" :.…|*#-").strip()


def _file(folder: Path, name: str) -> Path | None:
    return next(iter(sorted(folder.glob(f"{name}_*.deb"))), None) if name else None


def _english_of(name: str) -> str:
    """The package with the English of a language pack of Mozilla's; empty for any other package."""
    found = _LANGUAGE_PACK.fullmatch(name)
    return found[1] if found else ""


def _is_translation(english: str, other: str, language: Language) -> bool:
    return english != other and bool(language.letter.search(other)) and bool(re.search("[A-Za-z]", english))


def _described(path: Path, files: dict[str, bytes]) -> Package:
    name, version, _ = path.name.split("_")
    return Package(name, version.replace("%3a", ":"), sha256(path), _licence(files), 0)


def _files(package: Path, languages: Sequence[Language]) -> dict[str, bytes]:
    """The files of a package that may hold translations, and its licence."""
    locale = "|".join(language.locale for language in languages) or "-"
    pack = "|".join(language.mozilla for language in languages) or "-"
    wanted = re.compile(
        rf"(/({locale})/LC_MESSAGES/.*\.mo|[-_/]({locale})\.mo|/({locale})/.*\.mo"
        rf"|langpack-({pack})@.*\.xpi|omni\.ja"
        rf"|/({locale}|en_US)/.*\.inc|/copyright)$"
    )
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(_contents(package))) as archive:
        for member in archive:
            if member.isfile() and wanted.search(member.name) and (opened := archive.extractfile(member)):
                files[member.name] = opened.read()
    return files


def _downloaded(folder: Path, name: str) -> Path:
    path = _file(folder, name)
    if path is None:
        raise FileNotFoundError(f"{name}: not downloaded")
    return path


def _contents(package: Path) -> bytes:
    return subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True).stdout


def _licence(files: dict[str, bytes]) -> str:
    """The licences that Debian's copyright file names, the first few."""
    text = next(
        (content.decode(errors="replace") for name, content in files.items() if name.endswith("/copyright")), ""
    )
    named = re.findall(r"^License:\s*(\S.*)$", text, re.MULTILINE)
    if not named:
        named = re.findall(r"/usr/share/common-licenses/([\w.+-]*\w)", text)
    return ", ".join(list(dict.fromkeys(one.strip() for one in named))[:6]) or "see its copyright file"


def _translations(files: dict[str, bytes], english: dict[str, bytes], language: Language) -> Iterator[tuple[str, str]]:
    here = re.compile(rf"[-_/]({language.locale})(?=/|\.mo$)")
    for name, content in files.items():
        if name.endswith(".mo") and here.search(name):
            yield from _gettext(content)
        elif name.endswith(".inc") and here.search(name):
            counterpart = files.get(here.sub("/en_US", name))
            if counterpart:
                yield from _matched(_labels(counterpart), _labels(content))
        elif name.endswith(".xpi") and f"langpack-{language.mozilla}@" in name:
            yield from _matched(_mozilla(english), _mozilla({name: content}))


def _gettext(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        catalogue = polib.mofile(content)  # pyright: ignore[reportArgumentType]
    except (OSError, ValueError, UnicodeDecodeError):
        return
    for entry in catalogue:
        if entry.msgid_plural and entry.msgstr_plural:
            yield entry.msgid, entry.msgstr_plural.get(0, "")
            yield entry.msgid_plural, entry.msgstr_plural.get(1, "")
        elif entry.msgid and entry.msgstr:
            yield entry.msgid, entry.msgstr


def _labels(content: bytes) -> dict[str, str]:
    found = re.findall(r"\$\w+\['(\w+)'\]\s*=\s*(['\"])(.*?)\2;", content.decode(errors="replace"))
    return {key: value for key, _, value in found}


def _mozilla(files: dict[str, bytes]) -> dict[str, str]:
    """Keyed by file and message: Fluent (with its attributes) and properties files of Mozilla's archives."""
    strings: dict[str, str] = {}
    for name, content in files.items():
        if not name.endswith((".xpi", ".ja")):
            continue
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                path = PurePosixPath(inner)
                if path.suffix in (".ftl", ".properties"):
                    text = archive.read(inner).decode(errors="replace")
                    read = _fluent(text) if path.suffix == ".ftl" else _properties(text)
                    for key, value in read.items():
                        strings[f"{path.name}:{key}"] = value
    return strings


def _fluent(text: str) -> dict[str, str]:
    strings: dict[str, str] = {}
    message = key = ""
    for line in text.splitlines():
        if found := re.match(r"(-?[A-Za-z][\w-]*)\s*=\s*(.*)", line):
            message = key = found[1]
            strings[key] = found[2]
        elif found := re.match(r"\s+\.([\w-]+)\s*=\s*(.*)", line):
            key = f"{message}.{found[1]}"
            strings[key] = found[2]
        elif line.startswith((" ", "\t")) and key:
            strings[key] += f" {line.strip()}"
        else:
            key = ""
    # Variants ({ $n -> [one] ... }) are not worth a parser.
    return {key: value for key, value in strings.items() if "->" not in value and not key.endswith(("key", "style"))}


def _properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)\s*=\s*(.*\S)\s*$", text, re.MULTILINE))


def _matched(english: dict[str, str], other: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in other.items():
        if value and (one := english.get(key)):
            yield one, value
