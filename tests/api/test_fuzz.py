"""Generated requests: no answer is a server's error, and every answer is what the OpenAPI document says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unicodedata import category

import pytest
import schemathesis
from examples import examples
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from starlette.testclient import TestClient

from api.calls import put_article, write_back
from api.conftest import calling
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.gate import GateRules
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.model import Role, TenantId
from scripts.harness.hashing import HashingEmbedder

APPLICATION = create_app(Service(), GateRules(requests_per_minute=1_000_000, wrong_keys=1_000_000))
# The two imports take NDJSON, for which schemathesis makes no bodies; they are fuzzed below.
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APPLICATION).exclude(path_regex="^/v1/import/")

KEYS: dict[Role, str] = {}


def fuzzing(usual: int) -> settings:
    return settings(
        max_examples=examples(usual),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def no_server_error(_: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """503 is the right answer to a revision that is still to come, and to nothing else here."""
    if response.status_code == 503 and "min_revision" in {**_mapping(case.body), **_mapping(case.query)}:
        assert int(response.headers["retry-after"][0]) >= 1
        assert "revision" in response.json()["detail"]
    else:
        assert response.status_code < 500, response.text


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


CHECKED = [
    no_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
            "negative_data_rejection",
        ]
    ),
]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The application over a knowledge base that holds a little and stays the same one for all requests."""
    knowledge = embedded(tmp_path_factory.mktemp("fuzz"), lambda model: HashingEmbedder())
    APPLICATION.state.service = Service(knowledge)
    with calling(APPLICATION) as client:
        put_article(client, "0", "Zero", "Add one.")
        write_back(client, "0", "Zero again", "Added one to it and wrote it down.")
    keys = Keys(knowledge.store)
    KEYS.update({role: keys.create(role, role, (TenantId("default"),))[1] for role in Role})
    yield APPLICATION
    knowledge.close()


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    with calling(application) as opened:
        opened.headers["Authorization"] = f"Bearer {KEYS[Role.ADMIN]}"
        yield opened


@SCHEMA.parametrize()
@fuzzing(25)
def test_operation(case: schemathesis.Case, application: FastAPI) -> None:
    case.call_and_validate(checks=CHECKED, headers={"Authorization": f"Bearer {KEYS[Role.ADMIN]}"})


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
@SCHEMA.parametrize()
@fuzzing(5)
def test_operation_as_every_other_role(case: schemathesis.Case, application: FastAPI, role: Role) -> None:
    case.call_and_validate(checks=CHECKED, headers={"Authorization": f"Bearer {KEYS[role]}"})


@SCHEMA.parametrize()
@fuzzing(3)
def test_operation_as_nobody(case: schemathesis.Case, application: FastAPI) -> None:
    response = case.call_and_validate(checks=CHECKED)
    assert response.status_code in (401, 405) or case.path in ("/healthz", "/readyz")


TEXTS = st.text(max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(TEXTS, children, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["id", "subject", "ticket", "resolution", "title", "state", "level", "issue", "created_at"])
TICKETS = st.fixed_dictionaries(
    {
        "ticket": st.fixed_dictionaries({"id": st.text("abc/ä", min_size=1), "subject": TEXTS}),
        "resolution": TEXTS,
    },
    optional={
        "resolved_at": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
        "cause": TEXTS,
    },
)
ARTICLES = st.fixed_dictionaries(
    {"id": st.text("abc/ä", min_size=1), "title": TEXTS, "resolution": TEXTS},
    optional={"issue": st.lists(TEXTS, max_size=3), "state": st.sampled_from(["wip", "validated", "archived"])},
)
LINES = st.lists(
    st.one_of(
        TICKETS.map(json.dumps).map(str.encode),
        ARTICLES.map(json.dumps).map(str.encode),
        st.dictionaries(NAMES, VALUES, max_size=4).map(json.dumps).map(str.encode),
        VALUES.map(json.dumps).map(str.encode),
        st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")),
    ),
    max_size=6,
)


@given(kind=st.sampled_from(["tickets", "articles"]), lines=LINES, end=st.sampled_from([b"\n", b"\r\n"]))
@fuzzing(60)
def test_import_counts_every_line(client: TestClient, kind: str, lines: list[bytes], end: bytes) -> None:
    response = client.post(f"/v1/import/{kind}", content=end.join(lines))
    assert response.status_code == 200
    answer = response.json()
    if b"".join(lines).lstrip().startswith(b"["):
        return  # a JSON array is read as one, however many lines it fills
    filled = [number for number, line in enumerate(lines, start=1) if line.strip()]
    assert answer["accepted"] + answer["rejected"] == len(filled)
    named = [error["line"] for error in answer["errors"]]
    assert len(named) == answer["rejected"]
    assert named == sorted(set(named) & set(filled))


@given(q=st.text(min_size=1, max_size=60), limit=st.integers(1, 50))
@fuzzing(60)
def test_any_query_is_answered(client: TestClient, q: str, limit: int) -> None:
    response = client.get("/v1/search", params={"q": q, "limit": limit})
    blank = not "".join(character for character in q if category(character) != "Cc").strip()
    assert response.status_code == (422 if blank else 200)
    assert blank or len(response.json()["hits"]) <= limit


@given(
    name=st.sampled_from(["KBSearch-Tenant", "Idempotency-Key", "If-Match", "Content-Type", "Accept"]),
    value=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30),
)
@fuzzing(40)
def test_any_header_is_answered(client: TestClient, name: str, value: str) -> None:
    headers = {name: value.encode("latin-1")}
    for method, path in (("POST", "/v1/articles"), ("PUT", "/v1/articles/0"), ("DELETE", "/v1/articles/none")):
        body = b"" if method == "DELETE" else b'{"title": "Zero", "resolution": "Add one."}'
        response = client.request(method, path, content=body, headers={"Content-Type": "application/json", **headers})
        assert response.status_code < 500
