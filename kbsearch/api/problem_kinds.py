"""The kinds of problem that the API returns: a stable ``type`` for each, its status, meaning and remedy.

Clients tell problems apart by ``type``; titles and details are for people and may be reworded.
docs/reference/problems.md is made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kbsearch import errors

_PREFIX = "urn:kbsearch:problem:"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """``name`` never changes once it was released. ``title`` says what happened, ``advice`` what a client can do."""

    name: str
    status: int
    title: str
    advice: str

    @property
    def type(self) -> str:
        return _PREFIX + self.name


INVALID = ProblemKind(
    "invalid-value", 422, "A value cannot be used", "Correct the values that `errors` lists by JSON Pointer."
)
MALFORMED = ProblemKind("malformed-body", 400, "The body cannot be read", "Send complete, valid JSON in UTF-8.")
NO_SUCH_ADDRESS = ProblemKind("no-such-address", 404, "There is no such address", "Check the path in `/docs`.")
WRONG_METHOD = ProblemKind(
    "wrong-method", 405, "The address does not support this method", "Use one of the methods in the `Allow` header."
)
INTERNAL = ProblemKind(
    "internal-error", 500, "An internal error", "Report it with the `X-Request-ID` of the answer; the log has details."
)
_MODEL = ProblemKind("model-not-loadable", 422, "The model cannot be used", "Name a model that the server offers.")
_UNAUTHORIZED = ProblemKind(
    "unauthorized", 401, "A valid credential is required", "Send `Authorization: Bearer KEY` with a valid key."
)
_NOT_READY = ProblemKind("not-ready", 503, "The server is not ready yet", "Try again after `Retry-After` seconds.")

KINDS: Mapping[type[errors.KBSearchError], ProblemKind] = {
    errors.InvalidInput: INVALID,
    errors.InvalidTenant: ProblemKind(
        "invalid-tenant", 400, "The tenant is missing or invalid", "Name a tenant in the header `KBSearch-Tenant`."
    ),
    errors.IdempotencyKeyReused: ProblemKind(
        "idempotency-key-reused", 422, "The Idempotency-Key was used with another request", "Use a new key."
    ),
    errors.BrokenFile: ProblemKind("broken-file", 422, "A file cannot be read", "Correct the file."),
    errors.Unauthorized: _UNAUTHORIZED,
    errors.UnknownKey: _UNAUTHORIZED,
    errors.Forbidden: ProblemKind(
        "forbidden", 403, "The credential may not do this", "Use a credential with the required role and tenant."
    ),
    errors.TooManyRequests: ProblemKind(
        "too-many-requests", 429, "The caller sent too many requests", "Try again after `Retry-After` seconds."
    ),
    errors.BodyTooLarge: ProblemKind(
        "body-too-large", 413, "The body is too large", "Shorten it, or send records to `/v1/import`."
    ),
    errors.BodyTooSlow: ProblemKind("body-too-slow", 408, "The body arrived too slowly", "Send it again, faster."),
    errors.UnsupportedMediaType: ProblemKind(
        "unsupported-media-type",
        415,
        "The body has the wrong Content-Type or Content-Encoding",
        "Send JSON as `application/json`, imports as `application/x-ndjson`, plain or with `Content-Encoding: gzip`.",
    ),
    errors.NotFound: ProblemKind(
        "not-found", 404, "There is nothing with this id", "Check the id and the tenant; it may have been erased."
    ),
    errors.PreconditionFailed: ProblemKind(
        "precondition-failed", 412, "It changed since it was read", "Read it again, then decide."
    ),
    errors.AlreadyRunning: ProblemKind(
        "already-running", 409, "A reindex is running", "Wait until it ends, or cancel its job."
    ),
    errors.StillAtWork: ProblemKind(
        "still-at-work",
        409,
        "A request with this Idempotency-Key is still running",
        "Try again after `Retry-After` seconds to get its answer.",
    ),
    errors.Conflict: ProblemKind("conflict", 409, "Not possible in the present state", "Read `detail` and the object."),
    errors.AlreadyExists: ProblemKind(
        "already-exists", 409, "The id is in use", "Choose another id, or replace the object with PUT."
    ),
    errors.NothingToUndo: ProblemKind(
        "nothing-to-undo", 409, "There is nothing to undo", "Nothing: the object is in the requested state already."
    ),
    errors.ModelError: _MODEL,
    errors.ModelNotLoadable: _MODEL,
    errors.ModelMismatch: ProblemKind(
        "model-mismatch", 409, "The index was made with another model", "Reindex with the configured model."
    ),
    errors.SnapshotInvalid: _NOT_READY,
    errors.StorageError: ProblemKind(
        "storage-unusable", 503, "The data folder cannot be used", "Tell the operator; the server's log has the reason."
    ),
    errors.NotReady: _NOT_READY,
    errors.RevisionNotReached: ProblemKind(
        "revision-not-reached", 503, "`min_revision` is not reached yet", "Try again after `Retry-After` seconds."
    ),
    errors.IndexNotOpen: ProblemKind(
        "index-not-open",
        503,
        "The current index cannot be opened",
        "Tell the operator; the server's log has the reason.",
    ),
    errors.Overloaded: ProblemKind("overloaded", 503, "The server is busy", "Try again after `Retry-After` seconds."),
    errors.NoRoomForBody: ProblemKind(
        "no-room-for-body",
        503,
        "The server has no space for the body",
        "Tell the operator: the folder for temporary files (`TMPDIR`) is full.",
    ),
    errors.Stopping: ProblemKind(
        "stopping", 503, "The server is stopping", "Read `detail`, then send it again after `Retry-After` seconds."
    ),
    errors.TookTooLong: ProblemKind(
        "took-too-long", 503, "The request took too long", "Check whether it was done before you send it again."
    ),
    errors.IssuerUnreachable: ProblemKind(
        "issuer-unreachable", 503, "Tokens cannot be verified now", "Try again after `Retry-After` seconds."
    ),
}
"""One row for every error that a caller can do something about; anything else is a bug and answers 500."""

OTHERS = (MALFORMED, NO_SUCH_ADDRESS, WRONG_METHOD, INTERNAL)
"""Kinds that come from HTTP itself."""


def all_kinds() -> list[ProblemKind]:
    """Each kind once, by status and name."""
    return sorted({*KINDS.values(), *OTHERS}, key=lambda kind: (kind.status, kind.name))
