"""The route of the WebSocket."""

import structlog
from fastapi import APIRouter
from sqlalchemy.exc import DBAPIError
from starlette.websockets import WebSocket, WebSocketDisconnect

from coda.access.checks import check
from coda.access.dependencies import authenticate_socket
from coda.access.permissions import Permission
from coda.core.db import is_database_away
from coda.core.errors import CodaError, ErrorKind
from coda.core.request_limits import RateLimited
from coda.runs.connections.connection import SocketConnection
from coda.runs.connections.errors import CloseCode, SocketClosing, TooManyConnections, try_later
from coda.runs.connections.services import SocketServices

router = APIRouter(prefix="/api/v1", tags=["runs"])
_logger = structlog.get_logger(__name__)


@router.websocket("/ws", name="open_socket")
async def open_socket(websocket: WebSocket) -> None:
    """One connection per browser tab, with any number of runs on it."""
    services: SocketServices = websocket.app.state.sockets
    # A browser sees a close code only of a socket that was accepted.
    await websocket.accept()
    try:
        await _serve(websocket, services)
    except SocketClosing as closing:
        await websocket.close(closing.code, closing.reason)
    except WebSocketDisconnect:
        return


async def _serve(websocket: WebSocket, services: SocketServices) -> None:
    try:
        principal = await authenticate_socket(websocket)
        check(principal, Permission.SESSIONS_READ)
        if services.quotas is not None:
            await services.quotas.count_command(principal)
    except RateLimited as error:
        raise SocketClosing(CloseCode.TOO_MANY, error.message) from None
    except (DBAPIError, CodaError) as error:
        raise _not_let_in(error) from None
    connection = SocketConnection(websocket, principal, services)
    try:
        with services.registry.registered(connection):
            await connection.run()
    except TooManyConnections as error:
        raise SocketClosing(CloseCode.TOO_MANY, error.message) from None


def _not_let_in(error: DBAPIError | CodaError) -> Exception:
    if is_database_away(error) or (isinstance(error, CodaError) and error.kind is ErrorKind.UNAVAILABLE):
        _logger.warning("socket.not_let_in", error=type(error).__name__)
        return try_later()
    if not isinstance(error, CodaError):
        return error
    code = CloseCode.FORBIDDEN if error.kind is ErrorKind.FORBIDDEN else CloseCode.SIGN_IN
    return SocketClosing(code, error.message)
