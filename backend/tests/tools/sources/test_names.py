"""What tools of sources are called: no two sources that somebody has beside each other share a name."""

import asyncio
from typing import Any

import pytest

from tests.simulators.mcp_servers import ToolServer
from tests.tools.sources.conftest import Panel, body_of

OWNERS = ("me", "organization", "instance")


@pytest.mark.parametrize("later", OWNERS)
@pytest.mark.parametrize("first", OWNERS)
async def test_the_later_one_is_numbered_and_both_are_reached(
    panels: dict[str, Panel], server: ToolServer, first: str, later: str
) -> None:
    boss = panels["boss"]
    kept = await boss.add(server.url, owner=first)
    added = await boss.add(server.url, owner=later)
    tools = await boss.tools()

    assert (kept["prefix"], added["prefix"]) == ("the-box", "the-box-2")
    assert tools["the-box__add"]["source"] == kept["id"]
    assert tools["the-box-2__add"]["source"] == added["id"]


async def test_a_broader_one_keeps_off_the_names_of_people_who_do_not_add_it(
    panels: dict[str, Panel], server: ToolServer
) -> None:
    mine = await panels["member"].add("https://example.invalid/mcp")
    theirs = await panels["stranger"].add("https://example.invalid/mcp", name="Elsewhere")
    ours = await panels["boss"].add(server.url, owner="organization")
    everybodys = await panels["boss"].add(server.url, owner="instance", name="Elsewhere")

    assert [source["prefix"] for source in (mine, ours)] == ["the-box", "the-box-2"]
    assert [source["prefix"] for source in (theirs, everybodys)] == ["elsewhere", "elsewhere-2"]


async def test_two_people_may_call_theirs_alike(panels: dict[str, Panel]) -> None:
    for name in ("member", "admin", "stranger"):
        assert (await panels[name].add("https://example.invalid/mcp"))["prefix"] == "the-box"


async def test_those_that_are_added_at_once_are_told_apart(panels: dict[str, Panel]) -> None:
    boss = panels["boss"]

    def adding(owner: str) -> Any:  # noqa: ANN401 - an awaitable response
        return boss.send("POST", kind="mcp", name="The box", url="http://127.0.0.1:9/mcp", owner=owner)

    added = await asyncio.gather(*(adding(owner) for owner in OWNERS * 2))
    prefixes = [body_of(each)["prefix"] for each in added]

    assert sorted(prefixes) == ["the-box", *(f"the-box-{number}" for number in range(2, 7))]
