"""The errors a caller may meet.

KBSearchError
├── InvalidInput            a value breaks a rule; names the field
│   ├── InvalidTenant       a tenant id that cannot be one
│   └── IdempotencyKeyReused  the same key came with another body
├── BrokenFile              a file that was given cannot be read; names file and line
├── Unauthorized            no credential, or one that does not hold
│   └── UnknownKey          nobody's key: a guess
├── Forbidden               seen, but not the caller's to change; not the caller's to do
├── TooManyRequests         more than a caller's share; says when to come again
├── BodyTooLarge            more bytes than are read
├── BodyTooSlow             the rest of a body did not come in time
├── UnsupportedMediaType    a body whose Content-Type is missing or not the one that is read
├── NotFound                nothing of that id in the caller's scope
├── PreconditionFailed      If-Match or If-None-Match does not hold
├── AlreadyRunning          one batch job at a time
├── StillAtWork             the request with this Idempotency-Key has not ended yet
├── Conflict                it cannot be done as things stand
│   ├── AlreadyExists       there is one of this id already
│   └── NothingToUndo       what is to be undone was not done
├── ModelError              a model that cannot be used
│   ├── ModelNotLoadable    no such model, or a folder that is none
│   └── ModelMismatch       the index was made with another model
├── SnapshotInvalid         an index snapshot that cannot be trusted
├── StorageError            the data folder cannot be used (full, read-only, corrupt)
└── NotReady                not now; worth trying again
    ├── RevisionNotReached  min_revision lies ahead of what is stored
    ├── IndexNotOpen        another process switched to an index that this one cannot open
    ├── Overloaded          too much is being done already
    ├── NoRoomForBody       the folder for temporary files is full
    ├── Stopping            the server is being stopped
    ├── TookTooLong         no answer within the time that there is
    └── IssuerUnreachable   the issuer of people's tokens does not answer

Facts are attributes; the text is one sentence that says what to do. No error ever carries
the text of a ticket. Anything else that is raised is a bug.
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
    """No credential came, or one that does not hold. ``given`` tells which."""

    def __init__(self, detail: str, given: bool = True) -> None:
        super().__init__(detail)
        self.given = given


class UnknownKey(Unauthorized):
    """Nobody's key, a token that nobody signed: a guess, as far as one can tell."""

    def __init__(self) -> None:
        super().__init__("this key or token is not known")


class Forbidden(KBSearchError):
    """The caller may see it but not change it, or may not do this at all."""


class TooManyRequests(KBSearchError):
    """The caller has had its share for now. ``retry_after_s`` is in whole seconds."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class BodyTooLarge(KBSearchError):
    """A body has more bytes than are read."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the body has more than {most_bytes} bytes; send many records to /v1/import")
        self.most_bytes = most_bytes


class BodyTooSlow(KBSearchError):
    """The rest of a body did not come in time."""

    def __init__(self) -> None:
        super().__init__("the rest of the body did not come in time")


class UnsupportedMediaType(KBSearchError):
    """A body's ``Content-Type`` is missing or not ``wanted``."""

    def __init__(self, wanted: str) -> None:
        super().__init__(f"send the body with the header Content-Type: {wanted}")
        self.wanted = wanted


class PreconditionFailed(KBSearchError):
    """``If-Match`` named another version than the stored one, or ``If-None-Match`` one that is there."""

    def __init__(self, detail: str = "it was changed since you read it; read it again and repeat your change") -> None:
        super().__init__(detail)


class AlreadyRunning(KBSearchError):
    """A reindex is under way; ``job_id`` names it where known."""

    def __init__(self, job_id: str | None = None) -> None:
        super().__init__("a reindex is already running on this data folder; wait for it or cancel it")
        self.job_id = job_id


class StillAtWork(KBSearchError):
    """The first request with this ``Idempotency-Key`` is still being read or done."""

    retry_after_s = 1

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is still at work; send it again a little later")


class Conflict(KBSearchError):
    """It cannot be done as things stand."""


class AlreadyExists(Conflict):
    """There is one of this id already, and only a new one is wanted."""


class NothingToUndo(Conflict):
    """What is to be undone was not done."""


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
    """A snapshot cannot be trusted; the index is rebuilt from the store instead."""

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
    """``min_revision`` lies ahead of the newest revision stored."""

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
    """As much is running and waiting as the server takes on."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("too much is being done at once; try again a little later", retry_after_s)


class NoRoomForBody(NotReady):
    """The folder for temporary files cannot take the body of an import."""

    def __init__(self) -> None:
        super().__init__(
            "the server has no room for the body of this import: its folder for temporary files (TMPDIR) is full or "
            "cannot be used; nothing of it was stored",
            retry_after_s=60,
        )


class Stopping(NotReady):
    """The server is being stopped. ``lines`` of an import are stored, None for a request that is no import."""

    def __init__(self, lines: int | None = None) -> None:
        told = (
            "what it was to change may still be done: look before you send it again"
            if lines is None
            else f"the first {lines} lines of this import are stored; send it again"
        )
        super().__init__(f"the server is being stopped; {told}", retry_after_s=10)
        self.lines = lines


class TookTooLong(NotReady):
    """The work was not done within ``limit_s`` and goes on; what it was to change may still be done."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"this took longer than {limit_s:g} s and nobody waits for it any more; what it was to change may still be"
            " done: look before you send it again",
            retry_after_s=30,
        )
        self.limit_s = limit_s


class IssuerUnreachable(NotReady):
    """Tokens of people cannot be checked, because their issuer does not answer."""

    def __init__(self) -> None:
        super().__init__("tokens cannot be checked now: their issuer does not answer", retry_after_s=30)
