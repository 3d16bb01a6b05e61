"""Every route of the application against every kind of caller."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient, Response
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport
from sqlalchemy import text

from coda.access.key_scopes import KeyScope
from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database, DatabaseUrls
from coda.core.scope import INSTANCE_ORG
from coda.core.settings import Settings
from coda.files.wiring import FileServices
from coda.gateways.openai_responses.ids import response_id
from coda.gateways.openai_responses.models import StoredResponse
from coda.identity.models import OneTimeToken
from coda.llm.models import ProviderConnection
from coda.main import create_app
from coda.runs.connections import frames
from coda.runs.models import Run, RunStep
from coda.tools.sources.models import ToolSource
from tests.access_matrix import COMMANDS, MATRIX, Access, Command, Keys, Line, Owner
from tests.callers import Caller, Town


@dataclass(frozen=True, slots=True)
class Kind:
    """What matters of a caller. `role`: None for one whom nothing lets in; `scopes`: those of an API key."""

    role: Role | None
    is_owner: bool = False
    is_elsewhere: bool = False
    is_operator: bool = False
    scopes: frozenset[KeyScope] | None = None


PEOPLE: Final = {
    "viewer": Kind(Role.VIEWER),
    "colleague": Kind(Role.MEMBER),
    "owner": Kind(Role.MEMBER, is_owner=True),
    "admin": Kind(Role.ADMIN),
    "operator elsewhere": Kind(Role.MEMBER, is_elsewhere=True, is_operator=True),
    "admin elsewhere": Kind(Role.ADMIN, is_elsewhere=True),
}
KEYS: Final = {
    (person, f"{person}'s {'-'.join(scopes)} key"): replace(PEOPLE[person], scopes=frozenset(scopes))
    for person in ("viewer", "owner", "admin", "operator elsewhere")
    for scopes in ((KeyScope.READ,), (KeyScope.CHAT,), (KeyScope.ADMIN,), tuple(KeyScope))
}
NOBODY: Final = ("anonymous", "revoked key", "expired key", "ended login", "signed for the instance")
KINDS: Final = {
    **dict.fromkeys(NOBODY, Kind(None)),
    **PEOPLE,
    **{name: kind for (_, name), kind in KEYS.items()},
}


_ADMINS: Final = (Access.ADMIN, Access.ADMIN_SELF, Access.ADMIN_OR_OPERATOR)


def refusal(access: Access, keys: Keys, kind: Kind) -> str | None:
    """The code with which a caller is refused, whatever they name."""
    is_enough = access is Access.ADMIN_OR_OPERATOR and kind.is_operator
    if access in _ADMINS and kind.role is not Role.ADMIN and not is_enough:
        return "organizations.admins_only"
    if access is Access.OPERATOR and not kind.is_operator:
        return "organizations.operators_only"
    if access is Access.MEMBER and kind.role is Role.VIEWER:
        return "organizations.read_only"
    if kind.scopes is None or kind.scopes & keys.value:
        return None
    return "organizations.missing_scope" if keys.value else "organizations.needs_login"


def expected(line: Line, kind: Kind) -> tuple[int, str | None]:
    """The status, and the code of a refusal."""
    if line.access is Access.ANYBODY:
        return line.ok, None
    if kind.role is None:
        return 401, None
    refused = refusal(line.access, line.allowed_keys, kind)
    if refused:
        return 403, refused
    is_foreign = (line.owner is Owner.PERSON and not kind.is_owner) or (
        line.owner is Owner.ORGANIZATION and kind.is_elsewhere
    )
    return (404 if is_foreign else line.ok), None


@pytest.fixture(scope="module")
async def app(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[FastAPI]:
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": 0, "probe_ollama": False})
    identity = settings.identity.model_copy(update={"attempts_per_address": 10_000})
    app = create_app(settings.model_copy(update={"llm": llm, "identity": identity}), database_urls)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="module")
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://localhost", timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def town(app: FastAPI, database: Database) -> Town:
    return Town(database, app.state.identity)


@pytest.fixture(scope="module")
async def callers(town: Town, client: AsyncClient) -> dict[str, Caller | None]:
    here, elsewhere = await town.found(), await town.found()
    owner = await town.settle(here, Role.MEMBER)
    revoked, expired = await town.key(owner), await town.key(owner, expires_at=datetime.now(UTC) + timedelta(days=1))
    ended = await town.sign_in(owner.principal, owner.email)
    await client.delete(f"/api/v1/api-keys/{revoked.principal.api_key_id}", headers=owner.headers)
    await client.delete(f"/api/v1/me/logins/{ended.principal.login_id}", headers=owner.headers)
    await town.execute(
        "update api_keys set expires_at = now() where id = :id",
        owner.principal.scope,
        id=expired.principal.api_key_id,
    )
    people = {
        "viewer": await town.settle(here, Role.VIEWER),
        "colleague": await town.settle(here, Role.MEMBER),
        "owner": owner,
        "admin": await town.settle(here, Role.ADMIN),
        "operator elsewhere": await town.settle(elsewhere, Role.MEMBER, is_operator=True),
        "admin elsewhere": await town.settle(elsewhere, Role.ADMIN),
    }
    keys = {name: await town.key(people[person], scopes=kind.scopes or ()) for (person, name), kind in KEYS.items()}
    into_instance = town.sign_for(people["admin"], INSTANCE_ORG)
    nobody = dict(zip(NOBODY, (None, revoked, expired, ended, into_instance), strict=True))
    return {**nobody, **people, **keys}


class Things:
    """Makes what a path names: a member's own things, and things of their organization."""

    def __init__(self, town: Town, owner: Caller, files: FileServices) -> None:
        self._town, self._owner, self._files = town, owner, files
        self._scope = owner.principal.scope

    async def make(self, name: str) -> UUID | str:
        made: UUID | str = await getattr(self, f"_{name}")()
        return made

    async def _token(self) -> str:
        return "a-token-that-nobody-made"

    async def _model_id(self) -> str:
        return "demo/coda"

    async def _name(self) -> str:
        return "calculator"

    async def _session_id(self) -> UUID:
        chat_session = ChatSession(org_id=self._scope.org_id, id=uuid4(), owner_id=self._scope.user_id)
        await self._town.add(self._scope, chat_session)
        return chat_session.id

    async def _message_id(self, *, run_id: UUID | None = None) -> UUID:
        message = Message(
            org_id=self._scope.org_id,
            id=uuid4(),
            session_id=await self._session_id(),
            role="assistant",
            content=[],
            status="complete",
            run_id=run_id,
        )
        await self._town.add(self._scope, message)
        return message.id

    async def _run_id(self) -> UUID:
        run_id = uuid4()
        org_id, message_id = self._scope.org_id, await self._message_id(run_id=run_id)
        async with self._town.transaction(self._scope) as db:
            message = await db.get_one(Message, (org_id, message_id))
            run = Run(
                org_id=org_id,
                id=run_id,
                session_id=message.session_id,
                message_id=message_id,
                user_id=self._scope.user_id,
                root_run_id=run_id,
                status="finished",
                model="demo/coda",
                request_hash=b"",
            )
            db.add(run)
            await db.flush()
            context = {"window": 1, "reserved_output": 0, "parts": [], "left_out": {"messages": 0, "tokens": 0}}
            step = {"kind": "model", "name": "demo/coda", "status": "done", "data": {"context": context}}
            db.add(RunStep(org_id=org_id, id=uuid4(), run_id=run_id, root_run_id=run_id, **step))
        return run_id

    async def _response_id(self) -> str:
        key = uuid4()
        body = {"id": response_id(key), "object": "response", "created_at": 1, "status": "completed"}
        response = StoredResponse(
            org_id=self._scope.org_id,
            id=key,
            user_id=self._scope.user_id,
            input=[],
            body={**body, "model": "demo/coda", "output": []},
        )
        await self._town.add(self._scope, response)
        return response_id(key)

    async def _upload_id(self) -> UUID:
        return (await self._files.uploads.begin(self._scope, name="notes.txt", size=5)).id

    async def _file_id(self) -> UUID:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"notes"

        return (await self._files.uploads.take(self._scope, name="notes.txt", chunks=chunks(), at_most=5)).id

    async def _login_id(self) -> UUID:
        login = await self._town.sign_in(self._owner.principal, self._owner.email)
        assert login.principal.login_id is not None
        return login.principal.login_id

    async def _key_id(self) -> UUID:
        key = await self._town.key(self._owner)
        assert key.principal.api_key_id is not None
        return key.principal.api_key_id

    async def _user_id(self) -> UUID:
        return (await self._town.settle(self._owner.principal.org_id)).principal.user_id

    async def _invite_id(self) -> UUID:
        invite = OneTimeToken(
            hash=uuid4().bytes,
            id=uuid4(),
            purpose="invite",
            email="guest@example.org",
            org_id=self._scope.org_id,
            role="member",
            expires_at=datetime.now(UTC) + timedelta(days=1),
        )
        await self._town.add(self._scope, invite)
        return invite.id

    async def _job_id(self) -> str:
        """A job that failed."""
        async with self._town.transaction(self._scope) as db:
            made = text("insert into jobs (priority, status, entrypoint) values (0, 'failed', 'title') returning id")
            return str(await db.scalar(made))

    async def _source_id(self) -> UUID:
        source = ToolSource(
            org_id=self._scope.org_id,
            id=uuid4(),
            owner_id=self._scope.user_id,
            kind="mcp",
            slug=uuid4().hex,
            name="A source",
            config={"url": "http://127.0.0.1:9/mcp"},
            allow_private=True,
            created_by=self._scope.user_id,
        )
        await self._town.add(self._scope, source)
        return source.id

    async def _connection_id(self) -> UUID:
        connection = ProviderConnection(
            org_id=self._scope.org_id,
            id=uuid4(),
            slug=uuid4().hex,
            kind="ollama",
            name="A provider",
            base_url="http://127.0.0.1:9",
            created_by=self._scope.user_id,
        )
        await self._town.add(self._scope, connection)
        return connection.id


