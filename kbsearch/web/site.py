"""Templates, words and files of the pages, made once for an application."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    """Renders templates in each language."""

    def __init__(self) -> None:
        self.words: Mapping[str, Words] = {code: Words(code) for code in LANGUAGES}
        self._versions = {
            path.relative_to(STATIC).as_posix(): hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
            for path in STATIC.rglob("*")
            if path.is_file()
        }
        self._environments = {code: self._environment(words) for code, words in self.words.items()}

    def render(self, template: str, language: str, facts: Mapping[str, object]) -> str:
        return self._environments[language].get_template(template).render(facts)

    def asset(self, name: str) -> str:
        """The address of a file, which changes with its content, so that browsers may keep it for ever."""
        return f"/static/{name}?v={self._versions[name]}"

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


def static_files() -> ASGIApp:
    """Scripts, styles and pictures, compressed. Pages are not: they hold a token beside text that others may choose."""
    return GZipMiddleware(_Versioned(directory=STATIC), minimum_size=_SMALLEST_COMPRESSED)


class _Versioned(StaticFiles):
    """Files whose address names their content are kept by browsers; others are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = scope.get("query_string", b"").startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response


def _shown(value: object) -> object:
    """Every text that a template shows: nothing in it turns the text around it."""
    return with_visible_overrides(value) if type(value) is str else value
