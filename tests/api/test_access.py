"""Every endpoint, for every role, for every tenant: against a table that is written here once more, by hand."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.conftest import calling
from kbsearch.access.keys import Keys
from kbsearch.api.app import create_app
from kbsearch.api.service import Service
from kbsearch.bootstrap import embedded
from kbsearch.knowledge import KnowledgeBase
from kbsearch.model import SHARED, Role, Scope, TenantId
from scripts.harness.hashing import HashingEmbedder

ACME, GLOBEX = TenantId("acme"), TenantId("globex")

# endpoint: (who may, who of them may for the tenant "shared"). From the HTTP contract, not from the code.
EXPECTED = {
    "POST /v1/suggest": ("agent engineer lead admin system", "agent engineer lead admin system"),
    "GET /v1/search": ("agent engineer lead admin", "agent engineer lead admin"),
    "POST /v1/suggestions/{suggestion_id}/feedback": (
        "agent engineer lead admin system", "agent engineer lead admin system"
    ),
    "POST /v1/panel-sessions": ("agent engineer lead admin system", "agent engineer lead admin system"),
    "PUT /v1/tickets/{ticket_id}/resolution": ("engineer lead admin system", "lead admin"),
    "POST /v1/tickets/{ticket_id}/reopen": ("engineer lead admin system", "lead admin"),
    "POST /v1/tickets/{ticket_id}/unlink": ("lead admin", "lead admin"),
    "POST /v1/tickets/{ticket_id}/link": ("lead admin", "lead admin"),
    "GET /v1/tickets": ("engineer lead admin", "engineer lead admin"),
    "GET /v1/tickets/{ticket_id}": ("agent engineer lead admin system", "agent engineer lead admin system"),
    "DELETE /v1/tickets/{ticket_id}": ("lead admin", "lead admin"),
    "GET /v1/articles": ("agent engineer lead admin", "agent engineer lead admin"),
    "POST /v1/articles": ("engineer lead admin", "lead admin"),
    "GET /v1/articles/flags": ("engineer lead admin", "engineer lead admin"),
    "POST /v1/articles/flags/{flag_id}/resolve": ("lead admin", "lead admin"),
    "GET /v1/articles/{article_id}": ("agent engineer lead admin", "agent engineer lead admin"),
    "PUT /v1/articles/{article_id}": ("engineer lead admin", "lead admin"),
    "PATCH /v1/articles/{article_id}": ("engineer lead admin", "lead admin"),
    "DELETE /v1/articles/{article_id}": ("engineer lead admin", "lead admin"),
    "POST /v1/articles/draft": ("engineer lead admin", "lead admin"),
    "POST /v1/articles/{article_id}/merge": ("lead admin", "lead admin"),
    "POST /v1/articles/{article_id}/unmerge": ("lead admin", "lead admin"),
    "POST /v1/articles/{article_id}/share": ("lead admin", "lead admin"),
    "POST /v1/articles/{article_id}/flags": ("agent engineer lead admin", "agent engineer lead admin"),
    "GET /v1/articles/{article_id}/versions": ("engineer lead admin", "engineer lead admin"),
    "GET /v1/merge-proposals": ("lead admin", "lead admin"),
    "DELETE /v1/merge-proposals": ("lead admin", "lead admin"),
    "POST /v1/import/tickets": ("engineer lead admin", "lead admin"),
    "POST /v1/import/articles": ("engineer lead admin", "lead admin"),
    "GET /v1/desk": ("lead admin", "lead admin"),
    "GET /v1/desk/tickets": ("lead admin", "lead admin"),
    "GET /v1/desk/tickets/export": ("lead admin", "lead admin"),
    "GET /v1/desk/escalations": ("lead admin", "lead admin"),
    "GET /v1/desk/gaps": ("lead admin", "lead admin"),
    "GET /v1/desk/outbreaks": ("lead admin", "lead admin"),
    "GET /v1/desk/review": ("lead admin", "lead admin"),
    "GET /v1/desk/review/{reason}": ("lead admin", "lead admin"),
    "GET /v1/words": ("lead admin", "lead admin"),
    "PUT /v1/words/{word}": ("lead admin", "lead admin"),
    "DELETE /v1/words/{word}": ("lead admin", "lead admin"),
    "GET /v1/redaction": ("admin", "admin"),
    "PUT /v1/redaction": ("admin", "admin"),
    "POST /v1/reindex": ("admin", "admin"),
    "GET /v1/jobs/{job_id}": ("admin", "admin"),
    "DELETE /v1/jobs/{job_id}": ("admin", "admin"),
    "GET /v1/audit": ("admin", "admin"),
    "GET /metrics": ("admin monitor", "admin monitor"),
}  # fmt: skip
OF_THE_WHOLE_SERVICE = {
    "POST /v1/reindex", "GET /v1/jobs/{job_id}", "DELETE /v1/jobs/{job_id}", "GET /v1/audit", "GET /metrics",
    "GET /v1/desk", "GET /v1/desk/tickets", "GET /v1/desk/tickets/export", "GET /v1/desk/escalations",
    "GET /v1/desk/gaps", "GET /v1/desk/outbreaks",
}  # fmt: skip
INTO_SHARED = {"POST /v1/articles/{article_id}/share"}
CHANGING = {
    "POST /v1/panel-sessions",
    "POST /v1/suggestions/{suggestion_id}/feedback", "PUT /v1/tickets/{ticket_id}/resolution",
    "POST /v1/tickets/{ticket_id}/reopen", "DELETE /v1/tickets/{ticket_id}", "POST /v1/articles",
    "PUT /v1/articles/{article_id}", "PATCH /v1/articles/{article_id}", "DELETE /v1/articles/{article_id}",
    "POST /v1/articles/{article_id}/flags", "POST /v1/articles/flags/{flag_id}/resolve",
    "POST /v1/import/tickets", "POST /v1/import/articles", "POST /v1/reindex",
    "DELETE /v1/jobs/{job_id}", "POST /v1/articles/draft", "POST /v1/articles/{article_id}/merge",
    "POST /v1/articles/{article_id}/unmerge", "POST /v1/tickets/{ticket_id}/unlink",
    "POST /v1/tickets/{ticket_id}/link", "DELETE /v1/merge-proposals", "PUT /v1/redaction",
    "PUT /v1/words/{word}", "DELETE /v1/words/{word}",
    "POST /v1/articles/{article_id}/share",
}  # fmt: skip
OPEN_TO_ALL = {"GET /healthz", "GET /readyz"}
SIGNED = {"POST /v1/hooks/{source}"}  # no key, but the signature of the ticket system: tests/api/test_hooks.py

TICKET = {"ticket": {"subject": "Fax shows E12"}, "resolution": "Pulled the lever at the back of the fax."}
ARTICLE = {"title": "Fax shows E12", "resolution": "Pull the lever at the back of the fax."}


@dataclass
class Desk:
    """A server with keys of every role for each set of tenants, and things to ask for."""

    client: TestClient
    knowledge: KnowledgeBase
    keys: Keys
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    started: str | None = None
    made: dict[TenantId, dict[str, str]] = field(default_factory=dict)
    texts: dict[tuple[Role, tuple[TenantId, ...] | None], str] = field(default_factory=dict)

    def key(self, role: Role, *tenants: TenantId) -> str:
        wanted = tenants or None
        if (role, wanted) not in self.texts:
            self.texts[role, wanted] = self.keys.create(f"{role}", role, wanted)[1]
        return self.texts[role, wanted]

    def call(self, endpoint: str, key: str | None, tenant: str | None, things: dict[str, str]) -> Any:
        method, path = endpoint.split()
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        if tenant is not None:
            headers["KBSearch-Tenant"] = tenant
        named = {**things, "article_id": things["merged_id"]} if path.endswith("/unmerge") else things
        response = self.client.request(method, path.format(**named), headers=headers, **self.sent(endpoint, things))
        if response.is_success and (
            method == "DELETE" or path.endswith(("/reopen", "link", "merge", "/resolve", "/share"))
        ):
            self.made.clear()
        return response

    def sent(self, endpoint: str, things: dict[str, str]) -> dict[str, Any]:
        """A body and query that are right for the endpoint."""
        id = f"new-{next(self.numbers)}"
        bodies: dict[str, dict[str, Any]] = {
            "POST /v1/suggest": {"json": {"ticket": {"subject": "Fax shows E12"}}},
            "POST /v1/panel-sessions": {"json": {"ticket_id": things["ticket_id"]}},
            "GET /v1/search": {"params": {"q": "fax"}},
            "GET /v1/desk/tickets": {"params": {"figure": "links"}},
            "GET /v1/desk/tickets/export": {"params": {"figure": "links"}},
            "POST /v1/suggestions/{suggestion_id}/feedback": {
                "json": {"solution_id": things["article_id"], "outcome": "solved"}
            },
            "PUT /v1/tickets/{ticket_id}/resolution": {"json": TICKET},
            "POST /v1/articles": {"json": {**ARTICLE, "id": id}},
            "PUT /v1/articles/{article_id}": {"json": {**ARTICLE, "cause": id}},
            "PATCH /v1/articles/{article_id}": {"json": {"cause": id}},
            "POST /v1/articles/draft": {"json": {"id": id, "ticket_id": things["ticket_id"]}},
            "POST /v1/articles/{article_id}/merge": {"json": {"into": things["other_id"]}},
            "POST /v1/tickets/{ticket_id}/link": {"json": {"solution_id": things["other_id"]}},
            "DELETE /v1/merge-proposals": {"params": {"article": things["article_id"], "other": things["other_id"]}},
            "POST /v1/articles/{article_id}/flags": {"json": {"reason": "outdated"}},
            "PUT /v1/redaction": {"json": {"words": [id]}},
            "PUT /v1/words/{word}": {"json": {"name": id}},
            "POST /v1/import/tickets": {"content": json.dumps({**TICKET, "ticket": {"id": id, "subject": "Fax"}})},
            "POST /v1/import/articles": {"content": json.dumps({**ARTICLE, "id": id})},
        }
        return bodies.get(endpoint, {})

    def things(self, tenant: TenantId) -> dict[str, str]:
        """Ids of a ticket, an article, a suggestion and a job, made anew where the last ones are gone."""
        if tenant not in self.made:
            self.made[tenant] = self._make(tenant)
        return self.made[tenant]

    def _make(self, tenant: TenantId) -> dict[str, str]:
        number = next(self.numbers)
        admin = {"Authorization": f"Bearer {self.key(Role.ADMIN)}", "KBSearch-Tenant": tenant}
        ticket, names = f"T-{number}", ("article_id", "other_id", "merged_id")
        ids = {name: f"{name[0]}-{number}" for name in names}
        body = {"title": f"Fax{number} shows E{number}", "resolution": f"Pull lever {number} at the back of it."}
        for id in ids.values():
            assert self.client.put(f"/v1/articles/{id}", json=body, headers=admin).status_code == 201
        into = {"into": ids["other_id"]}
        assert self.client.post(f"/v1/articles/{ids['merged_id']}/merge", json=into, headers=admin).is_success
        body = {
            "ticket": {"subject": f"Fax{number} shows E{number}"}, "resolution": f"Pulled lever {number} of it.",
            "solution_id": ids["article_id"],
        }  # fmt: skip
        assert self.client.put(f"/v1/tickets/{ticket}/resolution", json=body, headers=admin).status_code == 201
        proposed = self.client.get("/v1/merge-proposals", params={"limit": 50}, headers=admin).json()["proposals"]
        assert proposed
        flagged = self.client.post(f"/v1/articles/{ids['other_id']}/flags", json={"reason": "x"}, headers=admin)
        asked = {"ticket": {"subject": f"Fax{number} shows E{number}"}, "limit": 50}
        suggestion = self.client.post("/v1/suggest", json=asked, headers=admin).json()
        assert ids["article_id"] in {one["solution_id"] for one in suggestion["solutions"]}
        made = {"suggestion_id": suggestion["suggestion_id"], "flag_id": flagged.json()["id"], "job_id": self.job()}
        assert self.client.put(f"/v1/words/fax{number}", json={"name": "Fax"}, headers=admin).is_success
        return {"ticket_id": ticket, "reason": "worked", "word": f"fax{number}", **made, **ids}

    def job(self) -> str:
        """One job for all: they are nobody's."""
        self.started = self.started or self.knowledge.reindexing.start()
        return self.started


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    knowledge = embedded(tmp_path_factory.mktemp("access"), lambda model: HashingEmbedder())
    with calling(create_app(Service(knowledge))) as client:
        made = Desk(client, knowledge, Keys(knowledge.store))
        made.key(Role.ADMIN)
        yield made
    knowledge.close()


