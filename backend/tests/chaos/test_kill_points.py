"""SIGKILL at the named points of a run: another process goes on, and nothing is lost, doubled or done twice."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from coda.core.kill_points import KillPoint
from tests.chaos.audit import assert_nothing_lost, everything
from tests.chaos.client import Client, Watched
from tests.chaos.cluster import Cluster, until

LONG = "Write a long text about rivers"
OF_WORKERS = (
    KillPoint.AFTER_CLAIM,
    KillPoint.MID_STREAM,
    KillPoint.BEFORE_SETTLE,
    KillPoint.BEFORE_SIDE_EFFECT,
    KillPoint.AFTER_SIDE_EFFECT,
    KillPoint.BEFORE_FINAL_COMMIT,
)
TIMES = (0, *(pytest.param(time, marks=pytest.mark.long) for time in range(1, 4)))
"""A point is passed at another moment each time: once in the suite, more often in `make test-long`."""

_TAKEN_OVER_AFTER = """
    select extract(epoch from min(created_at) filter (where fence = 2) - max(created_at) filter (where fence = 1))
      from run_events where run_id = $1
"""
Question = Callable[[], str]


async def outlive(site: Cluster, client: Client, question: str, point: KillPoint, *, kills: int = 1) -> Watched:
    """Ask, let processes die at a point, and see the answer's end."""
    session_id = await client.new_session()
    # All at once: whoever takes the run over may be quicker than the test.
    tokens = [] if point is KillPoint.MID_STREAM else [site.arm(point) for _ in range(kills)]
    asked = await client.ask(session_id, question)
    if not tokens:
        await until(lambda: asked.has("REASONING_MESSAGE_CONTENT"))
        tokens = [site.arm(point)]
    await site.died_at(*tokens)
    await until(asked.ended.is_set)
    return asked


def calls_of(asked: Watched) -> Sequence[dict[str, Any]]:
    return [part for part in asked.state.parts if part["type"] == "tool_call"]


class TestWorkers:
    @pytest.mark.parametrize("time", TIMES)
    @pytest.mark.parametrize("point", OF_WORKERS)
    async def test_another_worker_goes_on(
        self, site: Cluster, client: Client, sum_of: Question, point: KillPoint, time: int
    ) -> None:
        asked = await outlive(site, client, sum_of(), point)

        assert asked.state.status == "complete"
        assert [call["status"] for call in calls_of(asked)] == ["done"]
        await assert_nothing_lost(site, client)

    async def test_one_who_stayed_and_one_who_came_back_see_the_same(
        self, site: Cluster, client: Client, returning: Client
    ) -> None:
        asked = await client.ask(await client.new_session(), LONG)
        again = await returning.watch(asked)
        await until(lambda: asked.has("TEXT_MESSAGE_CONTENT") and again.has("TEXT_MESSAGE_CONTENT"))
        token = site.arm(KillPoint.MID_STREAM)
        await returning.drop()
        await site.died_at(token)
        await until(lambda: asked.ended.is_set() and again.ended.is_set())

        assert returning.breaks
        assert asked.state.parts == again.state.parts
        await assert_nothing_lost(site, client, returning)

    async def test_after_three_tries_it_has_failed(self, site: Cluster, client: Client, sum_of: Question) -> None:
        asked = await outlive(site, client, sum_of(), KillPoint.AFTER_CLAIM, kills=3)

        assert asked.state.status == "failed"
        assert asked.state.parts[-1]["code"] == "runs.attempts_exhausted"
        await assert_nothing_lost(site, client)

    async def test_with_true_leases_it_goes_on_within_twenty_seconds(
        self, site: Cluster, client: Client, sum_of: Question
    ) -> None:
        async with site.other_workers(2, CODA_RUNS__LEASE="15", CODA_RUNS__HEARTBEAT="5"):
            asked = await outlive(site, client, sum_of(), KillPoint.AFTER_SIDE_EFFECT)

            async with everything(site) as database:
                assert await database.fetchval(_TAKEN_OVER_AFTER, UUID(asked.run_id)) < 20
            await assert_nothing_lost(site, client)


class TestToolsWithoutKey:
    @pytest.mark.parametrize(
        ("point", "effects"), [(KillPoint.BEFORE_SIDE_EFFECT, 0), (KillPoint.AFTER_SIDE_EFFECT, 1)]
    )
    async def test_what_may_have_been_done_is_not_done_again(
        self, site: Cluster, client: Client, day_of: Question, point: KillPoint, effects: int
    ) -> None:
        before = site.effects.effects.total()

        asked = await outlive(site, client, day_of(), point)

        assert asked.state.status == "complete"
        assert [call["error"]["code"] for call in calls_of(asked)] == ["tools.outcome_unknown"]
        assert site.effects.effects.total() - before == effects
        await assert_nothing_lost(site, client)


class TestTools:
    @pytest.mark.parametrize("point", [KillPoint.MID_STREAM, KillPoint.BEFORE_SETTLE])
    async def test_whoever_goes_on_heeds_what_was_switched_off_before_the_kill(
        self, site: Cluster, client: Client, sum_of: Question, point: KillPoint
    ) -> None:
        session_id = await client.new_session()
        before = site.effects.effects.total()
        asked = await client.ask(session_id, sum_of())
        await until(lambda: asked.has("REASONING_MESSAGE_CONTENT"))

        await client.switch_off("calculator", session_id)
        await site.died_at(site.arm(point))
        await until(asked.ended.is_set)

        assert asked.state.status == "complete"
        assert [call["error"]["code"] for call in calls_of(asked)] == ["tools.not_allowed"]
        assert site.effects.effects.total() == before
        await assert_nothing_lost(site, client)


class TestServers:
    @pytest.mark.parametrize("time", TIMES)
    @pytest.mark.parametrize("point", [KillPoint.BEFORE_ACK, KillPoint.AFTER_ACK])
    async def test_what_was_stored_is_there_once(
        self, site: Cluster, client: Client, sum_of: Question, point: KillPoint, time: int
    ) -> None:
        session_id = await client.new_session()
        token = site.arm(point)
        asking = asyncio.create_task(client.ask(session_id, sum_of()))
        await site.died_at(token)
        asked = await asking

        await until(asked.ended.is_set)
        assert asked.state.status == "complete"
        await assert_nothing_lost(site, client)
