"""Rights are rechecked as long as anybody is connected: what may no longer be read ends, and nothing else does."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text, update

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.assembly import Process
from coda.conversations.models import ChatSession
from coda.conversations.types import FollowedSession
from coda.core.db import Database, DatabaseUnavailable
from coda.core.ids import new_id
from coda.identity.wiring import build_api_keys
from coda.organizations.models import Membership
from coda.runs.connections.errors import SocketClosing
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.registry import ConnectionRegistry
from coda.runs.connections.rights import Rights, RightsOfAll
from coda.runs.models import Run
from coda.runs.stream.hub.memory import MemoryHub
from tests.runs.claims import begin, end, open_staged, stage_run
from tests.runs.conftest import Person, new_person
from tests.runs.site import Line, Site
from tests.runs.waiting import LONGEST, until

PROMISED = 5.0
"""Seconds in which a lost right takes effect."""


class Connected:
    """A connection that notes what happens to it."""

    def __init__(self, principal: Principal, *followed: UUID) -> None:
        self.principal = principal
        self.followed_sessions: Collection[UUID] = followed
        self.closings: list[SocketClosing] = []
        self.detached: list[UUID] = []

    def disconnect(self, closing: SocketClosing) -> None:
        self.closings.append(closing)

    def detach_session(self, session_id: UUID) -> None:
        self.detached.append(session_id)

    def send_notes(self, notes: str) -> None:
        raise AssertionError(notes)


class AwayFirst(Rights):
    """A database that does not answer at first."""

    def __init__(self, database: Database, authenticator: Authenticator) -> None:
        super().__init__(database, authenticator)
        self.asked = 0

    async def of_all(self, principals: Collection[Principal], followed: Collection[FollowedSession]) -> RightsOfAll:
        self.asked += 1
        if self.asked < 3:
            raise DatabaseUnavailable
        return await super().of_all(principals, followed)


async def hand_over(person: Person, session_id: UUID) -> None:
    """The chat is somebody else's from now on."""
    async with person.database.transaction(person.scope) as db:
        await db.execute(update(ChatSession).where(ChatSession.id == session_id).values(owner_id=new_id()))


async def key_of(person: Person, *scopes: str) -> tuple[str, UUID]:
    """An API key and its id."""
    async with person.database.transaction(person.scope) as db:
        keys = build_api_keys(db, person.scope.org_id)
        key, secret = await keys.create(person.principal.user_id, name="a key", scopes=scopes, expires_at=None)
    return secret, key.id


async def following(line: Line, run: Run) -> None:
    assert (await line.ask("attach", run_id=run.id))["op"] == "ack"


async def detached(line: Line) -> dict[str, Any]:
    """The frame that tells that a run was detached."""
    return await asyncio.wait_for(line.reply(""), PROMISED)


