"""Results that are kept: by arguments and version, never a failure, and said to be kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from time import monotonic
from uuid import UUID

import orjson
import pytest

from coda.core.cache import Cache
from coda.core.cache.postgres import PostgresCache
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.ids import new_id
from coda.core.scope import Person, Scope, System
from coda.core.settings import ToolSettings
from coda.organizations.repository import OrganizationRepository
from coda.organizations.types import OrganizationKind
from coda.tools.builtin.optimize import OPTIMIZE
from coda.tools.builtin.table_statistics import TABLE_STATISTICS
from coda.tools.errors import ToolFailed
from coda.tools.invocation import invoke
from coda.tools.toolsets import FunctionToolset, Toolset
from coda.tools.types import Arguments, FunctionTool, Level, ToolCallContext, ToolOutcome
from coda.tools.wiring import ToolServices, build_tools
from tests.runs.waiting import until

CALLS: list[Arguments] = []


async def count(arguments: Arguments, _call: ToolCallContext) -> object:
    CALLS.append(arguments)
    if arguments.get("fail"):
        raise ToolFailed("There is no such number.")
    return {"calls": len(CALLS)}


COUNT = FunctionTool(
    name="count",
    title="Counted",
    description="For tests.",
    parameters={"type": "object"},
    keeps=lambda _: True,
    run=count,
)


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@pytest.fixture
async def listener(database: Database) -> AsyncIterator[DatabaseListener]:
    listener = DatabaseListener(database.urls.direct)
    yield listener
    await listener.close()


@pytest.fixture
async def here(database: Database, caller: ToolCallContext) -> ToolCallContext:
    return replace(caller, org_id=await founded(database))


async def founded(database: Database) -> UUID:
    org_id = new_id()
    async with database.transaction(None) as db:
        await OrganizationRepository(db).insert(org_id=org_id, name="Org", kind=OrganizationKind.SHARED)
    return org_id


async def services_of(database: Database, listener: DatabaseListener, tool: FunctionTool) -> ToolServices:
    """As a process has them that has just been started."""
    cache = Cache(listener, PostgresCache(database))
    tools = build_tools(database, listener, [FunctionToolset("test", [tool])], cache=cache)
    if not listener.is_connected:
        await listener.start()
        await until(lambda: listener.is_connected)
    return tools


async def toolset_of(database: Database, listener: DatabaseListener, tool: FunctionTool) -> Toolset:
    source = (await services_of(database, listener, tool)).sources.fixed.find("test")
    assert source is not None
    return source


async def ask(source: Toolset, call: ToolCallContext, **arguments: object) -> ToolOutcome:
    (tool,) = await source.list(Scope(call.org_id, System()))
    return await invoke(source, tool, orjson.dumps(arguments).decode(), call, limits=ToolSettings())


class TestKeeping:
    async def test_a_second_call_is_answered_by_the_first_and_says_so(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        source = await toolset_of(database, listener, COUNT)
        first, second = await ask(source, here, b=1, a=[1, 2]), await ask(source, here, a=[1, 2], b=1)

        assert (first.result, second.result, len(CALLS)) == ({"calls": 1}, {"calls": 1}, 1)
        assert "cached" not in first.evaluation
        assert second.evaluation["cached"] is True
        assert second.content == first.content

    async def test_another_process_finds_it_too(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        await ask(await toolset_of(database, listener, COUNT), here, a=1)
        again = await ask(await toolset_of(database, listener, COUNT), here, a=1)

        assert (again.result, again.evaluation["cached"]) == ({"calls": 1}, True)

    async def test_other_arguments_organizations_and_versions_are_calls_of_their_own(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        source = await toolset_of(database, listener, COUNT)
        newer = await toolset_of(database, listener, replace(COUNT, description="For tests, and more."))
        elsewhere = replace(here, org_id=await founded(database))
        for asked, call, argument in ((source, here, 1), (source, here, 2), (source, elsewhere, 1), (newer, here, 1)):
            assert "cached" not in (await ask(asked, call, a=argument)).evaluation
        assert len(CALLS) == 4

    async def test_a_failure_is_not_kept(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        source = await toolset_of(database, listener, COUNT)
        for _ in range(2):
            outcome = await ask(source, here, fail=True)
            assert outcome.error is not None
            assert outcome.error["message"] == "There is no such number."
        assert len(CALLS) == 2

    async def test_a_tool_that_does_not_want_it_is_called_each_time(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        source = await toolset_of(database, listener, replace(COUNT, keeps=None))
        await ask(source, here, a=1)
        await ask(source, here, a=1)

        assert len(CALLS) == 2

    async def test_what_one_more_try_might_change_is_not_kept(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        source = await toolset_of(database, listener, replace(COUNT, keeps=lambda result: result["calls"] > 1))
        found = [await ask(source, here, a=1) for _ in range(3)]

        assert [outcome.result["calls"] for outcome in found] == [1, 2, 2]
        assert [outcome.evaluation.get("cached", False) for outcome in found] == [False, False, True]

    async def test_who_joins_has_a_time_of_their_own(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        begun, may_go, seen = asyncio.Event(), asyncio.Event(), []

        async def work(_arguments: Arguments, call: ToolCallContext) -> object:
            begun.set()
            await may_go.wait()
            seen.append((call.cancelled.is_set(), call.seconds_left > 0))
            return {"calls": 1}

        source = await toolset_of(database, listener, replace(COUNT, run=work))
        brief = replace(here, deadline=monotonic() + 0.5, cancelled=asyncio.Event())
        first = asyncio.create_task(ask(source, brief, a=1))
        await begun.wait()
        second = asyncio.create_task(ask(source, replace(here, cancelled=asyncio.Event()), a=1))
        late = await first
        may_go.set()

        assert late.error is not None
        assert late.error["code"] == "tools.timed_out"
        assert (await second).result == {"calls": 1}
        assert seen == [(False, True)]

    async def test_what_an_organization_decides_ends_what_was_kept(
        self, database: Database, listener: DatabaseListener, here: ToolCallContext
    ) -> None:
        services = await services_of(database, listener, COUNT)
        source = services.sources.fixed.find("test")
        assert source is not None
        await ask(source, here, a=1)
        for level, calls in ((Level.PERSON, 1), (Level.ORGANIZATION, 2)):
            scope = Scope(here.org_id, Person(here.user_id))
            async with database.transaction(scope) as db:
                await services.announce(db, scope, level, None)
            await ask(source, here, a=1)
            assert len(CALLS) == calls

    @pytest.mark.parametrize("status", ["optimal", "infeasible", "unbounded", "feasible", "time_limit"])
    def test_of_the_optimiser_what_more_time_would_not_change(self, status: str) -> None:
        assert OPTIMIZE.keeps is not None
        assert OPTIMIZE.keeps({"status": status}) is (status not in ("feasible", "time_limit"))

    def test_statistics_are_always_the_same(self) -> None:
        assert TABLE_STATISTICS.keeps is not None
        assert TABLE_STATISTICS.keeps({"rows": 1})
