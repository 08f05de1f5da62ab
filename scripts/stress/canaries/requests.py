"""Random requests, made from the served OpenAPI document: whatever it comes to list is asked without a word here."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from scripts.harness.invented import problem
from scripts.stress.canaries.marks import NOBODY, SHARED, Marks

Json = dict[str, Any]

TOPICS = 24
"""All tenants write and ask about the same problems, so that what is not kept apart is found."""

_LINES = {"/v1/import/tickets": "WriteBackIn", "/v1/import/articles": "ArticleIn"}
_ID_KINDS = {"into": "article", "article": "article", "other": "article"}
_FIX_FIELDS = frozenset({"resolution", "cause"})
_QUESTIONS = frozenset({"q", "subject"})
_LABEL = 200  # a text of no more characters is a name or a label


@dataclass(frozen=True)
class Asked:
    """A request without its credential. ``ids`` are those that it names, by kind."""

    operation: str
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    ids: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """All that is sent."""
        head = (self.path, *self.query.values(), *self.headers.values())
        return "\n".join([*head, (self.content or b"").decode(errors="replace")])


@dataclass
class Known:
    """Ids and the like that answers told, by tenant. What belongs together is kept for the operation that needs it."""

    ids: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    together: dict[tuple[str, str], list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    cursors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    once: list[str] = field(default_factory=list)
    replayable: list[Asked] = field(default_factory=list)

    def note(self, tenant: str, kind: str, id: str) -> None:
        if id not in self.ids[tenant, kind][-200:]:
            self.ids[tenant, kind].append(id)

    def others(self, tenant: str, kind: str) -> list[str]:
        """The newest ids of other tenants than this one and ``shared``."""
        found: list[str] = []
        for (whose, one), ids in self.ids.items():
            if one == kind and whose not in (tenant, SHARED):
                found += ids[-100:]
        return found


class Requests:
    """Makes requests of the document's operations as a tenant would, or with ids of others, or broken."""

    def __init__(self, document: Json, marks: Marks, known: Known) -> None:
        self._document = document
        self._marks = marks
        self._known = known
        self._number = 0
        self.operations = [f"{method.upper()} {path}" for path, found in document["paths"].items() for method in found]

    def new_id(self, tenant: str) -> str:
        self._number += 1
        return self._marks.id(tenant, self._number)

    def make(
        self,
        operation: str,
        tenant: str,
        chance: random.Random,
        id: Callable[[str], str] | None = None,
        whole: bool = False,
    ) -> Asked:
        """A request of an operation, with the tenant's own words in every text.

        Args:
            operation: method and path as the document has them.
            tenant: whose words it holds.
            chance: where all that is random comes from.
            id: chooses an id of a kind; None mixes own ids, others' and such as do not exist.
            whole: no field is left out.
        """
        return _Making(
            self._document, self._marks, self._known, operation, tenant, chance, id, whole, self.new_id
        ).made()

    def broken(self, asked: Asked, tenant: str, chance: random.Random) -> Asked:
        """The same with a body that cannot be used."""
        body = asked.content or b"{}"
        word = self._marks.word(tenant, "broken")
        bodies = [
            body[: len(body) // 2],
            body.replace(b': "', b': ["' + word.encode(), 1),
            body.replace(b"{", b'{"colour": "' + word.encode() + b'", ', 1),
            b"\xff" + body,
            b"",
            json.dumps([word]).encode(),
            json.dumps(word * 60).encode(),
            b'{"ticket": ' * 300,
        ]
        kinds = ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", word]
        headers = {**asked.headers, "Content-Type": chance.choice(kinds)}
        return replace(asked, content=chance.choice(bodies), headers=headers)

    def stray(self, tenant: str, chance: random.Random) -> Asked:
        """A page, a file, an address that is none, a method that an address does not take."""
        word, id = self._marks.word(tenant, "q"), self.new_id(NOBODY)
        paths = [
            "/", "/docs", "/redoc", "/static/pages.js", "/static/panel.js", "/static/../../data/kbsearch.sqlite3",
            "/static/%2e%2e/%2e%2e/kbsearch.sqlite3", f"/{id}", f"/v1/{id}", "/v1/articles/", "/v1/tickets",
            "/v1/suggestions", f"/v1/suggestions/{id}", "/v1/keys", "/v1/jobs", "/static/", "/static-offline-docs/",
        ]  # fmt: skip
        if chance.random() < 0.5:
            return Asked("pages, files, other addresses", "GET", chance.choice(paths), {"q": word})
        path = chance.choice(list(self._document["paths"]))
        own = self._known.ids[tenant, "ticket"] or [id]
        for name in ("ticket_id", "article_id", "suggestion_id", "flag_id", "job_id"):
            path = path.replace(f"{{{name}}}", chance.choice(own))
        return Asked("other methods", chance.choice(["HEAD", "OPTIONS", "TRACE", "POST", "DELETE", "PATCH"]), path)


class _Making:
    """One request in the making."""

    def __init__(
        self,
        document: Json,
        marks: Marks,
        known: Known,
        operation: str,
        tenant: str,
        chance: random.Random,
        id: Callable[[str], str] | None,
        whole: bool,
        new_id: Callable[[str], str],
    ) -> None:
        self._schemas = document["components"]["schemas"]
        self._marks, self._known, self._tenant, self._chance = marks, known, tenant, chance
        self._operation, self._whole, self._new_id, self._id = operation, whole, new_id, id or self._any_id
        self._method, self._path = operation.split()
        self._described = document["paths"][self._path][self._method.lower()]
        self._topic = problem(chance.randrange(TOPICS))
        self._ids: list[tuple[str, str]] = []
        together = known.together[tenant, operation]
        self._preset = chance.choice(together[-50:]) if together and id is None and chance.random() < 0.7 else {}

    def made(self) -> Asked:
        path, query, headers = self._path, dict[str, str](), dict[str, str]()
        for parameter in self._described.get("parameters", []):
            name, place = parameter["name"], parameter["in"]
            if place == "path":
                path = path.replace(f"{{{name}}}", quote(str(self._value(name, parameter["schema"])), safe=""))
            elif place == "query" and (parameter["required"] or self._chance.random() < 0.4):
                if (value := self._value(name, parameter["schema"])) is not None:
                    query[name] = str(value).lower() if isinstance(value, bool) else str(value)
            elif place == "header" and name == "Idempotency-Key" and self._chance.random() < 0.3:
                headers[name] = self._once()
            elif place == "header" and name == "If-Match" and self._chance.random() < 0.3:
                headers[name] = self._chance.choice(["*", '"1"', *self._known.tags[-20:]])
        content = self._content(headers)
        return Asked(self._operation, self._method, path, query, headers, content, tuple(self._ids))

    def _content(self, headers: dict[str, str]) -> bytes | None:
        for kind, content in self._described.get("requestBody", {}).get("content", {}).items():
            headers["Content-Type"] = kind
            if kind == "application/json":
                return json.dumps(self._value("body", content["schema"])).encode()
            schema = {"$ref": f"#/components/schemas/{_LINES[self._path]}"}
            lines: list[bytes] = []
            for _ in range(self._chance.randint(1, 4)):
                line = self._value("body", schema)
                of = line.get("ticket", line)
                of["id"] = of.get("id") or self._id_of("article" if of is line else "ticket")
                lines.append(json.dumps(line).encode())
            return b"\n".join(lines)
        return None

    def _value(self, name: str, schema: Json, whose: str = "") -> Any:
        chance = self._chance
        if "$ref" in schema:
            whose = schema["$ref"].rpartition("/")[2]
            schema = self._schemas[whose]
        if "anyOf" in schema:
            options = [one for one in schema["anyOf"] if one.get("type") != "null"]
            return None if chance.random() < 0.1 and not self._whole else self._value(name, options[0], whose)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        kind = schema.get("type", "string")
        if kind == "object":
            needed = schema.get("required", [])
            names = [
                one for one in schema.get("properties", {}) if one in needed or self._whole or chance.random() < 0.6
            ]
            return {one: self._value(one, schema["properties"][one], whose) for one in names}
        if kind == "array":
            return [self._value(name, schema["items"], whose) for _ in range(chance.randint(1, 3))]
        if kind == "boolean":
            return chance.random() < 0.5
        if kind == "integer":
            return self._integer(name, schema)
        return self._string(name, schema, whose)

    def _integer(self, name: str, schema: Json) -> int | None:
        if name == "min_revision":
            return None if self._whole or self._chance.random() < 0.8 else self._chance.choice([0, 1, 10**9])
        most = min(int(schema.get("maximum", 50)), 500)
        return self._chance.randint(int(schema.get("minimum", 0)), most)

    def _string(self, name: str, schema: Json, whose: str) -> str | None:
        chance = self._chance
        if name == "id" or name.endswith("_id") or name in _ID_KINDS:
            kind = _ID_KINDS.get(name, name.removesuffix("_id"))
            if kind == "id":
                kind = "ticket" if whose == "TicketIn" else "article"
            return self._id_of(kind, name)
        if schema.get("format") == "date-time":
            return f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}T{chance.randint(0, 23):02d}:00:00Z"
        if name == "language":
            return chance.choice(["en", "en", "bg", "de"])
        if name == "cursor":
            return chance.choice([*self._known.cursors[-30:], "W10"])
        if name == "model":
            return None
        if name == "action":
            return chance.choice(["article.put", "ticket.resolved", "ticket.erased", "key.created"])
        return self._text(name, int(schema.get("maxLength", _LABEL + 1)))

    def _text(self, name: str, longest: int) -> str:
        word = self._marks.word(self._tenant, name)
        if longest <= _LABEL:
            return word
        if name in _QUESTIONS and not self._whole and self._chance.random() < 0.5:
            asked = self._topic.name if self._chance.random() < 0.3 else self._topic.issue
            return f'"{asked}"' if self._chance.random() < 0.2 else asked
        return f"{self._topic.fix if name in _FIX_FIELDS else self._topic.issue} {word}"

    def _id_of(self, kind: str, name: str = "") -> str:
        id = self._preset.get(name) or self._id(kind)
        self._ids.append((kind, id))
        return id

    def _any_id(self, kind: str) -> str:
        if kind == "solution":
            kind = self._chance.choice(["solution", "article"])
        own, others = self._known.ids[self._tenant, kind], self._known.others(self._tenant, kind)
        shared = self._known.ids[SHARED, kind]
        drawn = self._chance.random()
        if drawn < 0.5 and own:
            return self._chance.choice(own[-100:])
        if drawn < 0.6 and shared:
            return self._chance.choice(shared[-50:])
        if drawn < 0.75 and others:
            return self._chance.choice(others)
        return self._new_id(NOBODY if drawn < 0.85 else self._tenant)

    def _once(self) -> str:
        if self._known.once and self._chance.random() < 0.5:
            return self._chance.choice(self._known.once[-100:])
        key = f"once-{self._chance.getrandbits(48):x}"
        self._known.once.append(key)
        return key
