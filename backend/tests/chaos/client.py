"""Somebody with an open page: sends, watches, comes back after every break, and remembers all that was said."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import uuid4

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

from tests.contract.reducer import MessageState

ENDS = ("RUN_FINISHED", "RUN_ERROR")
_REPLY_WITHIN = 5.0
_LONGEST_PAUSE = 0.4
_BREAKS = (OSError, WebSocketException, InvalidHandshake, TimeoutError, EOFError)


@dataclass
class Watched:
    """One question of this client, and all it knows of the answer."""

    run_id: str
    session_id: str
    message_id: str
    content: str
    assistant_id: str = ""
    state: MessageState = field(default_factory=MessageState)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_acked: bool = False

    @property
    def last_seq(self) -> int:
        """The last event of this run that has come."""
        return self.state.last_seq if self.state.run_id == self.run_id else 0

    def continued(self, run_id: str) -> "Watched":
        """The run that goes on with this answer."""
        return replace(self, run_id=run_id, gaps=[], kinds=[], ended=asyncio.Event())

    def take(self, event: dict[str, Any]) -> None:
        """One event as it came over the wire."""
        coda = event["metadata"]["coda"]
        last = self.last_seq
        if not coda.get("replay") and not coda.get("compact") and coda["seq"] > last + 1:
            self.gaps.append((last, coda["seq"]))
        if coda.get("replay") or coda["seq"] > last:
            self.kinds.append(event["type"])
        self.state.apply(event)
        if event["type"] in ENDS:
            self.ended.set()

    def has(self, kind: str) -> bool:
        """Whether an event of this type has come."""
        return kind in self.kinds


class Client:
    """One socket that is opened again whenever it breaks, at whichever server answers."""

    def __init__(self, addresses: Callable[[], Sequence[str]], key: str, *, seed: int = 0) -> None:
        self.seed = seed
        self._addresses, self._headers = addresses, {"Authorization": f"Bearer {key}"}
        self._http = httpx.AsyncClient(headers=self._headers, verify=False, trust_env=False, timeout=10)  # noqa: S501 - plain HTTP, and reading certificates takes long
        self._random = random.Random(seed)  # noqa: S311 - a plan that can be repeated, not a secret
        self._connection: ClientConnection | None = None
        self._connected = asyncio.Event()
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._task: asyncio.Task[None] | None = None
        self.watched: dict[str, Watched] = {}
        self.breaks = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._live())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._http.aclose()

    async def new_session(self) -> str:
        """A new chat session."""
        return str((await self._over_http("POST", "/api/v1/sessions", {"title": None}))["id"])

    async def switch_off(self, tool: str, session_id: str) -> None:
        """Switch a tool off for one chat session."""
        body = {"enabled": False, "for": "session", "session_id": session_id}
        await self._over_http("PATCH", f"/api/v1/tools/{tool}", body)

    async def messages(self, session_id: str) -> list[dict[str, Any]]:
        """A fresh fetch of a session's path."""
        page = await self._over_http("GET", f"/api/v1/sessions/{session_id}/messages?limit=200")
        items: list[dict[str, Any]] = page["items"]
        return items

    async def ask(self, session_id: str, content: str, *, model: str = "demo/coda") -> Watched:
        """Send a question until it is acknowledged, always under the same ids."""
        asked = Watched(str(uuid4()), session_id, str(uuid4()), content)
        self.watched[asked.run_id] = asked
        reply = await self.insist(
            "start", session_id=session_id, run_id=asked.run_id, model=model,
            message={"id": asked.message_id, "content": content},
        )  # fmt: skip
        assert reply["op"] == "ack", reply
        asked.is_acked, asked.assistant_id = True, reply["assistant"]["id"]
        return asked

    async def watch(self, asked: Watched) -> Watched:
        """Follow what somebody else has asked, from its beginning."""
        watched = Watched(asked.run_id, asked.session_id, asked.message_id, asked.content, asked.assistant_id)
        watched.is_acked = True
        self.watched[asked.run_id] = watched
        await self.insist("attach", run_id=asked.run_id, after=0)
        return watched

    async def insist(self, op: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a frame
        """Say something until there is an answer that is not "try again"."""
        while True:
            with suppress(*_BREAKS):
                reply = await self.say(op, **more)
                if reply["op"] == "ack" or reply["error"]["code"] != "core.database_unavailable":
                    return reply
            await asyncio.sleep(self._random.uniform(0.02, _LONGEST_PAUSE))

    async def say(self, op: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a frame
        """Send one frame and wait for its reply; raises what breaks the connection."""
        async with asyncio.timeout(_REPLY_WITHIN):
            await self._connected.wait()
            ref = uuid4().hex
            self._replies[ref] = asyncio.get_running_loop().create_future()
            try:
                assert self._connection is not None
                await self._connection.send(orjson.dumps({"op": op, "ref": ref, **more}).decode())
                return await self._replies[ref]
            finally:
                self._replies.pop(ref).cancel()

    async def drop(self) -> None:
        """Lose the connection; it comes back by itself."""
        if self._connection is not None:
            self._connection.transport.abort()

    async def _live(self) -> None:
        while True:
            with suppress(*_BREAKS):
                url = f"ws://{self._random.choice(self._addresses())}/api/v1/ws"
                async with connect(url, additional_headers=self._headers, proxy=None, max_size=None) as connection:
                    self._connection = connection
                    self._connected.set()
                    coming_back = asyncio.create_task(self._come_back())
                    try:
                        async for text in connection:
                            self._take(orjson.loads(text))
                    finally:
                        coming_back.cancel()
            self._connected.clear()
            self.breaks += 1
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(ConnectionResetError())
            await asyncio.sleep(self._random.uniform(0.02, _LONGEST_PAUSE))

    async def _come_back(self) -> None:
        """Attach to what was being watched, each from where it broke off."""
        with suppress(*_BREAKS):
            for watched in tuple(self.watched.values()):
                while watched.is_acked and not watched.ended.is_set():
                    reply = await self.say("attach", run_id=watched.run_id, after=watched.last_seq)
                    if reply["op"] == "ack":
                        break
                    await asyncio.sleep(_LONGEST_PAUSE)

    def _take(self, value: Any) -> None:  # noqa: ANN401 - one frame, or several
        for item in value if isinstance(value, list) else [value]:
            if "op" not in item:
                self.watched[item["metadata"]["coda"]["run_id"]].take(item)
                continue
            run = item.get("run")
            if run and run["id"] not in self.watched and run["parent_run_id"] in self.watched:
                self.watched[run["id"]] = self.watched[run["parent_run_id"]].continued(run["id"])
            if (reply := self._replies.get(item.get("ref", ""))) is not None and not reply.done():
                reply.set_result(item)

    async def _over_http(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        while True:
            with suppress(httpx.TransportError):
                address = self._random.choice(self._addresses())
                answer = await self._http.request(method, f"http://{address}{path}", json=body)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return answer.raise_for_status().json()
            await asyncio.sleep(self._random.uniform(0.02, _LONGEST_PAUSE))
