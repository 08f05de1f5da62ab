"""The errors that a caller can do something about.

KBSearchError
├── InvalidInput            a value breaks a rule; names the field
│   ├── InvalidTenant       not a valid tenant id
│   └── IdempotencyKeyReused  the same key with another body
├── BrokenFile              a file cannot be read; names file and line
├── Unauthorized            no credential, or an invalid one
│   └── UnknownKey          a key that does not exist
├── Forbidden               the caller may not do this, or may read but not change it
├── TooManyRequests         the caller exceeds its limit; says when to try again
├── BodyTooLarge            the body is larger than the limit
├── BodyTooSlow             the body arrives too slowly
├── UnsupportedMediaType    the Content-Type is missing or not supported
├── NotFound                nothing with this id in the caller's scope
├── PreconditionFailed      If-Match or If-None-Match does not hold
├── AlreadyRunning          another batch job is running
├── StillAtWork             the request with this Idempotency-Key is still running
├── Conflict                not possible in the present state
│   ├── AlreadyExists       the id is in use
│   └── NothingToUndo       there is nothing to undo
├── ModelError              a model cannot be used
│   ├── ModelNotLoadable    no such model, or not a model folder
│   └── ModelMismatch       the index was made with another model
├── SnapshotInvalid         an index snapshot is damaged or outdated
├── StorageError            the data folder cannot be used (full, read-only, corrupt)
└── NotReady                not now; worth trying again
    ├── RevisionNotReached  min_revision is newer than what is stored
    ├── IndexNotOpen        another process switched to an index that this one cannot open
    ├── Overloaded          too many requests are running
    ├── NoRoomForBody       the folder for temporary files is full
    ├── Stopping            the server is stopping
    ├── TookTooLong         the time limit of a request is over
    └── IssuerUnreachable   the token issuer does not answer

Facts are attributes; the text is one sentence that says what to do. No error contains the text of a ticket. Any other
exception is a bug.
"""

from __future__ import annotations


class KBSearchError(Exception):
    """Base of all errors that a caller can do something about."""


class InvalidInput(KBSearchError):
    """A value breaks a rule. ``pointer`` is a JSON pointer to it (RFC 6901), "" for the whole."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail


class InvalidTenant(InvalidInput):
    """A tenant id is lower-case letters, digits, ``.``, ``_``, ``-``; 1 to 63 characters."""


class IdempotencyKeyReused(InvalidInput):
    """An ``Idempotency-Key`` was used before with another request."""

    def __init__(self) -> None:
        super().__init__("", "this Idempotency-Key was used before with another request")


class BrokenFile(KBSearchError):
    """A file cannot be read as what it should be. ``line`` counts from 1, None for the whole file."""

    def __init__(self, path: str, detail: str, line: int | None = None) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {detail}")
        self.path = path
        self.line = line
        self.detail = detail


class NotFound(KBSearchError):
    """Nothing of this kind and id can be seen by the caller."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"no {kind} with this id")
        self.kind = kind
        self.id = id


class Unauthorized(KBSearchError):
    """No credential, or an invalid one. ``given``: whether there was one."""

    def __init__(self, detail: str, given: bool = True) -> None:
        super().__init__(detail)
        self.given = given


class UnknownKey(Unauthorized):
    """A key that does not exist or a token that the issuer did not sign: possibly a guess."""

    def __init__(self) -> None:
        super().__init__("unknown key or token")


class Forbidden(KBSearchError):
    """The caller may see it but not change it, or may not do this at all."""


class TooManyRequests(KBSearchError):
    """The caller exceeds its limit. ``retry_after_s`` is in whole seconds."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class BodyTooLarge(KBSearchError):
    """A body is larger than the limit."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the body has more than {most_bytes} bytes; send many records to /v1/import")
        self.most_bytes = most_bytes


class BodyTooSlow(KBSearchError):
    """A body arrives too slowly."""

    def __init__(self) -> None:
        super().__init__("the body did not arrive in time")


class UnsupportedMediaType(KBSearchError):
    """A body's ``Content-Type`` is missing or not supported, or its ``Content-Encoding`` is not.

    ``header`` is one of the two, ``wanted`` its value that is supported.
    """

    def __init__(self, wanted: str, header: str = "Content-Type", detail: str | None = None) -> None:
        super().__init__(detail or f"send the body with the header {header}: {wanted}")
        self.wanted = wanted
        self.header = header