def allowed(endpoint: str, role: Role, *, in_shared: bool = False, covers_shared: bool = False) -> bool:
    reaches = covers_shared or in_shared or endpoint not in INTO_SHARED
    return reaches and role in EXPECTED[endpoint][in_shared].split()


def let_in(response: Any) -> bool:
    """Done, or refused for another reason than who asks: one reindex at a time."""
    return response.is_success or (response.status_code == 409 and "reindex" in response.json()["detail"])


CELLS = [(endpoint, role) for endpoint in EXPECTED for role in Role]


def test_the_table_lists_every_endpoint(desk: Desk) -> None:
    paths = desk.client.get("/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    assert served == EXPECTED.keys() | OPEN_TO_ALL | SIGNED


@pytest.mark.parametrize(("endpoint", "role"), CELLS)
def test_own_tenant(desk: Desk, endpoint: str, role: Role) -> None:
    things = desk.things(ACME)
    for named in (None, "acme"):
        response = desk.call(endpoint, desk.key(role, ACME), named, things)
        assert let_in(response) if allowed(endpoint, role) else response.status_code == 403, response.text
        things = desk.things(ACME)


@pytest.mark.parametrize(("endpoint", "role"), CELLS)
def test_tenant_shared(desk: Desk, endpoint: str, role: Role) -> None:
    response = desk.call(endpoint, desk.key(role, SHARED), None, desk.things(SHARED))
    assert let_in(response) if allowed(endpoint, role, in_shared=True) else response.status_code == 403, response.text


@pytest.mark.parametrize(("endpoint", "role"), [(one, role) for one in sorted(INTO_SHARED) for role in Role])
def test_what_writes_into_shared_needs_a_key_for_both_tenants(desk: Desk, endpoint: str, role: Role) -> None:
    things = desk.things(ACME)
    both, one = desk.key(role, ACME, SHARED), desk.key(role, SHARED)
    assert desk.call(endpoint, desk.key(role, ACME), None, things).status_code == 403
    assert desk.call(endpoint, one, "acme", things).status_code == 403
    assert desk.call(endpoint, one, None, things).status_code == (
        404 if allowed(endpoint, role, in_shared=True) else 403
    )
    assert desk.knowledge.articles.get(Scope(ACME), things["article_id"]).tenant == ACME
    response = desk.call(endpoint, both, "acme", things)
    assert response.is_success if allowed(endpoint, role, covers_shared=True) else response.status_code == 403


@pytest.mark.parametrize(("endpoint", "role"), CELLS)
def test_another_s_tenant_is_forbidden_to_all(desk: Desk, endpoint: str, role: Role) -> None:
    for tenant in ("globex", "shared", "never-heard-of"):
        assert desk.call(endpoint, desk.key(role, ACME), tenant, desk.things(GLOBEX)).status_code == 403


@pytest.mark.parametrize(("endpoint", "role"), CELLS)
def test_a_key_of_several_tenants_names_one(desk: Desk, endpoint: str, role: Role) -> None:
    for key in (desk.key(role, ACME, GLOBEX), desk.key(role)):
        unnamed = desk.call(endpoint, key, None, desk.things(ACME))
        if endpoint not in OF_THE_WHOLE_SERVICE:
            assert unnamed.status_code == 400
        else:
            assert let_in(unnamed) if allowed(endpoint, role) else unnamed.status_code == 403
        for tenant in (ACME, GLOBEX):
            response = desk.call(endpoint, key, tenant, desk.things(tenant))
            may = allowed(endpoint, role, covers_shared=key == desk.key(role))
            assert let_in(response) if may else response.status_code == 403, response.text


@pytest.mark.parametrize(
    ("endpoint", "role"), [(one, role) for one, role in CELLS if "_id}" in one and "job" not in one]
)
def test_ids_of_another_tenant_are_not_found(desk: Desk, endpoint: str, role: Role) -> None:
    if endpoint in ("PUT /v1/tickets/{ticket_id}/resolution", "PUT /v1/articles/{article_id}"):
        return  # the same id of another tenant is another thing, and is made
    theirs, key = desk.things(GLOBEX), desk.key(role, ACME)
    nobodys = dict.fromkeys(theirs, "never-made")
    response, unknown = desk.call(endpoint, key, None, theirs), desk.call(endpoint, key, None, nobodys)
    assert response.status_code == unknown.status_code == (404 if allowed(endpoint, role) else 403)
    assert response.json()["detail"] == unknown.json()["detail"]


@pytest.mark.parametrize("endpoint", EXPECTED)
def test_without_a_key_nothing_is_done(desk: Desk, endpoint: str) -> None:
    things = desk.things(ACME)
    ended, text = desk.keys.create("ended", Role.ADMIN, (ACME,))
    desk.keys.revoke(ended.id)
    for response in (desk.call(endpoint, None, "acme", things), desk.call(endpoint, text, None, things)):
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith('Bearer realm="kbsearch"')
    assert desk.knowledge.tickets.get(ACME, things["ticket_id"]).status == "resolved"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
def test_what_says_nothing_of_anybody_is_open(desk: Desk, path: str) -> None:
    assert TestClient(desk.client.app).get(path).status_code == 200


@pytest.mark.parametrize("endpoint", sorted(CHANGING))
def test_every_change_is_in_the_audit_log(desk: Desk, endpoint: str) -> None:
    things, covers = desk.things(ACME), (ACME, SHARED) if endpoint in INTO_SHARED else (ACME,)
    key = desk.key(Role.ADMIN, *covers)
    if endpoint == "POST /v1/reindex":
        desk.knowledge.reindexing._thread.join()  # one at a time
    response = desk.call(endpoint, key, "acme", things)
    assert response.is_success, response.text
    everything = {"Authorization": f"Bearer {desk.key(Role.ADMIN)}"}
    newest = desk.client.get("/v1/audit", headers=everything).json()["entries"][0]
    assert newest["actor"] == f"key:{key[4:14]}"
    assert newest["request_id"] == response.headers["x-request-id"]
    assert newest["tenant"] == (None if endpoint in OF_THE_WHOLE_SERVICE else "acme")


@pytest.mark.parametrize("endpoint", sorted(EXPECTED.keys() - CHANGING))
def test_what_changes_nothing_leaves_no_entry(desk: Desk, endpoint: str) -> None:
    things, everything = desk.things(ACME), {"Authorization": f"Bearer {desk.key(Role.ADMIN)}"}
    before = desk.client.get("/v1/audit", headers=everything).json()["entries"][0]
    assert desk.call(endpoint, desk.key(Role.ADMIN, ACME), None, things).is_success
    assert desk.client.get("/v1/audit", headers=everything).json()["entries"][0] == before


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.LEAD, Role.ADMIN])
def test_only_a_lead_validates(desk: Desk, role: Role) -> None:
    leads, headers = role != Role.ENGINEER, {"Authorization": f"Bearer {desk.key(role, ACME)}"}
    validated = {**ARTICLE, "state": "validated"}
    number = next(desk.numbers)
    assert desk.client.put(f"/v1/articles/v-{number}", json=ARTICLE, headers=headers).status_code == 201
    for method, path, body in (
        ("PUT", f"/v1/articles/v-{number}", validated),
        ("PATCH", f"/v1/articles/v-{number}", {"state": "validated"}),
        ("PUT", f"/v1/articles/w-{number}", validated),
        ("POST", "/v1/articles", {**validated, "id": f"x-{number}"}),
    ):
        response = desk.client.request(method, path, json=body, headers=headers)
        assert response.is_success if leads else response.status_code == 403, response.text
    lines = "\n".join(json.dumps({**validated, "id": f"{name}-{number}"}) for name in ("v", "y"))
    imported = desk.client.post("/v1/import/articles", content=lines, headers=headers).json()
    assert (imported["accepted"], imported["rejected"]) == ((2, 0) if leads else (0, 2))


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.LEAD, Role.ADMIN])
@pytest.mark.parametrize("state", ["archived", "wip", "not_validated", None])
def test_only_a_lead_takes_validated_knowledge_away(desk: Desk, role: Role, state: str | None) -> None:
    leads, headers = role != Role.ENGINEER, {"Authorization": f"Bearer {desk.key(role, ACME)}"}
    lead = {"Authorization": f"Bearer {desk.key(Role.LEAD, ACME)}"}
    validated, changed = {**ARTICLE, "state": "validated"}, {**ARTICLE, **({} if state is None else {"state": state})}
    number = next(desk.numbers)
    for method, sent in (("PUT", changed), ("PATCH", {"state": state or "not_validated"}), ("DELETE", None)):
        id = f"{method}-{number}"
        assert desk.client.put(f"/v1/articles/{id}", json=validated, headers=lead).status_code == 201
        options = {} if sent is None else {"json": sent}
        response = desk.client.request(method, f"/v1/articles/{id}", headers=headers, **options)
        assert response.status_code == (200 if leads else 403), response.text
        if not leads:
            assert "only a lead" in response.json()["detail"]
            assert desk.client.get(f"/v1/articles/{id}", headers=headers).json()["state"] == "validated"
    id = f"IMPORT-{number}"
    assert desk.client.put(f"/v1/articles/{id}", json=validated, headers=lead).status_code == 201
    line = json.dumps({**changed, "id": id})
    imported = desk.client.post("/v1/import/articles", content=line, headers=headers).json()
    assert (imported["accepted"], imported["rejected"]) == ((1, 0) if leads else (0, 1))
    stored = desk.client.get(f"/v1/articles/{id}", headers=headers).json()
    assert stored["state"] == ((state or "not_validated") if leads else "validated")


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.LEAD, Role.ADMIN])
@pytest.mark.parametrize("state", ["archived", "wip"])
def test_only_a_lead_hides_a_validated_shared_article_behind_an_edition(desk: Desk, role: Role, state: str) -> None:
    leads, headers = role != Role.ENGINEER, {"Authorization": f"Bearer {desk.key(role, ACME)}"}
    admin = {"Authorization": f"Bearer {desk.key(Role.ADMIN)}", "KBSearch-Tenant": "shared"}
    number = next(desk.numbers)
    for way in ("PUT", "PATCH", "IMPORT"):
        id = f"hidden-{way}-{number}"
        validated = {**ARTICLE, "state": "validated"}
        assert desk.client.put(f"/v1/articles/{id}", json=validated, headers=admin).status_code == 201
        edition = {**ARTICLE, "id": id, "state": state}
        if way == "PATCH":  # first an edition with a text, then out of sight
            assert desk.client.put(f"/v1/articles/{id}", json=ARTICLE, headers=headers).status_code == 201
            response = desk.client.patch(f"/v1/articles/{id}", json={"state": state}, headers=headers)
            assert response.status_code == (200 if leads else 403)
        elif way == "PUT":
            response = desk.client.put(f"/v1/articles/{id}", json=edition, headers=headers)
            assert response.status_code == (201 if leads else 403)
        else:
            report = desk.client.post("/v1/import/articles", content=json.dumps(edition), headers=headers).json()
            assert report["rejected"] == (0 if leads else 1)
        seen = desk.client.get(f"/v1/articles/{id}", headers=headers).json()
        assert (seen["state"] == state) == leads


