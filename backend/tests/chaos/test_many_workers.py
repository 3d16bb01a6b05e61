"""Four workers over one Redis: whatever is asked of a run reaches it, wherever it works."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.chaos.audit import assert_nothing_lost
from tests.chaos.client import Client, Watched
from tests.chaos.cluster import Cluster, until

LONG = "Write a long text about rivers"
PATIENCE = 240.0
TABLE = "Statistics of this table:\nriver,length\nAmazon,6400\nNile,6650\nRhine,1230"


@pytest.fixture
async def four(site: Cluster) -> AsyncIterator[Cluster]:
    """The installation with four workers that are in no hurry, since forty runs at once leave little of a busy machine.

    Their leases outlast a second without processor: nobody is to be taken for dead here. Their answers go on long
    after a command has had time to come: what comes too late to stop or steer a run would be right, and another test.
    """
    async with site.other_workers(4, CODA_RUNS__LEASE="60", CODA_LLM__DEMO_TOKENS_PER_SECOND="40"):
        yield site


async def ask(client: Client, question: str) -> Watched:
    return await client.ask(await client.new_session(), question)


async def approve(client: Client) -> str:
    """Let the tool run that an answer waits with."""
    asked = await ask(client, TABLE)
    await until(asked.ended.is_set, within=PATIENCE)
    waiting = [part["id"] for part in asked.state.parts if part["type"] == "tool_call"]
    decisions: list[dict[str, Any]] = [{"tool_call_id": call_id, "decision": "approve"} for call_id in waiting]
    reply = await client.insist("approve", run_id=asked.run_id, decisions=decisions)
    assert reply["op"] == "ack", reply
    await until(client.watched[reply["run"]["id"]].ended.is_set, within=PATIENCE)
    return asked.state.status


async def stop(client: Client) -> str:
    """Stop an answer that has begun."""
    asked = await ask(client, LONG)
    await until(lambda: asked.has("REASONING_MESSAGE_CONTENT"))
    reply = await client.insist("cancel", run_id=asked.run_id)
    assert reply["op"] == "ack", reply
    await until(asked.ended.is_set, within=PATIENCE)
    return asked.state.status


async def steer(client: Client) -> str:
    """Throw something into an answer that has begun."""
    asked = await ask(client, LONG)
    await until(lambda: asked.has("REASONING_MESSAGE_CONTENT"))
    reply = await client.insist("steer", run_id=asked.run_id, content="Be brief.")
    assert reply["op"] == "ack", reply
    await until(asked.ended.is_set, within=PATIENCE)
    assert {"type": "steer", "text": "Be brief."} in asked.state.parts
    return asked.state.status


async def watch_by_two(client: Client, other: Client, question: str) -> str:
    """Follow one answer over two connections."""
    asked = await ask(client, question)
    again = await other.watch(asked)
    await until(lambda: asked.ended.is_set() and again.ended.is_set(), within=PATIENCE)
    assert again.state.parts == asked.state.parts
    return again.state.status


@pytest.mark.parametrize(
    ("of_each", "watched"),
    [pytest.param(2, 6, id="twelve"), pytest.param(5, 25, id="forty", marks=pytest.mark.long)],
)
async def test_runs_are_stopped_steered_approved_and_watched_by_two(
    four: Cluster, client: Client, returning: Client, sum_of: Callable[[], str], of_each: int, watched: int
) -> None:
    ends = await asyncio.gather(
        *(stop(client) for _ in range(of_each)),
        *(steer(client) for _ in range(of_each)),
        *(approve(client) for _ in range(of_each)),
        *(watch_by_two(client, returning, sum_of()) for _ in range(watched)),
    )

    assert ends == ["stopped"] * of_each + ["complete"] * (2 * of_each + watched)
    await assert_nothing_lost(four, client, returning)
