"""Redis lost in mid-stream, seen from real sockets and real SSE: the chat goes on, bridged from Postgres' run log."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ordered
from tests.redis_server import RedisServer
from tests.runs.conftest import Person
from tests.runs.faults.asking import PATIENCE, assert_seen_as_stored, begin, heard, text_of
from tests.runs.faults.conftest import Wires
from tests.runs.site import Site

LONG = "openai/paced-n200-d20"
"""Four seconds: longer than it takes to notice any of these losses."""


class Redis:
    """The ways to lose Redis, and the way back: it has forgotten everything then."""

    def __init__(self, wires: Wires, server: RedisServer) -> None:
        self._wire, self._server = wires.redis, server

    async def lose(self, how: str) -> None:
        if how == "killed":
            await asyncio.to_thread(self._server.stop, signal.SIGKILL)
        elif how == "silent":
            self._wire.go_silent()
        else:
            await self._wire.refuse()
            self._wire.reset()

    async def come_back(self) -> None:
        await asyncio.to_thread(self._server.stop, signal.SIGKILL)
        await asyncio.to_thread(self._server.start)
        self._wire.heal()
        await self._wire.refuse()
        await self._wire.accept()


@pytest.fixture
def redis(wires: Wires, redis_server: RedisServer) -> Redis:
    return Redis(wires, redis_server)


@asynccontextmanager
async def reading(site: Site, person: Person, ack: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
    """The run's events over SSE, as they come; whole at the end."""
    token, _ = await site.sign_in(person)
    seen: list[dict[str, Any]] = []

    async def read() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"http://{site.address}/api/v1/runs/{ack['run']['id']}/events"
        async with httpx.AsyncClient(timeout=PATIENCE) as client, client.stream("GET", url, headers=headers) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    seen.append(orjson.loads(line.removeprefix("data: ")))

    task = asyncio.create_task(read())
    yield seen
    await asyncio.wait_for(task, PATIENCE)


@pytest.mark.parametrize("how", ["killed", "silent", "refused"])
class TestLostInMidStream:
    async def test_sockets_and_sse_are_served_from_postgres_and_then_by_redis_again(
        self, site: Site, person: Person, redis: Redis, how: str
    ) -> None:
        async with site.line(person) as line:
            ack = await begin(line, person, model=LONG)
            async with reading(site, person, ack) as streamed:
                await heard(line, 5)
                await redis.lose(how)
                already = len(line.events)
                await heard(line, already + 20)
                is_bridged = not await site.process.hub.is_well()
                await redis.come_back()
                state = await assert_seen_as_stored(person, ack, await line.until_end(ack["run"]["id"]))

        assert is_bridged
        assert state.status == "complete"
        assert len(text_of(state).split()) == 200
        assert_ordered(streamed, after=0, ended=True)
        assert MessageState().apply_all(streamed).visible() == state.visible()


@pytest.mark.parametrize("how", ["silent", "refused"])
class TestAway:
    async def test_one_can_ask_and_come_back_at_any_event(
        self, site: Site, person: Person, redis: Redis, how: str
    ) -> None:
        await redis.lose(how)
        async with site.line(person) as line, site.line(person) as other:
            ack = await begin(line, person, model="openai/paced-n60-d15")
            await heard(line, 2)
            seen = MessageState().apply_all(line.events)
            line.connection.transport.abort()
            async with site.line(person) as late:
                await late.ask("attach", run_id=ack["run"]["id"], after=seen.last_seq)
                seen.apply_all(await late.until_end(ack["run"]["id"]))
            async with asyncio.timeout(PATIENCE):
                while ("run", "finished") not in [(note["topic"], note["change"]) for note in other.notes]:
                    await other.read()

        message = await person.message(UUID(ack["assistant"]["id"]))
        assert seen.parts == message.content
        assert seen.status == message.status == "complete"
