"""Who may do what over HTTP: the one table. A route without a row here is not served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kbsearch.model import LADDER, LEADS, Role


class TenantRule(StrEnum):
    """How the tenant of a request is determined if its credential covers several."""

    NAMED = "named"  # the header must name one
    ANY = "any"  # the whole service is meant; a tenant may be named


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route: these ``roles``, and for the tenant ``shared`` only those ``in_shared`` among them.

    ``into_shared`` routes write for the tenant ``shared``, whatever tenant is named: the credential must cover both.
    ``bulk`` routes accept bodies of any size and have places of their own, so that they never delay a question.
    ``page`` routes are for people: a session's cookie says who asks, ``client`` in the address for which tenant.
    ``panel`` routes are those that the side panel uses, by its own token.
    """

    roles: frozenset[Role]
    in_shared: frozenset[Role] = frozenset(Role)
    tenant: TenantRule = TenantRule.NAMED
    into_shared: bool = False
    bulk: bool = False
    page: bool = False
    panel: bool = False


_AGENTS = frozenset(LADDER)
_ENGINEERS = frozenset(LADDER[LADDER.index(Role.ENGINEER) :])
_ADMINS = frozenset({Role.ADMIN})
_SYSTEMS = frozenset({Role.SYSTEM})
_MONITORS = frozenset({Role.MONITOR})

_PAGE = Rule(_AGENTS, tenant=TenantRule.ANY, page=True)
_AGENTS_ACT = Rule(_AGENTS, page=True)
_PANEL_ACTS = Rule(_AGENTS, page=True, panel=True)
_ENGINEERS_PAGE = Rule(_ENGINEERS, tenant=TenantRule.ANY, page=True)
_ENGINEERS_ACT = Rule(_ENGINEERS, in_shared=LEADS, page=True)
_LEADS_PAGE = Rule(LEADS, tenant=TenantRule.ANY, page=True)
_LEADS_ACT = Rule(LEADS, page=True)

