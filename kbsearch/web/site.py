"""Templates, words and files of the pages, made once for an application."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from kbsearch.web.controls import with_visible_overrides
from kbsearch.web.words import LANGUAGES, Words

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"

_SMALLEST_COMPRESSED = 500  # bytes


class Site:
    """Renders templates in each language. ``panel_origins`` may show the side panel in their pages."""

    def __init__(self, panel_origins: Sequence[str] = ()) -> None:
        self.panel_origins = tuple(panel_origins)
        self.words: Mapping[str, Words] = {code: Words(code) for code in LANGUAGES}
        self._version = _version_of(STATIC)
        self._environments = {code: self._environment(words) for code, words in self.words.items()}

    def render(self, template: str, language: str, facts: Mapping[str, object]) -> str:
        return self._environments[language].get_template(template).render(facts)

    def asset(self, name: str) -> str:
        """The address of a file, which changes with the content of the folder, so that browsers may keep it for ever.

        Scripts import each other by relative addresses, so the version is part of the path.
        """
        return f"/static/{self._version}/{name}"

    def static_files(self) -> ASGIApp:
        """Scripts, styles and pictures, compressed. Pages are not: they hold a token beside text that others may
        choose.
        """
        return GZipMiddleware(_Versioned(self._version), minimum_size=_SMALLEST_COMPRESSED)

    def _environment(self, words: Words) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(words.catalogue, newstyle=True)  # pyright: ignore
        environment.globals.update(words=words, asset=self.asset, languages=LANGUAGES)  # pyright: ignore
        return environment


class _Versioned(StaticFiles):
    """Browsers keep files under the address of this version. A page of another version gets the files of this one."""

    def __init__(self, version: str) -> None:
        super().__init__(directory=STATIC)
        self._version = version

    async def get_response(self, path: str, scope: Scope) -> Response:
        version, _, name = path.partition("/")
        response = await super().get_response(name, scope)
        kept = version == self._version and response.status_code == HTTPStatus.OK
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


def _version_of(folder: Path) -> str:
    """A digest of all files of a folder."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _shown(value: object) -> object:
    """Every text that a template shows: nothing in it turns the text around it."""
    return with_visible_overrides(value) if type(value) is str else value
