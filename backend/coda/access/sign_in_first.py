"""Nobody has a body read who is not signed in: the caller is asked for before the first byte of it."""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Final

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.access.quotas import Quotas
from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.http.errors import answer_failure

PUBLIC_BODIES: Final = ("/api/v1/auth/",)
"""Below these, people are not signed in yet. `BodyLimit` keeps what they may send small."""

_KEY: Final = "coda.admitted"
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FRESH: Final = timedelta(seconds=3)  # as often as the rights of sockets are read


@dataclass(frozen=True, slots=True)
class _Admitted:
    principal: Principal
    at: float


class SignInFirst:
    """Refuses the body of a caller who is not signed in. Holds for every path, whether or not there is a route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask who calls where a body is announced."""
        if not _has_private_body(scope):
            await self._app(scope, receive, send)
            return
        try:
            principal = await self._authenticate(scope)
            scope[_KEY] = _Admitted(principal, monotonic())
            await count_request(scope, principal)
        except (CodaError, DBAPIError) as error:
            response = await answer_failure(Request(scope), error)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _authenticate(self, scope: Scope) -> Principal:
        state = scope["app"].state
        authenticator: Authenticator = state.authenticator
        database: Database = state.database
        async with database.transaction(None) as db:
            return await authenticator.by_bearer(db, bearer_of(Headers(scope=scope)))


async def count_request(scope: Scope, principal: Principal) -> None:
    """Count the request against its caller's quotas, once; raises RateLimited."""
    quotas: Quotas | None = getattr(scope["app"].state, "quotas", None)
    if quotas is not None:
        await quotas.count_request(scope, principal)


def admitted_lately(request: Request) -> Principal | None:
    """Whoever was let in with this request's body, unless the body took so long that they must be asked for again."""
    admitted: _Admitted | None = request.scope.get(_KEY)
    if admitted is None or monotonic() - admitted.at > _FRESH.total_seconds():
        return None
    return admitted.principal


def bearer_of(headers: Headers) -> str | None:
    """The token or key that a request carries."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _has_private_body(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY or scope["path"].startswith(PUBLIC_BODIES):
        return False
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
