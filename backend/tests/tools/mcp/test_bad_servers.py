"""A table of servers that misbehave: what comes of a call, what a model reads, and what is remembered of the server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from time import monotonic
from typing import Any, Final

import pytest

from coda.core.breaker import FAILURES_TO_OPEN
from coda.tools.mcp.kind import McpServers
from coda.tools.sources.types import OfferedTool
from coda.tools.types import ToolCallContext, ToolOutcome
from tests.runs.waiting import until_async
from tests.simulators.bad_mcp_kinds import KINDS, LATE, SESSIONS, Kind
from tests.simulators.bad_mcp_server import BadServer, body
from tests.simulators.mcp_servers import SECRET
from tests.tools.mcp.calling import call, code_of, not_changed, source_at

GO: Final = OfferedTool("go", "Go", "Goes.", {"type": "object"}, {}, has_side_effects=True, may_repeat=False)
UNKNOWN: Final = "may have done its work"
OLD, NEW = "2025-06-18", "2026-07-28"
OLD_ONLY: Final = {how for how, kind in KINDS.items() if kind.stage == "initialize"} | {"structure that is a list"}


@pytest.fixture(scope="module")
async def bad_server() -> AsyncIterator[BadServer]:
    """All of them."""
    manners = {how: kind.manner for how, kind in KINDS.items()}
    async with BadServer(manners).serving() as server:
        yield server


@pytest.fixture
def bad(bad_server: BadServer) -> BadServer:
    """The same, having heard nothing."""
    bad_server.forget()
    return bad_server


async def outcome_of(
    servers: McpServers,
    server: BadServer,
    how: str,
    caller: ToolCallContext,
    **fields: Any,  # noqa: ANN401 - of a Source
) -> ToolOutcome:
    kind = KINDS[how]
    source = source_at(f"{server.url}/{kind.stage}/{how}", **{"protocol": OLD} | fields)
    seconds = 1.5 if kind.ends == LATE else 15
    toolset = servers.toolset(source, [GO], not_changed)
    return await call(toolset, "box__go", replace(caller, deadline=monotonic() + seconds))


@pytest.mark.parametrize(
    ("how", "protocol"),
    [(how, OLD) for how in KINDS] + [(how, NEW) for how in KINDS if how not in SESSIONS.keys() | OLD_ONLY],
)
async def test_a_call_ends_as_it_should(
    servers: McpServers, bad: BadServer, caller: ToolCallContext, how: str, protocol: str
) -> None:
    kind: Kind = KINDS[how]
    outcome = await outcome_of(servers, bad, how, caller, protocol=protocol)

    code = "said" if outcome.error is None else outcome.error["code"]
    assert code == kind.ends, outcome
    assert kind.says in outcome.content or (not outcome.ok and kind.says == "said")
    assert (UNKNOWN in outcome.content) is kind.may, outcome.content
    assert "not yours" not in outcome.content
    assert len(outcome.content) < 2_500
    assert bad.calls == kind.calls


@pytest.mark.parametrize(
    "how", ["a ping", "sampling", "elicitation", "roots", "an unknown request", "a thousand pings"]
)
async def test_what_a_server_asks_is_answered_a_few_times(
    servers: McpServers, bad: BadServer, caller: ToolCallContext, how: str
) -> None:
    await outcome_of(servers, bad, how, caller)

    async def are_there() -> bool:
        return len(replies()) == (16 if how == "a thousand pings" else 1)

    def replies() -> list[Any]:
        return [message for message in bad.told if "id" in message and "method" not in message]

    await until_async(are_there)
    is_ping = "ping" in how
    for reply in replies():
        assert reply["jsonrpc"] == "2.0"
        assert ("result" in reply, reply.get("error", {}).get("code")) == (is_ping, None if is_ping else -32601)


@pytest.mark.parametrize("how", ["500", "no JSON", "dies", "429", "401", "404", "50 MB", "an error in words"])
async def test_only_what_is_down_is_left_alone(
    servers: McpServers, bad: BadServer, caller: ToolCallContext, how: str
) -> None:
    source = source_at(f"{bad.url}/call/{how}", protocol=OLD)
    toolset = servers.toolset(source, [GO], not_changed)
    for _ in range(FAILURES_TO_OPEN):
        await call(toolset, "box__go", caller)

    last = code_of(await call(toolset, "box__go", caller))
    assert (last == "tools.source_resting") is KINDS[how].opens_breaker


async def test_the_time_that_a_server_asks_for_is_passed_on(
    servers: McpServers, bad: BadServer, caller: ToolCallContext
) -> None:
    outcome = await outcome_of(servers, bad, "429", caller)

    assert outcome.error is not None
    assert outcome.error["details"] == {"retry_after": 7}


async def test_a_sign_in_stays_with_its_origin(servers: McpServers, bad: BadServer, caller: ToolCallContext) -> None:
    async with BadServer({}).serving() as other:
        bad.manners = {**bad.manners, "elsewhere": body("", status=307, headers={"Location": f"{other.url}/call/x"})}
        url = f"{bad.url}/call/elsewhere"
        source = source_at(url, config={"url": url, "auth": {"type": "bearer"}}, secret=SECRET, protocol=OLD)
        outcome = await call(servers.toolset(source, [GO], not_changed), "box__go", caller)

        assert code_of(outcome) == "tools.source_refused"
        assert other.requests == []
        assert {headers.get("Authorization") for _, headers in bad.requests} == {f"Bearer {SECRET}"}


async def test_the_first_session_is_kept_and_ended(
    servers: McpServers, bad: BadServer, caller: ToolCallContext
) -> None:
    await outcome_of(servers, bad, "another session", caller)
    await asyncio.wait_for(bad.has_ended.wait(), 5)

    assert {headers.get("Mcp-Session-Id") for _, headers in bad.requests} == {None, "first"}


@pytest.mark.parametrize("how", ["hangs at the end", "hangs when listened to"])
async def test_a_result_does_not_wait_for_what_comes_behind_it(
    servers: McpServers, bad: BadServer, caller: ToolCallContext, how: str
) -> None:
    began = monotonic()
    await outcome_of(servers, bad, how, caller)

    assert monotonic() - began < 1


async def test_a_cancelled_call_is_not_waited_for_and_the_server_is_told(
    servers: McpServers, bad: BadServer, caller: ToolCallContext
) -> None:
    task = asyncio.create_task(outcome_of(servers, bad, "hangs behind headers", caller))
    await asyncio.wait_for(bad.has_call.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async def is_told() -> bool:
        return any(message.get("method") == "notifications/cancelled" for message in bad.told)

    await until_async(is_told)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/mcp", "http://nowhere.invalid/mcp", "https://127.0.0.1:{port}/mcp"]
)
async def test_what_was_not_sent_has_done_nothing(
    servers: McpServers, bad: BadServer, caller: ToolCallContext, url: str
) -> None:
    source = source_at(url.format(port=bad.url.rpartition(":")[2]), protocol=NEW)
    outcome = await call(servers.toolset(source, [GO], not_changed), "box__go", caller)

    assert code_of(outcome) == "tools.source_unreachable"
    assert UNKNOWN not in outcome.content
