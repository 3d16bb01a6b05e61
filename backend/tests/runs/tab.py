"""A browser tab: one socket for many runs; it comes back by itself where it left off, and repeats what had no reply."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Self, TypeVar
from uuid import uuid4

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.contract.reducer import MessageState
from tests.runs.waiting import until

_PAUSE = 0.05
_PATIENCE = 60.0
_SIGN_IN = 4401

Json = dict[str, Any]
T = TypeVar("T")


class Tab:
    """Keeps a reduced state per message, and for each run its events as they came, none of them twice."""

    def __init__(self, address: str, token: str) -> None:
        self._url, self._headers = f"ws://{address}/api/v1/ws", {"Authorization": f"Bearer {token}"}
        self._connection: ClientConnection | None = None
        self._closed_by: int | None = None
        self._may_connect = asyncio.Event()
        self._may_connect.set()
        self._unanswered: dict[str, tuple[Json, asyncio.Future[Json]]] = {}
        self._message_of: dict[str, str] = {}
        self._states: dict[str, MessageState] = {}
        self._task: asyncio.Task[None] | None = None
        self._sendings: list[asyncio.Task[None]] = []
        self.events: dict[str, list[Json]] = {}
        self.notes: list[Json] = []
        self.came_back = -1

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, op: str, **fields: Any) -> Json:  # noqa: ANN401 - the fields of a frame
        """Send a command until it is replied to."""
        ref = uuid4().hex
        frame = {"op": op, "ref": ref, **fields}
        reply: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._unanswered[ref] = (frame, reply)
        await self._send(frame)
        return await self._in_time(asyncio.wait_for(reply, _PATIENCE))

    def follow_later(self, run_id: str) -> None:
        """See a run from its beginning to its end, as soon as there is a connection."""
        ref = uuid4().hex
        frame: Json = {"op": "attach", "ref": ref, "run_id": run_id, "after": self._seen(run_id)}
        self._unanswered[ref] = (frame, asyncio.get_running_loop().create_future())
        self._sendings.append(asyncio.create_task(self._send(frame)))

    def state(self, message_id: object) -> MessageState:
        """What the tab shows of a message."""
        return self._states.setdefault(str(message_id), MessageState())

    def count(self) -> int:
        """How many events have come so far."""
        return sum(map(len, self.events.values()))

    def drop(self) -> None:
        """The connection breaks without a word."""
        if self._connection is not None:
            self._connection.transport.abort()

    def leave(self) -> None:
        """The connection breaks, and there is none until `come_back`."""
        self._may_connect.clear()
        self.drop()

    def come_back(self) -> None:
        """Connect again."""
        self._may_connect.set()

    async def caught_up(self) -> None:
        """Return once every run that is followed, or about to be, has been seen to its end."""
        await self._in_time(until(lambda: not self.open_runs() and not self._unanswered, within=_PATIENCE))

    def forget(self, run_id: str) -> None:
        """The run is gone: nothing more is expected of it."""
        self._message_of.pop(run_id, None)

    def waits_for(self) -> Json:
        """What the tab still wants to see, and whether it can."""
        unseen = {run_id: f"{self._seen(run_id)} {self._last(run_id)}" for run_id in self.open_runs()}
        unanswered = [frame for frame, _ in self._unanswered.values()]
        gone = self._task is not None and self._task.done() and not self._task.cancelled() and self._task.exception()
        closed = self._connection.close_code if self._connection is not None else self._closed_by
        connection = "open" if self._connection is not None and closed is None else f"closed by {closed}"
        return {"connection": connection, "broken": repr(gone), "unseen": unseen, "unanswered": unanswered}

    async def _in_time(self, waiting: Awaitable[T]) -> T:
        try:
            return await waiting
        except TimeoutError as error:
            raise TimeoutError(self.waits_for()) from error

    async def _stay(self) -> None:
        while True:
            await self._may_connect.wait()
            try:
                async with connect(self._url, additional_headers=self._headers) as connection:
                    self._connection = connection
                    self.came_back += 1
                    await self._resume()
                    async for text in connection:
                        self._take(str(text))
            except (OSError, ConnectionClosed, InvalidHandshake):
                pass
            if self._connection is not None:
                self._closed_by = self._connection.close_code
            if self._closed_by == _SIGN_IN:
                raise AssertionError("the tab was signed out")
            self._connection = None
            await asyncio.sleep(_PAUSE)

    async def _resume(self) -> None:
        for frame, _ in list(self._unanswered.values()):
            await self._send(frame)
        for run_id in self.open_runs():
            await self._send({"op": "attach", "ref": f"again-{run_id}", "run_id": run_id, "after": self._seen(run_id)})

    async def _send(self, frame: Json) -> None:
        if self._connection is not None:
            with suppress(ConnectionClosed, OSError):
                await self._connection.send(orjson.dumps(frame, default=str).decode())

    def _take(self, text: str) -> None:
        value = orjson.loads(text)
        for item in value if isinstance(value, list) else [value]:
            if "op" not in item:
                self._see(item)
            elif item["op"] == "note":
                self.notes.append(item)
            else:
                self._reply(item)

    def _reply(self, item: Json) -> None:
        if "run" in item:
            self._message_of[item["run"]["id"]] = item["run"]["message_id"]
        _, reply = self._unanswered.pop(item["ref"], ({}, None))
        if reply is not None and not reply.done():
            reply.set_result(item)
        elif item["op"] == "error":  # of an attach that was sent again: try once more
            self.drop()

    def _see(self, event: Json) -> None:
        coda = event["metadata"]["coda"]
        run_id = coda["run_id"]
        if coda.get("replay") or coda["seq"] <= self._seen(run_id):
            return
        self.events.setdefault(run_id, []).append(event)
        self.state(self._message_of[run_id]).apply(event)

    def _seen(self, run_id: str) -> int:
        seen = self.events.get(run_id)
        return int(seen[-1]["metadata"]["coda"]["seq"]) if seen else 0

    def open_runs(self) -> list[str]:
        """The runs whose end has not been seen."""
        ends = ("RUN_FINISHED", "RUN_ERROR")
        return [run_id for run_id in self._message_of if self._last(run_id) not in ends]

    def _last(self, run_id: str) -> str | None:
        seen = self.events.get(run_id)
        return seen[-1]["type"] if seen else None
