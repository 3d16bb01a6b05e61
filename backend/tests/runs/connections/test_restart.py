"""A server that stops sends its readers away: after their last replies, one after the other, to come back later."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from coda.assembly import Process
from coda.core.ids import new_id
from tests.runs.claims import stage_run
from tests.runs.conftest import Person
from tests.runs.site import Site, served
from tests.runs.waiting import LONGEST, open_connections, until, until_blocked

AT_ONCE = timedelta(0)


@pytest.fixture
async def site(process: Process) -> AsyncIterator[Site]:
    """A server of this test alone."""
    async with served(process) as made:
        yield made


async def test_a_command_under_way_is_answered_first(site: Site, person: Person) -> None:
    session_id, run_id = await person.new_session(), new_id()
    async with site.line(person) as line:
        await line.ask("ping")
        async with person.database.transaction(person.scope) as db:
            await db.execute(text("select 1 from chat_sessions where id = :id for update"), {"id": session_id})
            ref = await line.say("start", session_id=session_id, run_id=run_id, message={"content": "Hello"})
            await until_blocked(person.database)
            going = asyncio.create_task(site.app.state.sockets.registry.disconnect_all(within=AT_ONCE))
            unread = await line.say("ping")
        assert await line.close_code() == 1012
        await going

    answered = {reply["ref"]: reply["op"] for reply in line.replies}
    assert answered[ref] == "ack"
    assert unread not in answered
    assert line.connection.close_reason == "The server restarts: reconnect."


async def test_sockets_leave_one_after_the_other(site: Site, person: Person) -> None:
    async with site.line(person) as first, site.line(person) as second:
        for line in (first, second):
            await line.ask("ping")
        registry = site.app.state.sockets.registry
        going = asyncio.create_task(registry.disconnect_all(within=timedelta(milliseconds=1)))
        codes = await asyncio.gather(first.close_code(), second.close_code())
        await asyncio.wait_for(going, LONGEST)

        assert set(codes) == {1012}
        assert open_connections(registry, person.principal) == 0


async def test_who_comes_in_meanwhile_is_sent_on(site: Site, person: Person) -> None:
    await site.app.state.sockets.registry.disconnect_all(within=AT_ONCE)

    async with site.line(person) as line:
        assert await line.close_code() == 1012


async def test_server_sent_events_end_well_and_say_when_to_come_back(site: Site, person: Person) -> None:
    run = await stage_run(person)
    token, _ = await site.sign_in(person)
    async with httpx.AsyncClient(base_url=f"http://{site.address}", timeout=LONGEST) as client:
        headers = {"Authorization": f"Bearer {token}"}
        reading = asyncio.create_task(client.get(f"/api/v1/runs/{run.id}/events", headers=headers))
        registry = site.app.state.sockets.registry
        await until(lambda: open_connections(registry, person.principal) == 1)

        await registry.disconnect_all(within=AT_ONCE)
        response = await reading

    assert response.status_code == 200
    last = response.text.strip().splitlines()[-1]
    assert last.startswith("retry: ")
    assert 0 <= int(last.removeprefix("retry: ")) < 5000
