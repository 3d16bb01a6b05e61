"""Lists of tools that are bad in part or as a whole: what is good of them is taken, and the rest is told of."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from coda.core.errors import CodaError
from coda.tools.mcp.kind import McpServers
from coda.tools.sources.types import MOST_TOOLS, Offer, Unfit
from tests.simulators.bad_mcp_kinds import INVALID, pages
from tests.simulators.bad_mcp_server import GO, BadServer, Manner, body, error, result, stream
from tests.tools.mcp.calling import SOMEBODY, not_changed, source_at

PLAIN: Final = {"type": "object"}


@pytest.fixture
async def bad() -> AsyncIterator[BadServer]:
    """One that lists what it is told to."""
    async with BadServer({}).serving() as server:
        yield server


async def offer_of(servers: McpServers, server: BadServer, manner: Manner | None = None) -> Offer:
    server.manners = {} if manner is None else {"so": manner}
    return await servers.offer(source_at(f"{server.url}/{'list' if manner else 'end'}/so"))


@pytest.mark.parametrize(
    ("tool", "reason"),
    [
        ({"inputSchema": PLAIN}, Unfit.UNREADABLE),
        ({"name": None, "inputSchema": PLAIN}, Unfit.UNREADABLE),
        ({"name": 7, "inputSchema": PLAIN}, Unfit.UNREADABLE),
        ({"name": "bad"}, Unfit.UNREADABLE),
        ({"name": "bad", "inputSchema": "object"}, Unfit.UNREADABLE),
        ({"name": "bad", "inputSchema": PLAIN, "description": {"a": 1}}, Unfit.UNREADABLE),
        ({"name": "bad", "inputSchema": PLAIN, "annotations": "reads"}, Unfit.UNREADABLE),
        ({"name": "bad", "inputSchema": PLAIN, "annotations": {"readOnlyHint": "perhaps"}}, Unfit.UNREADABLE),
        ({"name": "bad", "inputSchema": PLAIN, "outputSchema": []}, Unfit.UNREADABLE),
        (None, Unfit.UNREADABLE),
        ("bad", Unfit.UNREADABLE),
        ([], Unfit.UNREADABLE),
        ({"name": "", "inputSchema": PLAIN}, Unfit.NAME),
        ({"name": "b" * 500, "inputSchema": PLAIN}, Unfit.NAME),
        ({"name": "b\u202ead", "inputSchema": PLAIN}, Unfit.NAME),
        ({"name": "b\x1b[2Jad", "inputSchema": PLAIN}, Unfit.NAME),
        (GO, Unfit.TWICE),
        ({"name": "bad", "inputSchema": PLAIN | {"$ref": "http://127.0.0.1:9/schema"}}, Unfit.SCHEMA),
        ({"name": "bad", "inputSchema": PLAIN | {"minProperties": "few"}}, Unfit.SCHEMA),
        ({"name": "bad", "inputSchema": PLAIN, "outputSchema": PLAIN | {"minProperties": "few"}}, Unfit.SCHEMA),
        ({"name": "bad", "inputSchema": PLAIN | {"description": "x" * 30_000}}, Unfit.TOO_LARGE),
    ],
)
async def test_a_bad_tool_is_left_out_and_the_others_stay(
    servers: McpServers,
    bad: BadServer,
    tool: Any,  # noqa: ANN401 - any JSON
    reason: Unfit,
) -> None:
    bad.tools = [GO, tool, {**GO, "name": "other"}]
    offer = await offer_of(servers, bad)

    assert [each.name for each in offer.tools] == ["go", "other"]
    assert [each.reason for each in offer.left_out] == [reason]
    assert all(each.name.isprintable() for each in offer.left_out)


async def test_a_long_description_is_cut(servers: McpServers, bad: BadServer) -> None:
    bad.tools = [{**GO, "description": "d" * 500_000}]
    (tool,) = (await offer_of(servers, bad)).tools

    assert len(tool.description) < 2_100


async def test_of_ten_thousand_tools_some_are_taken(servers: McpServers, bad: BadServer) -> None:
    bad.tools = [{**GO, "name": f"go-{number}"} for number in range(10_000)]
    offer = await offer_of(servers, bad)

    assert len(offer.tools) == MOST_TOOLS
    assert {each.reason for each in offer.left_out} == {Unfit.TOO_MANY}
    assert len(offer.left_out) <= 20


@pytest.mark.parametrize(
    ("cursors", "taken"),
    [(["a", "b", None], 3), (["a"], 2), (["a", "b", "a"], 3), ([7], 1), ([""], 1), ([{"a": 1}], 1)],
)
async def test_pages_end(servers: McpServers, bad: BadServer, cursors: list[Any], taken: int) -> None:
    offer = await offer_of(servers, bad, pages(bad, cursors))

    assert len(offer.tools) == taken


async def test_pages_that_never_end_are_read_for_a_while(servers: McpServers, bad: BadServer) -> None:
    offer = await offer_of(servers, bad, pages(bad, [f"page {number}" for number in range(1_000)]))

    assert 0 < len(offer.tools) <= MOST_TOOLS


@pytest.mark.parametrize("listed", [None, {}, "go", 7])
async def test_what_is_no_list_is_no_answer(
    servers: McpServers,
    bad: BadServer,
    listed: Any,  # noqa: ANN401 - any JSON
) -> None:
    with pytest.raises(CodaError) as failure:
        await offer_of(servers, bad, body(lambda asked: result(asked, {"tools": listed})))

    assert failure.value.code == INVALID


@pytest.mark.parametrize(
    "manner",
    [
        *(body("no", status=status) for status in (202, 303, 400, 404, 405, 500, 501)),
        body("<p>", headers={"Content-Type": "text/html"}),
        body("{oops"),
        body(lambda _: result({"id": 7_777}, {})),
        body(lambda asked: result(asked, {})),
        body(lambda asked: result(asked, {"supportedVersions": ["1999-01-01"], "capabilities": {}})),
        body(lambda asked: error(asked, -32022, "Unknown version")),
        body(lambda asked: {**error(asked, -32022, "x"), "error": {"code": -32022, "data": {"supported": ["1999"]}}}),
        stream("event: weather\ndata: {}\n\n", lambda asked: error(asked, -32601, "Method not found")),
    ],
)
async def test_one_that_does_not_know_to_be_discovered_is_asked_in_the_older_way(
    servers: McpServers, bad: BadServer, manner: Manner
) -> None:
    bad.manners = {"so": manner}
    offer = await servers.offer(source_at(f"{bad.url}/discover/so"))

    assert ([tool.name for tool in offer.tools], offer.protocol) == (["go"], "2025-06-18")


async def test_a_tool_that_is_called_as_ours_has_a_name_of_its_own(servers: McpServers, bad: BadServer) -> None:
    bad.tools = [{**GO, "name": "calculator"}, {**GO, "name": "a__b"}, {**GO, "name": "a b"}]
    offer = await offer_of(servers, bad)
    source = source_at(bad.url)
    listed = await servers.toolset(source, offer.tools, not_changed).list(SOMEBODY)

    assert len({tool.name for tool in listed}) == len(bad.tools)
    assert all(tool.name.startswith("box__") for tool in listed)
