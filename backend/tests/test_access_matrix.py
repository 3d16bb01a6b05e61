"""Every route of the application against every kind of caller."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport
from sqlalchemy import text

from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database, DatabaseUrls
from coda.core.scope import INSTANCE_ORG
from coda.core.settings import Settings
from coda.identity.models import OneTimeToken
from coda.llm.models import ProviderConnection
from coda.main import create_app
from coda.runs.models import Run, RunStep
from tests.access_matrix import MATRIX, Access, Line, Owner
from tests.callers import Caller, Town

OWNERS: Final = ("owner", "owner's key")
ROLES: Final = {
    "anonymous": None,
    "revoked key": None,
    "expired key": None,
    "ended login": None,
    "signed for the instance": None,
    "viewer": Role.VIEWER,
    "colleague": Role.MEMBER,
    "owner": Role.MEMBER,
    "owner's key": Role.MEMBER,
    "admin": Role.ADMIN,
    "admin's key": Role.ADMIN,
    "operator elsewhere": Role.MEMBER,
    "admin elsewhere": Role.ADMIN,
}
KEYS: Final = ("owner's key", "admin's key")


def expected(line: Line, caller: str) -> int:
    role = ROLES[caller]
    if line.access is Access.ANYBODY:
        return line.ok
    if role is None:
        return 401
    refused = (
        (line.access is Access.ADMIN and role is not Role.ADMIN)
        or (line.access is Access.OPERATOR and caller != "operator elsewhere")
        or (line.access is Access.ADMIN_OR_OPERATOR and role is not Role.ADMIN and caller != "operator elsewhere")
        or (line.access is Access.MEMBER and role is Role.VIEWER)
        or (line.access is Access.SELF and caller in KEYS)
    )
    if refused:
        return 403
    is_foreign = (line.owner is Owner.PERSON and caller not in OWNERS) or (
        line.owner is Owner.ORGANIZATION and caller.endswith("elsewhere")
    )
    return 404 if is_foreign else line.ok


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
    async with AsyncClient(transport=transport, base_url="http://coda.lan", timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def town(app: FastAPI, database: Database) -> Town:
    return Town(database, app.state.identity)


@pytest.fixture(scope="module")
async def callers(town: Town, client: AsyncClient) -> dict[str, Caller | None]:
    here, elsewhere = await town.found(), await town.found()
    owner = await town.settle(here, Role.MEMBER)
    admin = await town.settle(here, Role.ADMIN)
    revoked, expired = await town.key(owner), await town.key(owner, expires_at=datetime.now(UTC) + timedelta(days=1))
    ended = await town.sign_in(owner.principal, owner.email)
    await client.delete(f"/api/v1/api-keys/{revoked.principal.api_key_id}", headers=owner.headers)
    await client.delete(f"/api/v1/me/logins/{ended.principal.login_id}", headers=owner.headers)
    await town.execute(
        "update api_keys set expires_at = now() where id = :id",
        owner.principal.scope,
        id=expired.principal.api_key_id,
    )
    return {
        "anonymous": None,
        "revoked key": revoked,
        "expired key": expired,
        "ended login": ended,
        "signed for the instance": town.sign_for(admin, INSTANCE_ORG),
        "viewer": await town.settle(here, Role.VIEWER),
        "colleague": await town.settle(here, Role.MEMBER),
        "owner": owner,
        "owner's key": await town.key(owner),
        "admin": admin,
        "admin's key": await town.key(admin),
        "operator elsewhere": await town.settle(elsewhere, Role.MEMBER, is_operator=True),
        "admin elsewhere": await town.settle(elsewhere, Role.ADMIN),
    }


class Things:
    """Makes what a path names: a member's own things, and things of their organization."""

    def __init__(self, town: Town, owner: Caller) -> None:
        self._town, self._owner = town, owner
        self._scope = owner.principal.scope

    async def make(self, name: str) -> UUID | str:
        made: UUID | str = await getattr(self, f"_{name}")()
        return made

    async def _token(self) -> str:
        return "a-token-that-nobody-made"

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
    things = Things(town, owner)
    seen: dict[str, int] = {}
    for name, caller in callers.items():
        headers = {} if caller is None else caller.headers
        parts = [part[1:-1] for part in line.path.split("/") if part.startswith("{")]
        path = line.path.format(**{part: await things.make(part) for part in parts})
        if line.method == "WEBSOCKET":
            seen[name] = await open_socket(app, path, headers)
        else:
            response = await client.request(line.method, path, headers=headers, json=line.body)
            seen[name] = response.status_code

    assert seen == {name: expected(line, name) for name in callers}


async def open_socket(app: FastAPI, path: str, headers: dict[str, str]) -> int:
    """200 where the socket stays open, 401 where it is closed with 4401."""
    async with AsyncClient(transport=ASGIWebSocketTransport(app), base_url="http://coda.lan") as client:
        socket: AsyncWebSocketSession
        async with aconnect_ws(f"http://coda.lan{path}", client, headers=headers) as socket:
            await socket.send_json({"op": "ping", "ref": "1"})
            try:
                answer = await socket.receive_json(timeout=60)
            except WebSocketDisconnect as closed:
                return {4401: 401}[closed.code]
            return {"pong": 200}[answer["op"]]
