"""Examples of answers, by schema. The tests check each against its schema and against what the server answers."""

from __future__ import annotations

from typing import Any

_WRITTEN_AT = "2026-11-23T10:05:00Z"

_ARTICLE: dict[str, Any] = {
    "id": "vpn-error-809",
    "title": "VPN does not connect: error 809",
    "issue": ["VPN says the network connection could not be established, error 809"],
    "environment": ["Windows 11"],
    "cause": "The router at home drops IPsec packets.",
    "resolution": "1. Switch the VPN profile to *SSTP*.\n2. Connect again.",
    "tags": ["vpn", "809"],
    "language": "en",
    "audience": "internal",
    "state": "validated",
    "metadata": {"author": "network team", "ms.date": "2026-03-02"},
    "tenant": "shared",
    "version": 3,
    "created_at": "2026-03-02T08:00:00Z",
    "updated_at": _WRITTEN_AT,
    "merged_into": None,
}
_WORD: dict[str, Any] = {"word": "навито", "name": "Navision", "origin": "learned", "tickets": 12}
_TICKET: dict[str, Any] = {
    "ticket": {
        "id": "RT-1042",
        "subject": "Outlook asks for the password again and again",
        "description": "Since this morning a window asks for my password, I type it and it comes back.",
        "environment": ["Windows 11", "Outlook 2021"],
        "language": "en",
        "priority": "high",
        "created_at": "2026-11-23T09:30:00Z",
        "respond_by": None,
        "responded_at": None,
        "resolve_by": None,
    },
    "resolution": "Removed the stored Office credential in Credential Manager and signed in again.",
    "cause": "The stored credential was older than the last password change.",
    "resolved_by": "m.petrova",
    "level": 2,
    "resolved_at": _WRITTEN_AT,
    "minutes_spent": 35,
    "reassignments": 1,
    "solution_id": "outlook-password-prompt.en",
    "suggestion_id": None,
    "status": "resolved",
    "outcome": "linked",
    "tenant": "acme",
    "updated_at": _WRITTEN_AT,
}
_SUGGESTION: dict[str, Any] = {
    "suggestion_id": "5d0a4c1f6f0b4d6c8f6a2e0f1c9b7a53",
    "verdict": {
        "status": "known",
        "action": "apply",
        "confidence": 0.87,
        "reason": 'Very likely "Outlook keeps asking for the password". Tickets solved with it so far: 12.',
        "minutes_left": None,
        "typical_minutes": 12,
    },
    "solutions": [
        {
            "rank": 1,
            "solution_id": "outlook-password-prompt.en",
            "kind": "article",
            "title": "Outlook keeps asking for the password",
            "resolution": "1. Close Outlook.\n2. Remove the stored credential.\n3. Sign in again.",
            "cause": "The stored credential is out of date after a password change.",
            "confidence": 0.87,
            "score": 12.3,
            "language": "en",
            "state": "validated",
            "tenant": "shared",
            "updated_at": _WRITTEN_AT,
            "evidence": {
                "tickets": 14,
                "solved": 12,
                "failed": 1,
                "last_used_at": _WRITTEN_AT,
                "examples": ["RT-0931", "RT-0877"],
                "agents_solved": 3,
                "agents_helpful": 1,
                "agents_failed": 0,
            },
            "matches": [
                {
                    "field": "issue",
                    "text": "Outlook asks for my password again and again",
                    "terms": ["password", "again"],
                }
            ],
            "cautions": ["environment differs: the article says Outlook 2016"],
        }
    ],
    "revision": 4711,
    "model": "default@4f1c2a9b7d3e",
    "took_ms": 9.4,
    "stages_ms": None,
}
_HIT: dict[str, Any] = {
    "kind": "ticket",
    "id": "RT-0931",
    "title": "Outlook wants the password all the time",
    "snippet": "A window asks for the password, I type it and it comes back.",
    "resolution": "Removed the stored credential and signed in again.",
    "solution_id": "outlook-password-prompt.en",
    "score": 0.91,
    "language": "en",
    "resolved_at": _WRITTEN_AT,
    "updated_at": None,
    "tenant": "acme",
}
_FLAG: dict[str, Any] = {
    "id": "8b1f0c52",
    "solution_id": "outlook-password-prompt.en",
    "tenant": "shared",
    "kind": "article",
    "title": "Outlook keeps asking for the password",
    "reason": "outdated",
    "comment": "The menu moved in the new Outlook.",
    "agent": "key:AbCdEfGhIj",
    "created_at": _WRITTEN_AT,
}
_PROPOSAL: dict[str, Any] = {
    "article": {"id": "printer-offline", "title": "Printer is offline", "tenant": "acme"},
    "other": {"id": "printer-shows-offline", "title": "Printer shows offline", "tenant": "shared"},
    "likeness": 0.82,
    "shared": ["Restart the print spooler."],
    "only_article": ["spooler"],
    "only_other": ["driver"],
}
_JOB = {"id": "0f6d", "state": "running", "done": 1200, "total": 5000, "eta_seconds": 90, "error": None}
_SHARE: dict[str, Any] = {"numerator": 41, "denominator": 50, "share": 0.82}
_FIGURE: dict[str, Any] = {
    **_SHARE,
    "name": "first_line",
    "parts": {"first_line": 41, "not_first_line": 9},
    "goal": 0.9,
    "before": {"numerator": 38, "denominator": 48, "share": 0.7917},
    "weeks": [
        {
            **_SHARE,
            "since": "2026-11-23T00:00:00Z",
            "until": "2026-11-30T00:00:00Z",
            "parts": {"first_line": 41, "not_first_line": 9},
        }
    ],
    "minutes": None,
}
_DESK_TICKET: dict[str, Any] = {
    "tenant": "acme",
    "ticket_id": "RT-1042",
    "subject": "Outlook asks for the password again and again",
    "part": "first_line",
    "at": _WRITTEN_AT,
    "created_at": "2026-11-23T09:30:00Z",
    "asked_at": "2026-11-23T09:31:00Z",
    "resolved_at": _WRITTEN_AT,
    "written_at": _WRITTEN_AT,
    "reopened_at": None,
    "verdict": "known",
    "level": 1,
    "reassignments": 0,
    "minutes_spent": 35,
    "outcome": "linked",
    "solution_id": "outlook-password-prompt.en",
    "suggestion_id": "5d0a4c1f6f0b4d6c8f6a2e0f1c9b7a53",
}
_SAMPLE: dict[str, Any] = {
    "tenant": "acme",
    "ticket_id": "RT-1042",
    "subject": "Payroll portal rejects the token",
    "came_at": "2026-11-23T09:30:00Z",
}
_START: dict[str, Any] = {"tenant": "acme", "source_tenant": "acme", "ticket_id": "RT-1042", "suggestion_id": None}
_AUDIT: dict[str, Any] = {
    "at": _WRITTEN_AT,
    "actor": "key:AbCdEfGhIj",
    "request_id": "b3f1",
    "tenant": "acme",
    "action": "ticket.resolved",
    "subject": "RT-1042",
    "detail": "linked",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "SuggestionOut": _SUGGESTION,
    "SearchOut": {"hits": [_HIT], "search_id": "c1d2", "next_cursor": None, "took_ms": 7.1, "stages_ms": None},
    "WriteBackOut": {
        "ticket_id": "RT-1042",
        "solution_id": "fix-5e1c0a9b7d3e4f1c2a",
        "outcome": "created",
        "similar": [
            {
                "solution_id": "outlook-password-prompt.en",
                "title": "Outlook keeps asking for the password",
                "confidence": 0.61,
                "differs": "Only the known one says: MFA.",
            }
        ],
        "redacted": {"email": 1},
        "revision": 4712,
    },
    "ResolvedTicketOut": {**_TICKET, "revision": 4712},
    "TicketsOut": {"tickets": [_TICKET], "next_cursor": None},
    "UnlinkedOut": {"id": "RT-1042", "solution_id": "fix-5e1c0a9b7d3e4f1c2a", "revision": 4713},
    "ErasedTicketOut": {
        "id": "RT-1042",
        "revision": 4713,
        "purged": False,
        "drafts_erased": [],
        "articles_to_review": [],
    },
    "ErasedArticleOut": {"id": "vpn-error-809", "revision": 4713, "purged": False},
    "ChangeOut": {"id": "RT-1042", "revision": 4713},
    "ArticleOut": _ARTICLE,
    "WrittenArticleOut": {**_ARTICLE, "revision": 4714},
    "ArticleVersionsOut": {
        "versions": [
            {
                **{
                    name: value
                    for name, value in _ARTICLE.items()
                    if name not in ("id", "tenant", "created_at", "updated_at", "merged_into")
                },
                "version": 1,
                "state": "not_validated",
                "written_by": "key:m.petrova",
                "written_at": "2026-11-23T09:30:00Z",
            }
        ],
        "next_cursor": None,
    },
    "ArticlesOut": {"articles": [_ARTICLE], "next_cursor": None},
    "FlagsOut": {"flags": [_FLAG], "next_cursor": None},
    "WordOut": _WORD,
    "WordsOut": {"words": [_WORD], "next_cursor": None},
    "WrittenWordOut": {**_WORD, "origin": "lead", "tickets": 0, "revision": 4714},
    "ProposalsOut": {"proposals": [_PROPOSAL], "complete": True, "next_cursor": None},
    "ImportOut": {
        "accepted": 998,
        "rejected": 1,
        "errors": [{"line": 17, "detail": "/resolution: it must not be empty"}],
        "redacted": {"email": 12, "phone": 3},
        "revision": 5712,
    },
    "JobStartedOut": {"job_id": "0f6d"},
    "JobOut": _JOB,
    "DeskOut": {"since": "2026-11-02T00:00:00Z", "until": "2026-11-30T00:00:00Z", "figures": [_FIGURE]},
    "DeskTicketsOut": {"tickets": [_DESK_TICKET], "next_cursor": None},
    "EscalationsOut": {
        **_SHARE,
        "parts": {"known_before": 30, "known_today": 11, "not_known": 9, "not_checked": 2},
        "tickets": [
            {
                **_DESK_TICKET,
                "part": "known_before",
                "level": 2,
                "today": "known",
                "today_action": "apply",
                "answer": {
                    "tenant": "shared",
                    "solution_id": "outlook-password-prompt.en",
                    "title": "Outlook keeps asking for the password",
                },
            }
        ],
        "next_cursor": None,
    },
    "GapsOut": {
        "since": "2026-11-02T00:00:00Z",
        "until": "2026-11-30T00:00:00Z",
        "gaps": [
            {
                "count": 4,
                "clients": {"acme": 4},
                "minutes": 140,
                "timed": 3,
                "first_at": "2026-11-23T09:30:00Z",
                "last_at": "2026-11-25T09:30:00Z",
                "samples": [_SAMPLE],
                "tickets": [{"tenant": "acme", "ticket_id": "RT-1042"}],
                "start": _START,
            }
        ],
    },
    "OutbreaksOut": {
        "since": "2026-11-23T00:00:00Z",
        "until": "2026-11-30T00:00:00Z",
        "outbreaks": [
            {
                "count": 7,
                "clients": {"acme": 5, "globex": 2},
                "started_at": "2026-11-23T09:30:00Z",
                "last_at": "2026-11-23T10:10:00Z",
                "expected": 0.02,
                "p": 1.3e-07,
                "samples": [_SAMPLE],
                "tickets": [{"tenant": "acme", "ticket_id": "RT-1042"}],
                "start": _START,
            }
        ],
    },
    "ReviewOut": {
        "queues": {"needs_review": 3, "flags": 1, "proposals": 2, "worked": 4, "failing": 1, "stale": 12},
        "more": [],
    },
    "ReviewedSolutionsOut": {
        "waiting": [
            {
                "tenant": "acme",
                "solution_id": "fix-5e1c0a9b7d3e4f1c2a",
                "kind": "ticket",
                "title": "Payroll portal rejects the token",
                "state": "not_validated",
                "solved": 4,
                "failed": 0,
                "used_at": _WRITTEN_AT,
                "updated_at": _WRITTEN_AT,
            }
        ],
        "next_cursor": None,
    },
    "PanelSessionOut": {
        "token": "Jd3l9sZ0v7m2",
        "url": "https://kb.example.org/panel#token=Jd3l9sZ0v7m2",
        "ticket_id": "RT-1042",
        "expires_at": "2026-11-23T11:05:00Z",
    },
    "HookOut": {"accepted": True, "duplicate": False},
    "AuditOut": {"entries": [_AUDIT], "next_cursor": None},
    "HealthOut": {"status": "ok", "version": "0.2.0"},
    "ReadyOut": {"status": "ready", "model": "default@4f1c2a9b7d3e", "upkeep": []},
    "RedactionPolicyOut": {
        "off": ["host"],
        "words": ["Project Heron"],
        "kept": ["servicedesk@example.org"],
        "keep_raw": False,
        "sealed": False,
    },
}
