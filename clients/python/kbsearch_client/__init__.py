"""Client for kbsearch, the knowledge-base search of IT service desks."""

from kbsearch_client.client import AsyncClient, Client
from kbsearch_client.errors import ConnectionFailed, KBSearchError, Problem
from kbsearch_client.models import (
    Article,
    Evidence,
    Hit,
    Imported,
    PanelSession,
    Solution,
    StoredTicket,
    Suggestion,
    Verdict,
    WriteBack,
)
from kbsearch_client.retrying import Retry

__all__ = [
    "Article",
    "AsyncClient",
    "Client",
    "ConnectionFailed",
    "Evidence",
    "Hit",
    "Imported",
    "KBSearchError",
    "PanelSession",
    "Problem",
    "Retry",
    "Solution",
    "StoredTicket",
    "Suggestion",
    "Verdict",
    "WriteBack",
]
