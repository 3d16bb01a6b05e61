"""Results that are kept: by two processes over one real Postgres or Redis, through changes, races and losses."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from coda.core.cache import Address, Cache, CacheUnavailable, Namespace, Outcome
from coda.core.cache.cache import CHANNEL
from coda.core.cache.memory import MemoryFront
from coda.core.cache.postgres import PostgresCache
from coda.core.cache.redis import RedisCache
from coda.core.cache.store import CacheStore
from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.redis import connect_redis
from coda.core.scope import Scope, System
from coda.operations.repository import SystemRepository
from tests.redis_server import RedisServer
from tests.runs.waiting import until

_READ = text("select default_model from organization_settings where org_id = :id")
_RENAME = text("update organization_settings set default_model = :name where org_id = :id")
SUMS = Namespace("sums", version=1, keep_for=timedelta(hours=1))


class Place:
    """One process with its cache, and the source of what it keeps: a number per organization, in the database."""

    def __init__(self, urls: DatabaseUrls, store: CacheStore | None) -> None:
        self.database = Database(urls, pool_size=4)
        self.listener = DatabaseListener(urls.direct)
        self.told: Counter[Outcome] = Counter()
        self.cache = Cache(
            self.listener, store, store_answers_within=30, tell=lambda _, outcome: self.told.update([outcome])
        )
        self.made = 0
        self.has_read, self.may_return = asyncio.Event(), asyncio.Event()
        self.may_return.set()

    async def value(self, org_id: UUID, *, namespace: Namespace = SUMS, part: bytes = b"x") -> str:
        address = Address.of(org_id, namespace, part, tags=["name"])
        return (await self.cache.get(address, lambda: self._make(org_id))).value.decode()

    async def rename(self, org_id: UUID, name: str) -> None:
        async with self.database.transaction(Scope(org_id, System())) as db:
            await db.execute(_RENAME, {"id": org_id, "name": name})
            await self.cache.invalidate(org_id, ["name", "other"], db=db)

    async def _make(self, org_id: UUID) -> bytes:
        self.made += 1
        async with self.database.transaction(Scope(org_id, System())) as db:
            name = await db.scalar(_READ, {"id": org_id})
        self.has_read.set()
        await self.may_return.wait()
        return str(name).encode()

    async def close(self) -> None:
        await self.cache.close()
        await self.listener.close()
        await self.database.close()


@pytest.fixture(params=["postgres", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def places(kind: str, database_urls: DatabaseUrls, redis_url: str) -> AsyncIterator[tuple[Place, Place]]:
    async with AsyncExitStack() as stack:
        prefix, made = f"coda:{uuid4()}:", []
        for _ in range(2):
            database = Database(database_urls, pool_size=2)
            stack.push_async_callback(database.close)
            store = (
                PostgresCache(database) if kind == "postgres" else RedisCache(connect_redis(redis_url), prefix=prefix)
            )
            place = Place(database_urls, store)
            stack.push_async_callback(place.close)
            await place.listener.start()
            await until(lambda place=place: place.listener.is_connected)  # type: ignore[misc]
            made.append(place)
        yield made[0], made[1]


@pytest.fixture
async def org_id(database: Database) -> UUID:
    return await founded(database)


async def founded(database: Database) -> UUID:
    org_id = uuid4()
    async with database.transaction(Scope(org_id, System())) as db:
        for statement in (
            "insert into organizations (id, name, kind) values (:id, 'An organization', 'shared')",
            "insert into organization_settings (org_id, default_model) values (:id, 'old')",
        ):
            await db.execute(text(statement), {"id": org_id})
    return org_id


class TestKeeping:
    async def test_a_result_is_made_once_for_all_processes(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, elsewhere = places
        assert [await here.value(org_id), await here.value(org_id), await elsewhere.value(org_id)] == ["old"] * 3

        assert (here.made, elsewhere.made) == (1, 0)
        assert here.told == {Outcome.FILLED: 1, Outcome.MEMORY: 1}
        assert elsewhere.told == {Outcome.STORE: 1}

    async def test_those_who_come_meanwhile_share_it(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, _ = places
        assert set(await asyncio.gather(*(here.value(org_id) for _ in range(50)))) == {"old"}

        assert here.made == 1
        assert here.told == {Outcome.FILLED: 1, Outcome.JOINED: 49}

    async def test_each_organization_part_and_version_has_its_own(
        self, places: tuple[Place, Place], org_id: UUID, database: Database
    ) -> None:
        here, _ = places
        other, newer = await founded(database), Namespace("sums", version=2, keep_for=SUMS.keep_for)
        await here.rename(other, "other")
        await here.value(org_id)

        assert await here.value(other) == "other"
        await here.value(org_id, part=b"y")
        await here.value(org_id, namespace=newer)
        assert here.made == 4

    async def test_its_time_ends(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, elsewhere = places
        short = Namespace("short", version=1, keep_for=timedelta(milliseconds=300))
        await here.value(org_id, namespace=short)
        await asyncio.sleep(0.4)  # what is tried is time itself
        await here.value(org_id, namespace=short)
        await elsewhere.value(org_id, namespace=short)

        assert here.made == 2

    async def test_what_is_too_long_is_given_out_and_not_kept(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, _ = places
        narrow = Namespace("narrow", version=1, keep_for=SUMS.keep_for, most_bytes=2)
        assert [await here.value(org_id, namespace=narrow) for _ in range(2)] == ["old", "old"]
        assert here.made == 2

    async def test_a_failure_is_told_to_all_and_not_kept(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, _ = places
        address = Address.of(org_id, SUMS, b"failing")

        async def fail() -> bytes:
            await asyncio.sleep(0)
            raise LookupError("no")

        found = await asyncio.gather(*(here.cache.get(address, fail) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in found] == [LookupError] * 3

        async def make() -> bytes:
            return b"made"

        assert (await here.cache.get(address, make)).value == b"made"


class TestChanges:
    async def test_a_change_is_heard_everywhere(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, elsewhere = places
        await elsewhere.value(org_id)
        await here.rename(org_id, "new")

        assert await here.value(org_id) == "new"
        await until(lambda: len(elsewhere.cache.front) == 0)
        assert await elsewhere.value(org_id) == "new"

    async def test_what_was_read_before_a_change_is_not_kept(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, elsewhere = places
        here.may_return.clear()
        slow = asyncio.create_task(here.value(org_id))
        await here.has_read.wait()
        await elsewhere.rename(org_id, "new")
        here.may_return.set()

        assert await slow == "old"  # as it was when it was asked for
        assert await elsewhere.value(org_id) == "new"
        await until(lambda: len(here.cache.front) == 0)
        assert await here.value(org_id) == "new"

    async def test_a_change_that_is_rolled_back_changes_nothing(
        self, places: tuple[Place, Place], org_id: UUID, kind: str
    ) -> None:
        here, elsewhere = places
        await elsewhere.value(org_id)
        async with here.database.transaction(Scope(org_id, System())) as db:
            await here.cache.invalidate(org_id, ["name"], db=db)
            await db.rollback()
        await elsewhere.value(org_id)

        assert elsewhere.made == 1
        assert await here.value(org_id) == "old"
        assert here.made == (0 if kind == "postgres" else 1)  # Redis has no transactions with us

    async def test_other_organizations_keep_theirs(
        self, places: tuple[Place, Place], org_id: UUID, database: Database
    ) -> None:
        here, _ = places
        other = await founded(database)
        await here.value(other)
        await here.rename(org_id, "new")
        await here.value(other)

        assert here.made == 1

    async def test_who_is_deaf_believes_memory_for_two_seconds(
        self, places: tuple[Place, Place], org_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here, elsewhere = places
        await here.value(org_id)
        await here.listener.close()
        await elsewhere.rename(org_id, "new")
        monkeypatch.setattr("coda.core.cache.cache._FRESH_WHILE_DEAF", 0.0)

        assert await here.value(org_id) == "new"

    @pytest.mark.parametrize("payload", ["", "{", "[]", '{"org_id": "x", "tags": []}', '{"org_id": 1}', "5"])
    async def test_an_unreadable_notification_forgets_everything(
        self, places: tuple[Place, Place], org_id: UUID, payload: str, database: Database
    ) -> None:
        here, _ = places
        await here.value(org_id)
        async with database.transaction(None) as db:
            await db.execute(text("select pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})
        await until(lambda: len(here.cache.front) == 0)

        assert await here.value(org_id) == "old"


class TestGivingUp:
    async def test_who_gives_up_does_not_take_it_from_the_others(
        self, places: tuple[Place, Place], org_id: UUID
    ) -> None:
        here, _ = places
        here.may_return.clear()
        first, second = asyncio.create_task(here.value(org_id)), asyncio.create_task(here.value(org_id))
        await here.has_read.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        here.may_return.set()

        assert await second == "old"
        assert here.made == 1

    async def test_with_the_last_one_the_work_ends(self, places: tuple[Place, Place], org_id: UUID) -> None:
        here, _ = places
        here.may_return.clear()
        only = asyncio.create_task(here.value(org_id))
        await here.has_read.wait()
        only.cancel()
        with pytest.raises(asyncio.CancelledError):
            await only
        here.may_return.set()

        assert await here.value(org_id) == "old"
        assert here.made == 2


class TestLosses:
    async def test_without_redis_results_are_made_and_changes_refused(
        self, redis_server: RedisServer, database_urls: DatabaseUrls, org_id: UUID
    ) -> None:
        place = Place(database_urls, RedisCache(connect_redis(redis_server.url)))
        await place.listener.start()
        await until(lambda: place.listener.is_connected)
        redis_server.stop(signal.SIGKILL)
        try:
            assert [await place.value(org_id), await place.value(org_id)] == ["old", "old"]
            assert place.made == 1  # memory still counts
            with pytest.raises(CacheUnavailable):
                await place.rename(org_id, "new")
            async with place.database.transaction(Scope(org_id, System())) as db:
                assert await db.scalar(_READ, {"id": org_id}) == "old"
        finally:
            await place.close()
            redis_server.start()

    async def test_a_tag_that_redis_dropped_takes_its_results_along(self, redis_url: str, org_id: UUID) -> None:
        redis, prefix = connect_redis(redis_url), f"coda:{uuid4()}:"
        store, address = RedisCache(redis, prefix=prefix), Address.of(org_id, SUMS, b"x", tags=["a", "b"])
        await store.write(address, b"one", stamp=(await store.read(address)).stamp)
        assert (await store.read(address)).value == b"one"
        await redis.delete(f"{prefix}{org_id}:tag:b")

        assert (await store.read(address)).value is None
        await store.close()


class TestStamps:
    async def test_a_change_under_way_is_not_hidden_by_another_that_ended(
        self, database: Database, org_id: UUID
    ) -> None:
        store, address = PostgresCache(database), Address.of(org_id, SUMS, b"x", tags=["a", "b"])
        async with database.transaction(Scope(org_id, System())) as first:
            await store.invalidate(org_id, ["a"], db=first)
            async with database.transaction(Scope(org_id, System())) as second:
                await store.invalidate(org_id, ["b"], db=second)
            await store.write(address, b"of the old a", stamp=(await store.read(address)).stamp)

        assert (await store.read(address)).value is None

    async def test_in_redis_nothing_is_kept_until_a_change_is_settled(
        self, database: Database, redis_url: str, org_id: UUID
    ) -> None:
        store = RedisCache(connect_redis(redis_url), prefix=f"coda:{uuid4()}:")
        address = Address.of(org_id, SUMS, b"x", tags=["a"])
        async with database.transaction(Scope(org_id, System())) as db:
            await store.invalidate(org_id, ["a"], db=db)
            await store.write(address, b"of the old a", stamp=(await store.read(address)).stamp)
        assert (await store.read(address)).value is None
        await store.settle(org_id, ["a"], change="1")
        await store.write(address, b"of the new a", stamp=(await store.read(address)).stamp)

        assert (await store.read(address)).value == b"of the new a"
        await store.settle(org_id, ["a"], change="1")  # another process has heard of it later
        assert (await store.read(address)).value == b"of the new a"
        await store.settle(org_id, ["a"], change="2")
        assert (await store.read(address)).value is None
        await store.close()


class TestBounds:
    def test_memory_is_bounded_and_the_longest_unused_goes(self) -> None:
        front, org_id = MemoryFront(most_bytes=10_000), uuid4()
        addresses = [Address.of(org_id, SUMS, bytes([number]), tags=["t"]) for number in range(20)]
        for address in addresses:
            front.put(address, b"x" * 500, seconds=60)
            front.get(addresses[0])

        assert front.used_bytes <= 10_000
        assert front.get(addresses[0]) is not None
        assert front.get(addresses[1]) is None
        front.forget(org_id, ["t"])
        assert (len(front), front.used_bytes) == (0, 0)

    async def test_postgres_is_cleaned_of_the_old_and_of_too_many(self, database: Database, org_id: UUID) -> None:
        store = PostgresCache(database)
        brief = Namespace("brief", version=1, keep_for=timedelta(seconds=-1))
        await store.write(Address.of(org_id, brief, b"old"), b"x", stamp="0")
        for number in range(10):
            await store.write(Address.of(org_id, SUMS, bytes([number])), bytes(1_000), stamp="0")
        async with database.system() as connection:
            system = SystemRepository(connection)
            assert await system.remove_cached(limit=100) >= 1
            assert await system.shrink_cached(most_bytes=4_500, limit=100) == 6
        last, first = [await store.read(Address.of(org_id, SUMS, bytes([number]))) for number in (9, 0)]
        assert (last.value, first.value) == (bytes(1_000), None)