class TestRecheck:
    async def test_goes_on_after_a_database_was_away(self, process: Process) -> None:
        rights = AwayFirst(process.database, process.authenticator)
        registry = ConnectionRegistry(MemoryHub(), rights, SocketLimits(rights_recheck=timedelta(milliseconds=10)))
        registry.start()
        nobody = Principal(new_id(), new_id(), Role.MEMBER, is_operator=False, login_id=new_id())
        connected = Connected(nobody)

        with registry.registered(connected):
            await until(lambda: bool(connected.closings))

        assert connected.closings[0].code == 4401
        await registry.close()

    async def test_keeps_the_promise_by_its_defaults(self) -> None:
        assert SocketLimits().rights_recheck <= timedelta(seconds=3)

    async def test_judges_each_reader_and_session_by_themselves(self, site: Site) -> None:
        database = site.process.database
        registry = ConnectionRegistry(MemoryHub(), Rights(database, site.process.authenticator), SocketLimits())
        connected: list[Connected] = []
        kept, lost = [], []
        for person in (await new_person(database), await new_person(database)):
            _, login_id = await site.sign_in(person)
            one, other = await person.new_session(), await person.new_session()
            await hand_over(person, other)
            kept.append(one)
            lost.append(other)
            principal = Principal(
                person.principal.user_id, person.principal.org_id, Role.ADMIN, is_operator=False, login_id=login_id
            )
            connected.append(Connected(principal, one, other))
        # What one may read, the other may not.
        connected.append(Connected(connected[0].principal, kept[1]))

        with (
            registry.registered(connected[0]),
            registry.registered(connected[1]),
            registry.registered(connected[2]),
        ):
            await registry.recheck_rights()

        assert [one.detached for one in connected] == [[lost[0]], [lost[1]], [kept[1]]]
        assert [one.closings for one in connected] == [[], [], []]

    async def test_costs_two_queries_however_many_are_connected(self, site: Site, person: Person) -> None:
        registry = site.app.state.sockets.registry
        runs = [await stage_run(person) for _ in range(3)]
        secret, _ = await key_of(person, "read")
        async with site.line(person) as one, site.line(person) as two, site.line(token=secret) as by_key:
            for line in (one, two, by_key):
                for run in runs:
                    await following(line, run)
            with statements_of(site.process.database) as seen:
                await registry.recheck_rights()

        assert len([sql for sql in seen if "unnest" in sql]) in (2, 4)  # the regular recheck may come in between
        assert [sql for sql in seen if "unnest" not in sql] == []


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """What is asked as `coda_system` about rights; the log writer works as that role too."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_more: object) -> None:
        if any(table in sql for table in ("memberships", "chat_sessions", "api_keys", "logins")):
            seen.append(sql)

    engine = database.system_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


class TestLostSession:
    async def test_is_detached_with_an_error_and_the_rest_goes_on(self, site: Site, person: Person) -> None:
        lost, kept = await stage_run(person), await stage_run(person)
        log_of_lost, log_of_kept = (open_staged(site.process.log_writer, run) for run in (lost, kept))
        async with site.line(person) as line:
            for run in (lost, kept):
                await following(line, run)
            await hand_over(person, lost.session_id)

            told = await detached(line)
            for run, log in ((lost, log_of_lost), (kept, log_of_kept)):
                begin(log, run)
                end(log, run)
                await log.drained()
            stream = await line.until_end(str(kept.id))
            again = await line.ask("attach", run_id=lost.id)

        assert (told["op"], told["run_id"]) == ("error", str(lost.id))
        assert told["error"]["code"] == "runs.access_lost"
        assert told["error"]["details"] == {"run_id": str(lost.id), "session_id": str(lost.session_id)}
        assert stream[-1]["type"] == "RUN_FINISHED"
        assert {item["metadata"]["coda"]["run_id"] for item in line.events} == {str(kept.id)}
        assert again["error"]["code"] == "runs.not_found"

    async def test_is_detached_with_each_of_its_runs_and_on_each_socket(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        async with site.line(person) as one, site.line(person) as two:
            await following(one, run)
            await following(two, run)
            await hand_over(person, run.session_id)

            assert (await detached(one))["run_id"] == (await detached(two))["run_id"] == str(run.id)
            assert (await one.ask("ping"))["op"] == "pong"

    async def test_that_was_deleted_is_still_its_owners(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        async with site.line(person) as line:
            await following(line, run)
            async with person.database.transaction(person.scope) as db:
                await db.execute(text("update chat_sessions set deleted_at = now()"))
            await site.app.state.sockets.registry.recheck_rights()

            assert (await line.ask("ping"))["op"] == "pong"
            assert [reply["op"] for reply in line.replies] == ["ack", "pong"]

    async def test_ends_a_stream_over_http(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        log = open_staged(site.process.log_writer, run)
        begin(log, run)
        await log.drained()
        token, _ = await site.sign_in(person)
        path, headers = f"/api/v1/runs/{run.id}/events", {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://{site.address}", timeout=LONGEST) as client:
            async with client.stream("GET", path, headers=headers) as response, asyncio.timeout(LONGEST):
                await hand_over(person, run.session_id)
                body = "".join([part async for part in response.aiter_text()])
            again = await client.get(path, headers=headers)

        assert "RUN_FINISHED" not in body
        assert again.status_code == 404


class TestLostPerson:
    async def test_is_disconnected_when_the_membership_is_over(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            await line.ask("ping")
            async with person.database.transaction(person.scope) as db:
                await db.execute(update(Membership).values(status="suspended"))

            assert await asyncio.wait_for(line.close_code(), PROMISED) == 4401

    async def test_is_disconnected_when_the_key_is_revoked(self, site: Site, person: Person) -> None:
        secret, key_id = await key_of(person, "chat")
        async with site.line(token=secret) as line, site.line(person) as other:
            await line.ask("ping")
            async with person.database.transaction(person.scope) as db:
                await build_api_keys(db, person.scope.org_id).revoke(person.principal.user_id, key_id)

            assert await asyncio.wait_for(line.close_code(), PROMISED) == 4401
            assert (await other.ask("ping"))["op"] == "pong"

    @pytest.mark.parametrize("change", ["scopes = '{admin}'", "expires_at = now()"])
    async def test_is_disconnected_when_the_key_may_no_longer_read(
        self, site: Site, person: Person, change: str
    ) -> None:
        secret, _ = await key_of(person, "read", "admin")
        async with site.line(token=secret) as line:
            await line.ask("ping")
            async with person.database.transaction(person.scope) as db:
                await db.execute(text(f"update api_keys set {change}"))  # noqa: S608 - made of constants

            code = await asyncio.wait_for(line.close_code(), PROMISED)
        assert code == (4403 if "scopes" in change else 4401)

    async def test_stays_when_another_role_may_still_read(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        async with site.line(person) as line:
            await following(line, run)
            async with person.database.transaction(person.scope) as db:
                await db.execute(update(Membership).values(role="viewer"))
            await site.app.state.sockets.registry.recheck_rights()

            assert (await line.ask("ping"))["op"] == "pong"