def test_an_engineer_archives_and_deletes_what_is_not_validated(desk: Desk) -> None:
    headers, number = {"Authorization": f"Bearer {desk.key(Role.ENGINEER, ACME)}"}, next(desk.numbers)
    assert desk.client.put(f"/v1/articles/n-{number}", json=ARTICLE, headers=headers).status_code == 201
    archived = desk.client.patch(f"/v1/articles/n-{number}", json={"state": "archived"}, headers=headers)
    assert archived.json()["state"] == "archived"
    assert desk.client.delete(f"/v1/articles/n-{number}", headers=headers).status_code == 200


def test_an_engineer_mends_a_validated_article_but_not_a_shared_one(desk: Desk) -> None:
    lead, engineer = desk.key(Role.LEAD, ACME), {"Authorization": f"Bearer {desk.key(Role.ENGINEER, ACME)}"}
    validated = {**ARTICLE, "state": "validated"}
    for tenant, status in (("acme", 200), ("shared", 403)):
        admin = {"Authorization": f"Bearer {desk.key(Role.ADMIN)}", "KBSearch-Tenant": tenant}
        id = f"mended-{tenant}"
        assert desk.client.put(f"/v1/articles/{id}", json=validated, headers=admin).status_code == 201
        response = desk.client.patch(f"/v1/articles/{id}", json={"tags": ["fax"]}, headers=engineer)
        assert response.status_code == status
        own_edition = desk.client.put(f"/v1/articles/{id}", json={**validated, "cause": "Dust."}, headers=engineer)
        assert own_edition.status_code == status  # an edition of one's own would be validated, too
    bearer = {"Authorization": f"Bearer {lead}"}
    assert desk.client.put("/v1/articles/mended-shared", json=validated, headers=bearer).status_code == 201