class PreconditionFailed(KBSearchError):
    """``If-Match`` names another version than the stored one, or ``If-None-Match`` an existing one."""

    def __init__(self, detail: str = "it was changed since you read it; read it again and repeat your change") -> None:
        super().__init__(detail)


class AlreadyRunning(KBSearchError):
    """A reindex is under way; ``job_id`` names it where known."""

    def __init__(self, job_id: str | None = None) -> None:
        super().__init__("a reindex is already running on this data folder; wait for it or cancel it")
        self.job_id = job_id


class StillAtWork(KBSearchError):
    """The first request with this ``Idempotency-Key`` is still running."""

    retry_after_s = 1

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is still running; try again later")


class Conflict(KBSearchError):
    """Not possible in the present state."""


class AlreadyExists(Conflict):
    """The id is in use, and the request is to create."""


class NothingToUndo(Conflict):
    """There is nothing to undo."""


class ModelError(KBSearchError):
    """A model cannot be used."""


class ModelNotLoadable(ModelError):
    """There is no such model, or the folder does not hold one."""

    def __init__(self, model: str, detail: str) -> None:
        super().__init__(f"model {model!r} cannot be loaded: {detail}")
        self.model = model
        self.detail = detail


class ModelMismatch(ModelError):
    """The index was made with another model than the one configured."""

    def __init__(self, configured: str, indexed: str) -> None:
        super().__init__(
            f"the index was made with model {indexed!r}, but {configured!r} is configured; "
            f"change the index with 'kbsearch reindex --model {configured}', or unset KBSEARCH_MODEL"
        )
        self.configured = configured
        self.indexed = indexed


class SnapshotInvalid(KBSearchError):
    """A snapshot is damaged or outdated; the index is rebuilt from the store instead."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.detail = detail


class StorageError(KBSearchError):
    """The data folder cannot be used: full, read-only, corrupt or of a newer version."""


class NotReady(KBSearchError):
    """It cannot be done now. ``retry_after_s`` is a hint in whole seconds."""

    def __init__(self, detail: str, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class RevisionNotReached(NotReady):
    """``min_revision`` is newer than the newest stored revision."""

    def __init__(self, wanted: int, current: int) -> None:
        super().__init__(f"revision {wanted} is not reached yet; the newest is {current}")
        self.wanted = wanted
        self.current = current


class IndexNotOpen(NotReady):
    """Another process switched to an index generation that this process cannot open."""

    def __init__(self, generation: int, reason: str) -> None:
        super().__init__(
            f"another process switched to index generation {generation}, and this process cannot open it: {reason}",
            retry_after_s=30,
        )
        self.generation = generation
        self.reason = reason


class Overloaded(NotReady):
    """The server is at its limit of running and waiting requests."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("too many requests are running; try again later", retry_after_s)


class NoRoomForBody(NotReady):
    """The folder for temporary files cannot hold the body of an import."""

    def __init__(self) -> None:
        super().__init__(
            "the server has no space for the body of this import: its folder for temporary files (TMPDIR) is full or "
            "cannot be used; nothing was stored",
            retry_after_s=60,
        )


class Stopping(NotReady):
    """The server is stopping. ``lines``: how many lines of an import are stored, None for other requests."""

    def __init__(self, lines: int | None = None) -> None:
        stored = (
            "a change may still complete: check before you send it again"
            if lines is None
            else f"the first {lines} lines of this import are stored; send it again"
        )
        super().__init__(f"the server is stopping; {stored}", retry_after_s=10)
        self.lines = lines


class TookTooLong(NotReady):
    """The request took longer than ``limit_s``. Its work continues, and a change may still complete."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"the request took longer than {limit_s:g} s; a change may still complete: check before you send it again",
            retry_after_s=30,
        )
        self.limit_s = limit_s


class IssuerUnreachable(NotReady):
    """Tokens of people cannot be verified, because their issuer does not answer."""

    def __init__(self) -> None:
        super().__init__("tokens cannot be verified now: their issuer does not answer", retry_after_s=30)