def test_every_route_has_exactly_one_line(app: FastAPI) -> None:
    served = sorted(
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in (set(route.methods or {"WEBSOCKET"}) - {"HEAD"})
    )

    assert served == sorted((line.method, line.path) for line in MATRIX)


@pytest.mark.parametrize("line", MATRIX, ids=lambda line: f"{line.method} {line.path}")
async def test_who_may_use_it(
    line: Line, app: FastAPI, client: AsyncClient, town: Town, callers: dict[str, Caller | None]
) -> None:
    owner = callers["owner"]
    assert owner is not None
    things = Things(town, owner, app.state.files)
    seen: dict[str, tuple[int, str | None]] = {}
    parts = [part[1:-1].removesuffix(":path") for part in line.path.split("/") if part.startswith("{")]
    path = None
    for name, caller in callers.items():
        headers = {} if caller is None else caller.headers
        if path is None:
            path = line.path.replace(":path}", "}").format(**{part: await things.make(part) for part in parts})
        if line.method == "WEBSOCKET":
            seen[name] = await open_socket(app, path, headers)
        else:
            response = await client.request(line.method, path, headers=headers, json=line.body)
            seen[name] = response.status_code, code_of(response) if response.status_code == 403 else None
            if response.is_success and line.method != "GET":  # it may have used up what is there
                path = None

    assert seen == {name: expected(line, KINDS[name]) for name in callers}


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