ACCESS: Mapping[tuple[str, str], Rule] = {
    ("POST", "/v1/suggest"): Rule(_AGENTS | _SYSTEMS),
    ("GET", "/v1/search"): Rule(_AGENTS),
    ("POST", "/v1/suggestions/{suggestion_id}/feedback"): Rule(_AGENTS | _SYSTEMS),
    ("POST", "/v1/panel-sessions"): Rule(_AGENTS | _SYSTEMS),
    ("PUT", "/v1/tickets/{ticket_id:path}/resolution"): Rule(_ENGINEERS | _SYSTEMS, in_shared=LEADS),
    ("POST", "/v1/tickets/{ticket_id:path}/reopen"): Rule(_ENGINEERS | _SYSTEMS, in_shared=LEADS),
    ("POST", "/v1/tickets/{ticket_id:path}/unlink"): Rule(LEADS),
    ("POST", "/v1/tickets/{ticket_id:path}/link"): Rule(LEADS),
    ("GET", "/v1/tickets"): Rule(_ENGINEERS),
    ("GET", "/v1/tickets/{ticket_id:path}"): Rule(_AGENTS | _SYSTEMS),
    ("DELETE", "/v1/tickets/{ticket_id:path}"): Rule(LEADS),
    ("GET", "/v1/articles"): Rule(_AGENTS),
    ("POST", "/v1/articles"): Rule(_ENGINEERS, in_shared=LEADS),
    ("GET", "/v1/articles/flags"): Rule(_ENGINEERS),
    ("POST", "/v1/articles/flags/{flag_id:path}/resolve"): Rule(LEADS),
    ("GET", "/v1/articles/{article_id:path}"): Rule(_AGENTS),
    ("GET", "/v1/articles/{article_id:path}/versions"): Rule(_ENGINEERS),
    ("PUT", "/v1/articles/{article_id:path}"): Rule(_ENGINEERS, in_shared=LEADS),
    ("PATCH", "/v1/articles/{article_id:path}"): Rule(_ENGINEERS, in_shared=LEADS),
    ("DELETE", "/v1/articles/{article_id:path}"): Rule(_ENGINEERS, in_shared=LEADS),
    ("POST", "/v1/articles/draft"): Rule(_ENGINEERS, in_shared=LEADS),
    ("POST", "/v1/articles/{article_id:path}/merge"): Rule(LEADS),
    ("POST", "/v1/articles/{article_id:path}/unmerge"): Rule(LEADS),
    ("POST", "/v1/articles/{article_id:path}/share"): Rule(LEADS, into_shared=True),
    ("POST", "/v1/articles/{article_id:path}/flags"): Rule(_AGENTS),
    ("GET", "/v1/merge-proposals"): Rule(LEADS),
    ("DELETE", "/v1/merge-proposals"): Rule(LEADS),
    ("POST", "/v1/import/tickets"): Rule(_ENGINEERS, in_shared=LEADS, bulk=True),
    ("POST", "/v1/import/articles"): Rule(_ENGINEERS, in_shared=LEADS, bulk=True),
    ("GET", "/v1/desk"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/tickets"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/tickets/export"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/escalations"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/gaps"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/outbreaks"): Rule(LEADS, tenant=TenantRule.ANY),
    ("GET", "/v1/desk/review"): Rule(LEADS),
    ("GET", "/v1/desk/review/{reason}"): Rule(LEADS),
    ("GET", "/v1/words"): Rule(LEADS),
    ("PUT", "/v1/words/{word:path}"): Rule(LEADS),
    ("DELETE", "/v1/words/{word:path}"): Rule(LEADS),
    ("GET", "/v1/redaction"): Rule(_ADMINS),
    ("PUT", "/v1/redaction"): Rule(_ADMINS),
    ("POST", "/v1/reindex"): Rule(_ADMINS, tenant=TenantRule.ANY),
    ("GET", "/v1/jobs/{job_id}"): Rule(_ADMINS, tenant=TenantRule.ANY),
    ("DELETE", "/v1/jobs/{job_id}"): Rule(_ADMINS, tenant=TenantRule.ANY),
    ("GET", "/v1/audit"): Rule(_ADMINS, tenant=TenantRule.ANY),
    ("GET", "/metrics"): Rule(_ADMINS | _MONITORS, tenant=TenantRule.ANY),
    ("POST", "/mcp"): Rule(_AGENTS | _SYSTEMS),
    ("GET", "/"): _PAGE,
    ("POST", "/ask"): _PANEL_ACTS,
    ("POST", "/feedback"): _PANEL_ACTS,
    ("POST", "/panel/open"): _PANEL_ACTS,
    ("POST", "/sign-out"): _PAGE,
    ("GET", "/find"): _PAGE,
    ("POST", "/find"): _AGENTS_ACT,
    ("GET", "/ticket"): _AGENTS_ACT,
    ("GET", "/article"): _AGENTS_ACT,
    ("GET", "/article/history"): Rule(_ENGINEERS, page=True),
    ("GET", "/article/edit"): _ENGINEERS_PAGE,
    ("POST", "/article/edit"): _ENGINEERS_ACT,
    ("POST", "/article/preview"): _ENGINEERS_ACT,
    ("POST", "/article/draft"): _ENGINEERS_ACT,
    ("GET", "/solve"): _ENGINEERS_PAGE,
    ("POST", "/solve"): _ENGINEERS_ACT,
    ("POST", "/solve/check"): _ENGINEERS_ACT,
    ("GET", "/review"): _LEADS_PAGE,
    ("POST", "/review"): _LEADS_ACT,
    ("GET", "/desk"): _LEADS_PAGE,
    ("GET", "/desk/tickets"): _LEADS_PAGE,
    ("GET", "/desk/tickets.csv"): _LEADS_PAGE,
    ("POST", "/desk/article"): _LEADS_ACT,
}

PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/sign-in",
        "/sign-in/issuer",
        "/sign-in/return",
        "/panel",
        "/v1/hooks/{source}",
        "/language/{code}",
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
        "/openapi.json",
    }
)
"""Routes that need no credential: they say nothing of tenants, or, as hooks, prove themselves otherwise."""
