"""One open socket: a task that reads commands, a task that sends, and one reason to end."""

import asyncio
import contextlib
from collections.abc import Collection
from typing import Any
from uuid import UUID

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from coda.access.principal import Principal
from coda.core.kill_points import KillPoint, reached
from coda.observability.metrics import SLOW_READERS
from coda.runs.connections import frames
from coda.runs.connections.commands import SocketCommands
from coda.runs.connections.errors import CloseCode, RunAccessLost, SocketClosing
from coda.runs.connections.limits import FrameRate
from coda.runs.connections.outbox import Outbox
from coda.runs.connections.services import SocketServices

_logger = structlog.get_logger(__name__)


class SocketConnection:
    """A socket that was let in."""

    def __init__(self, websocket: WebSocket, principal: Principal, services: SocketServices) -> None:
        self.principal = principal
        self._scope = principal.scope
        self._websocket = websocket
        self._limits = services.limits
        self._outbox = Outbox(services.streams, on_overflow=self._overflow)
        self._commands = SocketCommands(services, principal, self._outbox)
        self._closing: asyncio.Future[SocketClosing] = asyncio.get_running_loop().create_future()
        self._handling = asyncio.Lock()

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """The chat sessions whose runs are followed on it."""
        return self._outbox.followed_sessions

    def disconnect(self, closing: SocketClosing) -> None:
        """End the connection. The first reason counts."""
        if not self._closing.done():
            self._closing.set_result(closing)

    def detach_session(self, session_id: UUID) -> None:
        """Follow no run of this session any more, and say that it may no longer be read."""
        for run_id in self._outbox.detach_session(session_id):
            self._outbox.reply(frames.detached(run_id, RunAccessLost(run_id, session_id)))

    def send_notes(self, notes: str) -> None:
        """Pass notes on."""
        self._outbox.reply(notes)

    async def run(self) -> None:
        """Serve until the client leaves or is disconnected."""
        reading = asyncio.create_task(self._read())
        sending = asyncio.create_task(self._send())
        try:
            endings: set[asyncio.Future[Any]] = {reading, sending, self._closing}
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
            if self._closing.done() and self._closing.result().code is CloseCode.RESTART:
                await self._finish(reading, sending)
        finally:
            reading.cancel()
            sending.cancel()
            results = await asyncio.gather(reading, sending, return_exceptions=True)
            self._outbox.close()
        for result in results:
            self._note_failure(result)
        if self._closing.done():
            await self._close(self._closing.result())

    async def _finish(self, reading: "asyncio.Task[None]", sending: "asyncio.Task[None]") -> None:
        """Answer the command under way and send what waits, but read nothing more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.finish_within.total_seconds()):
                async with self._handling:
                    reading.cancel()
                self._outbox.finish()
                await asyncio.wait({sending})

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        rate = FrameRate(self._limits, at=clock())
        while True:
            text = await self._receive()
            if len(text) > self._limits.frame_characters:
                raise SocketClosing(CloseCode.BAD_FRAME, "This frame is too large.")
            if not rate.allows(at=clock()):
                raise SocketClosing(CloseCode.TOO_MANY, "Too many frames.")
            async with self._handling:
                await self._commands.handle(text)
            await self._outbox.room()

    async def _receive(self) -> str:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if not isinstance(text, str):
            raise SocketClosing(CloseCode.BAD_FRAME, "Frames are texts.")
        return text

    async def _send(self) -> None:
        while not self._outbox.is_finished:
            for message in await self._outbox.take(self._scope):
                await self._websocket.send({"type": "websocket.send", "text": message})
                reached(KillPoint.AFTER_ACK)

    def _overflow(self) -> None:
        SLOW_READERS.inc()
        self.disconnect(SocketClosing(CloseCode.SLOW, "You read too slowly: reconnect and attach from your last seq."))

    def _note_failure(self, result: BaseException | None) -> None:
        if isinstance(result, SocketClosing):
            self.disconnect(result)
        elif isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            _logger.error("socket.broken", user_id=str(self.principal.user_id), exc_info=result)
            self.disconnect(SocketClosing(CloseCode.BROKEN, "Something went wrong: reconnect."))

    async def _close(self, closing: SocketClosing) -> None:
        """Say why. A client that reads nothing any more is given up after a while."""
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self._limits.close_within.total_seconds()):
                await self._websocket.close(closing.code, closing.reason)
