"""A served application: real HTTP, real WebSockets, on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import orjson
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from coda.assembly import Process
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.security import AccessClaims
from coda.identity.models import Login
from coda.runs import endpoints
from coda.runs.connections import endpoint, sse
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.services import build_socket_services
from tests.runs.waiting import LONGEST

if TYPE_CHECKING:
    from tests.runs.conftest import Person

LIMITS = SocketLimits(
    sockets_per_user=6,
    runs_per_socket=3,
    frame_characters=10_000,
    frames_at_once=200,
    rights_recheck=timedelta(milliseconds=100),
    keep_alive=timedelta(milliseconds=100),
)


class Server(uvicorn.Server):
    """Leaves the signals of the test process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class Line:
    """A client's end of a socket. Frames are sorted into replies, notes and events as they come."""

    connection: ClientConnection
    texts: list[str]
    replies: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    events: list[dict[str, Any]]
    order: list[str]

    async def say(self, op: str, **more: Any) -> str:  # noqa: ANN401 - the fields of a frame
        """Send a frame; gives its ref."""
        ref = more.pop("ref", None) or uuid4().hex
        await self.connection.send(orjson.dumps({"op": op, "ref": ref, **more}, default=str).decode())
        return str(ref)

    async def ask(self, op: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a frame
        """Send a frame and wait for its reply."""
        ref = await self.say(op, **more)
        return await self.reply(ref)

    async def reply(self, ref: str) -> dict[str, Any]:
        """The reply to a frame."""
        async with asyncio.timeout(LONGEST):
            while True:
                for reply in self.replies:
                    if reply.get("ref") == ref:
                        return reply
                await self.read()

    async def until_end(self, run_id: str) -> list[dict[str, Any]]:
        """The events of a run, to its end."""
        async with asyncio.timeout(LONGEST):
            while True:
                mine = [event for event in self.events if event["metadata"]["coda"]["run_id"] == run_id]
                if mine and mine[-1]["type"] in ("RUN_FINISHED", "RUN_ERROR"):
                    return mine
                await self.read()

    async def read(self) -> None:
        """Take the next message in."""
        text = str(await self.connection.recv())
        self.texts.append(text)
        value = orjson.loads(text)
        for item in value if isinstance(value, list) else [value]:
            if "op" not in item:
                self.events.append(item)
            elif item["op"] == "note":
                self.notes.append(item)
            else:
                self.replies.append(item)
            self.order.append(item.get("op") or item["type"])

    async def close_code(self) -> int:
        """Read to the end; gives the code that the server closes with."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(LONGEST):
                while True:
                    await self.read()
        return int(self.connection.close_code or 0)


@dataclass(frozen=True, slots=True)
class Site:
    """The served application and its address."""

    process: Process
    app: FastAPI
    address: str

    async def sign_in(self, person: "Person") -> tuple[str, UUID]:
        """An access token of a real login, and the login."""
        principal = person.principal
        login = Login(id=uuid4(), user_id=principal.user_id, org_id=principal.org_id)
        async with self.process.database.transaction(principal.scope) as db:
            db.add(login)
        claims = AccessClaims(principal.user_id, principal.org_id, login.id)
        return self.process.identity.tokens.issue(claims), login.id

    @asynccontextmanager
    async def line(
        self,
        person: "Person | None" = None,
        *,
        token: str | None = None,
        query: str = "",
        **more: Any,  # noqa: ANN401 - what `connect` takes
    ) -> AsyncIterator[Line]:
        """An open socket, as `person` where one is given."""
        if person is not None:
            token, _ = await self.sign_in(person)
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"ws://{self.address}/api/v1/ws{query}"
        async with connect(url, additional_headers=headers, **more) as connection:
            yield Line(connection, [], [], [], [], [])


@asynccontextmanager
async def served(process: Process) -> AsyncIterator[Site]:
    """The process behind a real server."""
    app = FastAPI()
    join_routers(app, endpoints.router, sse.router, endpoint.router)
    install_http(app, process.settings)
    for part in fields(process):
        setattr(app.state, part.name, getattr(process, part.name))
    app.state.sockets = build_socket_services(
        process.database, process.streams, process.run_commands, process.authenticator, limits=LIMITS
    )
    app.state.sockets.registry.start()
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield Site(process, app, "{}:{}".format(*listening.getsockname()))
    await app.state.sockets.registry.disconnect_all(within=timedelta(0))
    server.should_exit = True
    await serving
    await app.state.sockets.registry.close()
