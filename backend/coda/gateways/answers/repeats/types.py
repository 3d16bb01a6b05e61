"""What tells that a request came before."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from starlette.requests import Request

from coda.access.principal import Principal
from coda.gateways.answers.errors import InvalidParameter

IDEMPOTENCY_KEY = "Idempotency-Key"
_RETRY_COUNT = "x-stainless-retry-count"
_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A request by its marks. `session`: the chat that its header names. `is_retry`: its client sends it again."""

    body_hash: bytes
    session: str | None = None
    key_hash: bytes | None = None
    is_retry: bool = False

    @classmethod
    def of(cls, principal: Principal, request: Request, *, session: str | None, body: bytes) -> "ClientRequest":
        """From what came over HTTP; raises InvalidParameter for a key that is none."""
        headers = request.headers
        key = headers.get(IDEMPOTENCY_KEY)
        if key is not None and not 0 < len(key) <= _LONGEST_KEY:
            raise InvalidParameter(IDEMPOTENCY_KEY, f"The key has 1 to {_LONGEST_KEY} characters.")
        asked_by = f"{principal.api_key_id} {request.url.path} {session} "
        key_hash = None if key is None else hashlib.sha256(f"{asked_by}{key}".encode()).digest()
        count = headers.get(_RETRY_COUNT, "0")
        is_retry = count.isascii() and count.isdigit() and int(count[:4]) > 0
        return cls(hashlib.sha256(asked_by.encode() + body).digest(), session, key_hash, is_retry)


RunState = Literal["new", "answers", "ended"]
"""Of the run that answers a request: not there yet, works or has answered, or ended, or about to, without an answer."""


@dataclass(frozen=True, slots=True)
class ClaimedRequest:
    """A request, and the run that answers it. `attempt`: which one of its client's this is."""

    id: UUID
    session_id: UUID
    run_id: UUID
    attempt: int
    state: RunState
    message_id: UUID | None = None