async def open_socket(app: FastAPI, path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    """200 where the socket stays open, 401 or 403 where it is closed with 4401 or 4403."""
    async with socket_of(app, path, headers) as socket:
        try:
            return {"pong": 200}[(await ask(socket, {"op": "ping"}))["op"]], None
        except WebSocketDisconnect as closed:
            return {4401: (401, None), 4403: (403, "organizations.missing_scope")}[closed.code]


@asynccontextmanager
async def socket_of(app: FastAPI, path: str, headers: dict[str, str]) -> AsyncIterator[AsyncWebSocketSession]:
    async with AsyncClient(transport=ASGIWebSocketTransport(app), base_url="http://coda.lan") as client:
        socket: AsyncWebSocketSession
        async with aconnect_ws(f"http://coda.lan{path}", client, headers=headers) as socket:
            yield socket


async def ask(socket: AsyncWebSocketSession, frame: dict[str, Any]) -> dict[str, Any]:
    """The reply to a frame; events and notes on the way to it are passed over."""
    await socket.send_text(orjson.dumps({"ref": "1", **frame}, default=str).decode())
    while True:
        answer = await socket.receive_json(timeout=60)
        if isinstance(answer, dict) and answer.get("ref") == "1":
            return answer


def test_every_command_of_a_socket_has_exactly_one_line() -> None:
    assert sorted(command.op for command in COMMANDS) == sorted(set(frames.FRAMES) - {"ping"})


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.op)
async def test_who_may_give_it(command: Command, app: FastAPI, town: Town, callers: dict[str, Caller | None]) -> None:
    owner = callers["owner"]
    assert owner is not None
    things = Things(town, owner, app.state.files)
    part = "session_id" if command.op == "start" else "run_id"
    seen: dict[str, str | None] = {}
    # Whom nothing lets in, and whose key may not read, is not let onto a socket at all.
    asking = {name: caller for name, caller in callers.items() if caller and may_open_a_socket(KINDS[name])}
    for name, caller in asking.items():
        async with socket_of(app, "/api/v1/ws", caller.headers) as socket:
            given = {"op": command.op, part: await things.make(part), **command.fields}
            reply = await ask(socket, given)
            seen[name] = reply["error"]["code"] if reply["op"] == "error" else None

    assert seen == {name: expected_reply(command, KINDS[name]) for name in asking}


def may_open_a_socket(kind: Kind) -> bool:
    return kind.role is not None and refusal(Access.SIGNED_IN, Keys.READ, kind) is None


def expected_reply(command: Command, kind: Kind) -> str | None:
    """The code of the error that a caller gets, None for an ack."""
    refused = refusal(command.access, command.keys, kind)
    if refused or kind.is_owner:
        return refused or command.error
    return "conversations.session_not_found" if command.op == "start" else "runs.not_found"
