"""Servers and stores die under running runs: everybody comes back, and nothing is lost."""

import asyncio
from collections.abc import Callable, Sequence
from signal import SIGKILL, SIGQUIT, Signals

import pytest

from tests.chaos.audit import assert_nothing_lost
from tests.chaos.client import Client, Watched
from tests.chaos.cluster import Cluster, kill, until

LONG = "Write a long text about rivers"


async def speaking(client: Client, sum_of: Callable[[], str]) -> Sequence[Watched]:
    """Runs of which some are in the middle of a long text."""
    asked = [await client.ask(await client.new_session(), question) for question in (LONG, sum_of(), LONG, sum_of())]
    await until(lambda: asked[0].has("TEXT_MESSAGE_CONTENT") and asked[2].has("TEXT_MESSAGE_CONTENT"))
    return asked


async def assert_all_complete(site: Cluster, client: Client, asked: Sequence[Watched]) -> None:
    for each in asked:
        await until(each.ended.is_set)
    assert [each.state.status for each in asked] == ["complete"] * len(asked)
    await assert_nothing_lost(site, client)


async def test_a_server_is_killed(site: Cluster, client: Client, sum_of: Callable[[], str]) -> None:
    asked = await speaking(client, sum_of)

    await kill(site.servers[0])
    await site.revive()

    await assert_all_complete(site, client, asked)
    assert client.breaks


@pytest.mark.parametrize("how", [SIGQUIT, SIGKILL])
async def test_postgres_is_restarted(site: Cluster, client: Client, sum_of: Callable[[], str], how: Signals) -> None:
    asked = await speaking(client, sum_of)

    await site.postgres.kill(how)
    await site.revive()

    await assert_all_complete(site, client, asked)


async def test_redis_is_restarted(site: Cluster, client: Client, sum_of: Callable[[], str]) -> None:
    asked = await speaking(client, sum_of)

    await asyncio.to_thread(site.redis.stop, SIGKILL)
    await site.revive()

    await assert_all_complete(site, client, asked)
