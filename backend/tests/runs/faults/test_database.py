"""Postgres gone silent or cut off: nothing hangs for ever, what was seen is stored, and the answer is finished."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.ids import new_id
from coda.runs.queue.run_queue import RunQueue
from tests.contract.reducer import MessageState
from tests.runs.claims import claim
from tests.runs.conftest import Person
from tests.runs.faults.asking import PATIENCE, over, text_of
from tests.runs.faults.conftest import Wires, through
from tests.runs.site import Site
from tests.runs.tab import Tab
from tests.runs.waiting import until, until_async

MODEL = "openai/paced-n150-d20"
_SEQS = text("select seq from run_events where run_id = :id order by seq")
_LAPSE = text("update run_queue set lease_until = now() - interval '1 s' where run_id = :id")
_LOCK = text("select 1 from run_queue where run_id = :id for update")
_NOTIFY = text("select pg_notify('coda_test', 'hello')")


class TestInMidStream:
    @pytest.mark.parametrize("seconds", [0.0, 1.0, 6.0])
    async def test_a_silence_leaves_one_whole_answer(
        self, site: Site, person: Person, wires: Wires, seconds: float
    ) -> None:
        """The longest one is longer than the lease and than all patience: the run is taken over."""
        token, _ = await site.sign_in(person)
        async with Tab(site.address, token) as tab:
            session_id = await person.new_session()
            content = {"content": "Write a long text about rivers"}
            ack = await tab.ask("start", session_id=session_id, run_id=uuid4(), message=content, model=MODEL)
            await until(lambda: bool(tab.state(ack["assistant"]["id"]).parts))

            wires.database.go_silent()
            await asyncio.sleep(seconds)  # a silence is a length of time
            wires.database.heal()

            await over(person, ack)
            await tab.caught_up()
        await assert_whole(person, tab, UUID(ack["run"]["id"]))

    async def test_broken_connections_leave_one_whole_answer(self, site: Site, person: Person, wires: Wires) -> None:
        token, _ = await site.sign_in(person)
        async with Tab(site.address, token) as tab:
            session_id = await person.new_session()
            content = {"content": "Write a long text about rivers"}
            ack = await tab.ask("start", session_id=session_id, run_id=uuid4(), message=content, model=MODEL)
            shown = tab.state(ack["assistant"]["id"])
            for _ in range(3):
                letters = len(text_of(shown))
                await until(partial(_has_grown, shown, letters))
                wires.database.reset()

            await over(person, ack)
            await tab.caught_up()
        await assert_whole(person, tab, UUID(ack["run"]["id"]))


class TestRequests:
    async def test_are_refused_clearly_and_in_time(self, site: Site, person: Person, wires: Wires) -> None:
        token, _ = await site.sign_in(person)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://{site.address}", headers=headers, timeout=PATIENCE) as client:
            assert (await client.get(f"/api/v1/runs/{new_id()}")).status_code == 404
            wires.database.go_silent()
            refused = await asyncio.gather(*(client.get(f"/api/v1/runs/{new_id()}") for _ in range(3)))
            wires.database.heal()
            served = await client.get(f"/api/v1/runs/{new_id()}")

        for response in refused:
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "core.database_unavailable"
            assert response.headers["retry-after"]
        assert served.status_code == 404


class TestLocks:
    async def test_of_a_process_that_was_cut_off_are_given_up(
        self, database: Database, database_urls: DatabaseUrls, person: Person, wires: Wires
    ) -> None:
        run_id = await claim(database, org_id=person.scope.org_id)
        async with database.transaction(None) as db:
            await db.execute(_LAPSE, {"id": run_id})
        cut_off = Database(through(database_urls, wires.database), timeout=timedelta(seconds=1))

        async def is_claimed() -> bool:
            async with database.transaction(None) as db:
                claims = await RunQueue(db).claim(
                    uuid4(), lease=timedelta(minutes=1), limit=10, per_user=50, max_attempts=3
                )
            return run_id in [run.run_id for run in claims]

        async with cut_off.app_engine.connect() as connection:
            assert (await connection.execute(_LOCK, {"id": run_id})).one()
            wires.database.go_silent()
            assert not await is_claimed()
            await until_async(is_claimed, within=PATIENCE)
            wires.database.heal()
            await connection.invalidate()
        await cut_off.close()


class TestListener:
    async def test_a_silent_connection_is_noticed(
        self, database: Database, database_urls: DatabaseUrls, wires: Wires
    ) -> None:
        heard: list[str] = []
        listener = DatabaseListener(through(database_urls, wires.database).direct, timeout=timedelta(seconds=1))
        listener.hear("coda_test", heard.append)
        await listener.start()
        await until(lambda: listener.is_connected)

        wires.database.go_silent()
        await until(lambda: not listener.is_connected, within=PATIENCE)
        wires.database.heal()
        await until(lambda: listener.is_connected, within=PATIENCE)
        async with database.transaction(None) as db:
            await db.execute(_NOTIFY)
        await until(lambda: heard == ["hello"])
        await listener.close()

    async def test_it_is_noticed_within_five_seconds(self, database_urls: DatabaseUrls, wires: Wires) -> None:
        listener = DatabaseListener(through(database_urls, wires.database).direct)
        await listener.start()
        await until(lambda: listener.is_connected)

        wires.database.go_silent()
        await until(lambda: not listener.is_connected, within=5.5)
        wires.database.heal()
        await listener.close()


def _has_grown(shown: MessageState, letters: int) -> bool:
    return len(text_of(shown)) > letters


async def assert_whole(person: Person, tab: Tab, run_id: UUID) -> None:
    """The run is complete, its stream has no gap, and the tab shows what a fresh fetch shows."""
    run = await person.run(run_id)
    message = await person.message(run.message_id)
    assert (run.status, message.status) == ("finished", "complete")
    assert tab.state(run.message_id).parts == message.content
    assert len(text_of(MessageState(parts=message.content)).split()) == 150
    async with person.database.system() as connection:
        assert list(await connection.scalars(_SEQS, {"id": run_id})) == list(range(1, run.last_seq + 1))
