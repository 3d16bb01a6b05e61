"""Listings of sources: in the order in which they began, and of what is gone only what is worth knowing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from coda.core.db import Database
from coda.tools.sources.jobs import Refreshing
from coda.tools.sources.lister import SourceLister
from coda.tools.sources.types import Offer, Owner, Source
from tests.callers import Town
from tests.simulators.mcp_servers import HostileServer, ToolServer
from tests.tools.sources.conftest import Panel, body_of

PLAIN = {"type": "object"}
READS = {"readOnlyHint": True}


def named(*names: str, **fields: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [{"name": name, "inputSchema": PLAIN, **fields} for name in names]


@pytest.fixture
async def listing() -> AsyncIterator[HostileServer]:
    """A server that lists what it is told to."""
    async with HostileServer().serving() as server:
        yield server


def only(source: dict[str, Any]) -> dict[str, Any]:
    (tool,) = source["tools"]
    return dict(tool)


class TestChanges:
    @pytest.mark.parametrize(
        ("field", "changed", "before", "after"),
        [
            ("has_side_effects", {"annotations": READS}, True, False),
            ("may_repeat", {"annotations": {"idempotentHint": True}}, False, True),
            ("result_schema", {"outputSchema": PLAIN}, {}, PLAIN),
            ("title", {"title": "Go on"}, "go", "Go on"),
            ("description", {"description": "Go."}, "", "Go."),
            ("parameters", {"inputSchema": PLAIN | {"minProperties": 1}}, PLAIN, PLAIN | {"minProperties": 1}),
        ],
    )
    async def test_each_is_shown_and_switches_the_tool_off_until_it_is_approved(
        self,
        panels: dict[str, Panel],
        listing: HostileServer,
        field: str,
        changed: dict[str, Any],
        before: Any,  # noqa: ANN401 - any JSON
        after: Any,  # noqa: ANN401 - any JSON
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("go")
        source = await boss.add(f"{listing.url}/junk")
        listing.tools = [named("go")[0] | changed]
        tool = only(await boss.refresh(source))
        used = await boss.tools()

        assert (tool["changed"], tool["is_used"]) == (True, False)
        assert (tool["approved"][field], tool[field]) == (before, after)
        assert {name for name in tool["approved"] if tool["approved"][name] != tool[name]} >= {field}
        assert used == {}
        approved = await boss.change(source, tools=[{"name": "go", "approve": tool["hash"]}])
        assert only(approved)["is_used"]

    async def test_a_tool_that_begins_to_say_that_it_only_reads_asks_until_then(
        self, panels: dict[str, Panel], listing: HostileServer
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("go")
        source = await boss.add(f"{listing.url}/junk")
        asks = (await boss.tools())["the-box__go"]["approval"]
        listing.tools = named("go", annotations=READS)
        tool = only(await boss.refresh(source))
        between = await boss.tools()
        await boss.change(source, tools=[{"name": "go", "approve": tool["hash"]}])

        assert (asks, between) == ("ask", {})
        assert (await boss.tools())["the-box__go"]["approval"] == "never"


class TestOrder:
    async def test_of_two_at_once_the_one_that_began_later_is_kept(
        self, app: FastAPI, panels: dict[str, Panel], listing: HostileServer
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("old", "new")
        source = await boss.add(f"{listing.url}/junk")
        lister = app.state.tool_sources.lister
        slow = Held(lister.kinds["mcp"])
        scope, source_id = boss.caller.principal.scope, source["id"]
        listing.tools = named("old")
        late = asyncio.create_task(replace(lister, kinds={"mcp": slow}).list(scope, source_id))
        await asyncio.wait_for(slow.has_asked.wait(), 10)
        listing.tools = named("new")
        await boss.refresh(source)
        slow.may_answer.set()
        await late

        assert list(await boss.tools()) == ["the-box__new"]

    async def test_only_what_changes_anything_is_announced(
        self, app: FastAPI, panels: dict[str, Panel], listing: HostileServer
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("go")
        source = await boss.add(f"{listing.url}/junk")
        told: list[Owner] = []

        async def announce(_db: object, owner: Owner) -> None:
            told.append(owner)

        scope = boss.caller.principal.scope
        lister: SourceLister = replace(app.state.tool_sources.lister, announce=announce)
        await lister.list(scope, source["id"])
        listing.tools = named("go", "later")
        await lister.list(scope, source["id"])
        assert told == []
        listing.tools = named("later")
        await lister.list(scope, source["id"])
        assert told == [Owner(scope.org_id, scope.user_id)]


class Held:
    """A kind of sources whose answers wait."""

    name = "mcp"

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 - a SourceKind
        self._kind = kind
        self.check, self.toolset = kind.check, kind.toolset
        self.has_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def offer(self, source: Source) -> Offer:
        offer: Offer = await self._kind.offer(source)
        self.has_asked.set()
        await self.may_answer.wait()
        return offer


async def found(database: Database, panel: Panel, query: str, **values: object) -> list[str]:
    async with database.transaction(panel.caller.principal.scope) as db:
        return [str(value) for value in await db.scalars(text(query), values)]


NAMES = "select name from tool_source_tools where source_id = :id order by name"


class TestForgetting:
    async def test_what_nobody_has_approved_is_forgotten_when_it_goes(
        self, panels: dict[str, Panel], listing: HostileServer, database: Database
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("first")
        source = await boss.add(f"{listing.url}/junk")
        listing.tools = named("first", "second")
        await boss.refresh(source)
        listing.tools = named("third")
        await boss.refresh(source)

        assert await found(database, boss, NAMES, id=source["id"]) == ["first", "third"]

    async def test_what_was_approved_is_so_when_it_comes_back_within_a_month(
        self, panels: dict[str, Panel], listing: HostileServer, town: Town, database: Database
    ) -> None:
        boss = panels["boss"]
        listing.tools = named("first", "second")
        source = await boss.add(f"{listing.url}/junk")
        listing.tools = []
        gone = await boss.refresh(source)
        listing.tools = named("first")
        back = {tool["name"]: tool for tool in (await boss.refresh(source))["tools"]}
        long_ago = "update tool_source_tools set gone_at = now() - interval '31 days' where gone_at is not null"
        await town.execute(long_ago)
        await boss.refresh(source)

        assert gone["tool_count"] == 0
        assert (back["first"]["is_used"], back["second"]["is_listed"]) == (True, False)
        assert await found(database, boss, NAMES, id=source["id"]) == ["first"]

    async def test_names_that_change_all_the_time_do_not_pile_up(
        self, panels: dict[str, Panel], listing: HostileServer, database: Database
    ) -> None:
        boss = panels["boss"]
        listing.tools = named(*(f"a-{number}" for number in range(100)))
        source = await boss.add(f"{listing.url}/junk")
        for turn in "bc":
            listing.tools = named(*(f"{turn}-{number}" for number in range(100)))
            listed = await boss.refresh(source)
            decisions = [
                {"name": tool["name"], "approve": tool["hash"]} for tool in listed["tools"] if tool["is_listed"]
            ]
            await boss.change(source, tools=decisions)
        await boss.refresh(source)

        assert len(await found(database, boss, NAMES, id=source["id"])) == 200

    async def test_what_was_decided_about_a_source_of_the_instance_goes_with_it(
        self, app: FastAPI, panels: dict[str, Panel], server: ToolServer, database: Database
    ) -> None:
        stays = await panels["boss"].add(server.url, owner="instance", name="Stays")
        goes = await panels["boss"].add(server.url, owner="instance", name="Goes")
        stranger = panels["stranger"]
        for name in ("stays__add", "goes__add", "calculator"):
            body = {"for": "organization", "enabled": False}
            body_of(await stranger.client.patch(f"/api/v1/tools/{name}", headers=stranger.caller.headers, json=body))
        await panels["boss"].send("DELETE", f"/{goes['id']}")
        await Refreshing(database, app.state.tool_sources.lister).forget()

        assert set(await found(database, stranger, "select source from tool_policies")) == {stays["id"], "built-in"}


class TestLists:
    async def test_a_list_of_sources_is_small(self, panels: dict[str, Panel], listing: HostileServer) -> None:
        boss = panels["boss"]
        schema = PLAIN | {"description": "x" * 10_000}
        listing.tools = named(*(f"go-{number}" for number in range(50)), inputSchema=schema)
        source = await boss.add(f"{listing.url}/junk")
        listing.tools = [*listing.tools, *named("later"), {"name": 7}]
        await boss.refresh(source)
        response = await boss.send("GET")
        (listed,) = body_of(response)["items"]

        assert len(response.content) < 5_000
        assert (listed["tool_count"], listed["waiting_count"], listed["left_out_count"]) == (51, 1, 1)
        whole = body_of(await boss.send("GET", f"/{source['id']}"))
        assert (len(whole["tools"]), whole["left_out"]) == (51, [{"name": "", "reason": "unreadable"}])
        assert {name: whole[name] for name in listed} == listed

    async def test_a_change_makes_nobody_else_read_again(
        self, app: FastAPI, panels: dict[str, Panel], listing: HostileServer
    ) -> None:
        boss, admin = panels["boss"], panels["admin"]
        listing.tools = named("go")
        source = await boss.add(f"{listing.url}/junk")
        joined = app.state.tool_sources.joined
        await admin.add("https://example.invalid/mcp")
        before = await joined.of(admin.caller.principal.scope)
        await boss.change(source, enabled=False)
        after = await joined.of(admin.caller.principal.scope)

        assert [id(each) for each in after] == [id(each) for each in before]
        assert before
