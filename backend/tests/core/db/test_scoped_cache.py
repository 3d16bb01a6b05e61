"""Values kept per organization by two processes on one real Postgres."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from types import FrameType
from typing import Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import CHANNEL, Limits, ScopedCache
from coda.core.scope import Scope, System
from tests.runs.waiting import until, until_async

_READ: Final = text("select default_model from organization_settings where org_id = :id")
_RENAME: Final = text("update organization_settings set default_model = :name where org_id = :id")
_CUT: Final = text("select pg_terminate_backend(pid) from pg_stat_activity where pid = :pid")


class Value:
    """A name as it was read, with what was kept of the value before."""

    def __init__(self, name: str, previous: "Value | None") -> None:
        self.name, self.previous = name, previous


class Place:
    """One process: its handle on the database, its listener, its cache of what organizations are set to."""

    def __init__(self, urls: DatabaseUrls, limits: Limits | None = None) -> None:
        self.database, self.listener = Database(urls, pool_size=4), DatabaseListener(urls.direct)
        self.loaded: list[UUID] = []
        self.disposed: list[tuple[Value, Value | None]] = []
        self.has_read, self.may_return = asyncio.Event(), asyncio.Event()
        self.may_return.set()
        self.failure: Exception | None = None
        self.cache: ScopedCache[UUID, Value] = ScopedCache(
            "names",
            self.listener,
            key_of=UUID,
            load=self._load,
            dispose=lambda value, successor: self.disposed.append((value, successor)),
            limits=limits,
        )

    async def _load(self, org_id: UUID, previous: Value | None) -> Value:
        self.loaded.append(org_id)
        if self.failure is not None:
            raise self.failure
        async with self.database.transaction(Scope(org_id, System())) as db:
            name = await db.scalar(_READ, {"id": org_id})
        self.has_read.set()
        await self.may_return.wait()
        return Value(str(name), previous)

    @property
    def loads(self) -> int:
        return len(self.loaded)

    async def name(self, org_id: UUID) -> str:
        return (await self.cache.of(org_id)).name

    async def rename(self, org_id: UUID, name: str) -> None:
        async with self.database.transaction(Scope(org_id, System())) as db:
            await db.execute(_RENAME, {"id": org_id, "name": name})
            await self.cache.announce(db, org_id)

    async def listen(self) -> None:
        await self.listener.start()
        await until(lambda: self.listener.is_connected)

    async def close(self) -> None:
        await self.cache.close()
        await self.listener.close()
        await self.database.close()


@asynccontextmanager
async def a_place(urls: DatabaseUrls, limits: Limits | None = None) -> AsyncIterator[Place]:
    place = Place(urls, limits)
    await place.listen()
    try:
        yield place
    finally:
        await place.close()


@pytest.fixture
async def here(database_urls: DatabaseUrls) -> AsyncIterator[Place]:
    async with a_place(database_urls) as place:
        yield place


@pytest.fixture
async def elsewhere(database_urls: DatabaseUrls) -> AsyncIterator[Place]:
    async with a_place(database_urls) as place:
        yield place


@pytest.fixture
async def org_id(database: Database) -> UUID:
    return await found(database)


async def found(database: Database) -> UUID:
    org_id = uuid4()
    async with database.transaction(Scope(org_id, System())) as db:
        for statement in (
            "insert into organizations (id, name, kind) values (:id, 'An organization', 'shared')",
            "insert into organization_settings (org_id, default_model) values (:id, 'old')",
        ):
            await db.execute(text(statement), {"id": org_id})
    return org_id


async def listening_pid(database: Database) -> int:
    """The server process of the listener; its last statement is a LISTEN of ours."""
    query = text(
        "select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'"
        " order by backend_start desc limit 1"
    )
    async with database.transaction(None) as db:
        pid = await db.scalar(query)
    assert isinstance(pid, int)
    return pid


@contextmanager
def counting_hashes() -> Iterator[list[int]]:
    """How often a key is hashed: whoever copies all of them hashes each."""
    hashes: list[int] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == "__hash__":
            hashes.append(1)

    sys.setprofile(note)
    try:
        yield hashes
    finally:
        sys.setprofile(None)


class TestChanges:
    async def test_what_is_known_is_not_read_again(self, here: Place, org_id: UUID) -> None:
        assert [await here.name(org_id) for _ in range(5)] == ["old"] * 5
        assert here.loads == 1

    async def test_who_made_the_change_sees_it_at_once(self, here: Place, org_id: UUID) -> None:
        await here.name(org_id)
        await here.rename(org_id, "new")

        assert await here.name(org_id) == "new"

    async def test_another_process_sees_it_soon(self, here: Place, elsewhere: Place, org_id: UUID) -> None:
        await elsewhere.name(org_id)
        await here.rename(org_id, "new")

        async def is_seen() -> bool:
            return await elsewhere.name(org_id) == "new"

        await until_async(is_seen, within=5)
        assert elsewhere.loads == 2

    async def test_a_change_that_was_rolled_back_is_none(self, here: Place, elsewhere: Place, org_id: UUID) -> None:
        await here.name(org_id)
        await elsewhere.name(org_id)
        async with here.database.transaction(Scope(org_id, System())) as db:
            await here.cache.announce(db, org_id)
            await db.rollback()
        other = await found(here.database)
        await elsewhere.name(other)
        await here.rename(other, "new")  # notifications come in order: once this one is there the other would be too

        async def is_seen() -> bool:
            return await elsewhere.name(other) == "new"

        await until_async(is_seen, within=5)
        loads = (here.loads, elsewhere.loads)
        await here.name(org_id)
        await elsewhere.name(org_id)
        assert (here.loads, elsewhere.loads) == loads

    async def test_other_organizations_and_other_caches_stay(self, here: Place, org_id: UUID) -> None:
        other = await found(here.database)
        await here.name(org_id)
        await here.name(other)
        async with here.database.transaction(None) as db:
            await db.execute(text(f"select pg_notify('{CHANNEL}', 'others:{org_id}')"))
        await here.rename(other, "new")
        await here.name(other)
        await here.name(org_id)

        assert here.loaded.count(org_id) == 1
        assert here.loaded.count(other) >= 2

    async def test_a_notification_that_cannot_be_read_may_mean_anybody(self, here: Place, org_id: UUID) -> None:
        await here.name(org_id)
        async with here.database.transaction(None) as db:
            await db.execute(text(f"select pg_notify('{CHANNEL}', 'names:nonsense')"))

        async def is_loaded_again() -> bool:
            await here.name(org_id)
            return here.loads == 2

        await until_async(is_loaded_again, within=5)

    async def test_the_value_of_before_is_handed_on(self, here: Place, org_id: UUID) -> None:
        before = await here.cache.of(org_id)
        here.cache.forget(org_id)

        assert (await here.cache.of(org_id)).previous is before


class TestWhileLoading:
    async def test_a_change_makes_the_load_be_done_again(self, here: Place, elsewhere: Place, org_id: UUID) -> None:
        elsewhere.may_return.clear()
        waiting = asyncio.create_task(elsewhere.name(org_id))
        await elsewhere.has_read.wait()  # it has read "old" and not returned yet
        generation = elsewhere.cache._entries[org_id].generation
        await here.rename(org_id, "new")
        await until(lambda: elsewhere.cache._entries[org_id].generation > generation)
        late = asyncio.create_task(elsewhere.name(org_id))
        elsewhere.may_return.set()

        assert await waiting == await late == "new"
        assert elsewhere.loads == 2
        assert await elsewhere.name(org_id) == "new"
        assert elsewhere.loads == 2

    async def test_changes_without_end_do_not_hold_callers_for_ever(self, here: Place, org_id: UUID) -> None:
        plain = here._load

        async def load(key: UUID, previous: Value | None) -> Value:
            value = await plain(key, previous)
            here.cache.forget(key)
            return value

        here.cache._load_value = load
        assert await asyncio.wait_for(here.name(org_id), 10) == "old"
        here.cache._load_value = plain
        loads = here.loads
        await here.name(org_id)
        assert here.loads == loads + 1  # what was given out was known to be stale

    async def test_a_hundred_callers_share_one_load(self, here: Place, org_id: UUID) -> None:
        names = await asyncio.gather(*(here.name(org_id) for _ in range(100)))

        assert set(names) == {"old"}
        assert here.loads == 1

    async def test_who_gives_up_does_not_take_it_from_the_others(self, here: Place, org_id: UUID) -> None:
        here.may_return.clear()
        first, second = (asyncio.create_task(here.name(org_id)) for _ in range(2))
        await here.has_read.wait()
        first.cancel()
        await asyncio.wait([first])
        here.may_return.set()

        assert await second == "old"
        assert here.loads == 1

    async def test_a_failure_is_told_to_all_and_not_kept(self, here: Place, org_id: UUID) -> None:
        here.failure = ZeroDivisionError()
        told = await asyncio.gather(*(here.name(org_id) for _ in range(3)), return_exceptions=True)
        here.failure = None

        assert [type(error) for error in told] == [ZeroDivisionError] * 3
        assert await here.name(org_id) == "old"
        assert here.loads == 2


class TestKeep:
    async def test_a_value_that_came_along_saves_its_load(self, here: Place, org_id: UUID) -> None:
        since = here.cache.moment()
        here.cache.keep(org_id, Value("brought", None), since=since)

        assert await here.name(org_id) == "brought"
        assert here.loads == 0

    async def test_what_was_read_before_a_change_is_not_kept(self, here: Place, elsewhere: Place, org_id: UUID) -> None:
        since = elsewhere.cache.moment()
        await here.rename(org_id, "new")
        await until(lambda: elsewhere.cache.moment().changes > since.changes)
        elsewhere.cache.keep(org_id, Value("old", None), since=since)

        assert await elsewhere.name(org_id) == "new"

    async def test_a_change_after_it_was_kept_counts(self, here: Place, elsewhere: Place, org_id: UUID) -> None:
        elsewhere.cache.keep(org_id, Value("old", None), since=elsewhere.cache.moment())
        await here.rename(org_id, "new")

        async def is_seen() -> bool:
            return await elsewhere.name(org_id) == "new"

        await until_async(is_seen)

    async def test_a_fresh_value_and_one_that_is_being_loaded_stay(self, here: Place, org_id: UUID) -> None:
        assert await here.name(org_id) == "old"
        here.cache.keep(org_id, Value("brought", None), since=here.cache.moment())
        assert await here.name(org_id) == "old"

        here.may_return.clear()
        here.has_read.clear()
        here.cache.forget(org_id)
        loading = asyncio.create_task(here.name(org_id))
        await here.has_read.wait()
        here.cache.keep(org_id, Value("brought", None), since=here.cache.moment())
        here.may_return.set()

        assert await loading == "old"
        assert await here.name(org_id) == "old"

    async def test_what_is_kept_is_bounded_too(self, database_urls: DatabaseUrls) -> None:
        async with a_place(database_urls, Limits(most=10)) as place:
            for _ in range(30):
                place.cache.keep(uuid4(), Value("brought", None), since=place.cache.moment())

            assert len(place.cache._entries) == 10

    async def test_what_is_kept_costs_the_same_however_much_is_kept_already(self, here: Place) -> None:
        for _ in range(300):
            here.cache.keep(uuid4(), Value("brought", None), since=here.cache.moment())
        key = uuid4()

        with counting_hashes() as hashes:
            here.cache.keep(key, Value("brought", None), since=here.cache.moment())

        assert len(hashes) < 20


class TestDeafness:
    async def test_everything_is_forgotten_when_the_listener_is_back(
        self, here: Place, elsewhere: Place, org_id: UUID, database: Database
    ) -> None:
        await elsewhere.name(org_id)
        seen: list[bool] = []
        elsewhere.listener.on_reconnect(lambda: seen.append(True))
        pid = await listening_pid(database)
        async with elsewhere.database.transaction(None) as db:
            await db.execute(_CUT, {"pid": pid})
        await until(lambda: not elsewhere.listener.is_connected or bool(seen))
        async with here.database.transaction(Scope(org_id, System())) as db:  # a change that nobody hears of
            await db.execute(_RENAME, {"id": org_id, "name": "new"})
        await until(lambda: bool(seen))

        assert await elsewhere.name(org_id) == "new"

    async def test_a_deaf_process_knows_nothing_older_than_two_seconds(
        self, here: Place, database_urls: DatabaseUrls, org_id: UUID
    ) -> None:
        deaf = Place(database_urls)  # it never listens
        try:
            await deaf.name(org_id)
            await deaf.name(org_id)
            assert deaf.loads == 1
            changed_at = monotonic()
            await here.rename(org_id, "new")

            async def is_seen() -> bool:
                return await deaf.name(org_id) == "new"

            await until_async(is_seen, within=5)
            assert monotonic() - changed_at < 2.5
        finally:
            await deaf.close()


class TestBounds:
    async def test_of_many_organizations_the_latest_are_kept(
        self, database_urls: DatabaseUrls, database: Database
    ) -> None:
        organizations = [await found(database) for _ in range(30)]
        async with a_place(database_urls, Limits(most=10)) as place:
            await asyncio.gather(*(place.name(org_id) for org_id in organizations))
            for org_id in organizations:
                await place.name(org_id)
                assert len(place.cache._entries) <= 10
            loads = place.loads
            for org_id in organizations[-10:]:
                await place.name(org_id)
            assert place.loads == loads
            assert all(successor is None for _, successor in place.disposed)

    async def test_what_nobody_asks_for_goes(self, database_urls: DatabaseUrls, org_id: UUID) -> None:
        async with a_place(database_urls, Limits(unused=0.05)) as place:
            value = await place.cache.of(org_id)
            await until(lambda: not list(place.cache.values()), within=5)

            assert place.disposed == [(value, None)]


class TestDispose:
    async def test_of_what_was_replaced_with_what_took_its_place(self, here: Place, org_id: UUID) -> None:
        before = await here.cache.of(org_id)
        here.cache.forget(org_id)
        after = await here.cache.of(org_id)

        assert here.disposed == [(before, after)]

    async def test_of_everything_at_the_end(self, database_urls: DatabaseUrls, org_id: UUID) -> None:
        async with a_place(database_urls) as place:
            value = await place.cache.of(org_id)
            place.has_read.clear()
            place.may_return.clear()
            place.cache.forget(org_id)
            waiting = asyncio.create_task(place.cache.of(org_id))
            await place.has_read.wait()
        assert place.disposed == [(value, None)]
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
