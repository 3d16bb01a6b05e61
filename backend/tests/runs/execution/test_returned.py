"""What a provider wants back with a turn goes back: within the answer, after a take-over, to nobody else."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from coda.assembly import Process
from coda.core.settings import Settings
from tests.runs.conftest import Ask, Person
from tests.runs.control import assert_as_stored, expire_lease, frames_of, over
from tests.runs.waiting import until_async
from tests.simulators.fixtures import thinking
from tests.simulators.thinking import DETAILS, SIGNATURE, THOUGHT, ThinkingServer

__all__ = ["thinking"]

WAYS = ("reasoning-content", "reasoning-details", "thought-signature", "plain", "forgetful")
SECRETS = ("c2VjcmV0", "c2lnbmVk")


@pytest.fixture(scope="module")
def settings(settings: Settings, thinking: ThinkingServer) -> Settings:
    return settings.model_copy(update={"openai_base_url": f"{thinking.url}/v1"})


@pytest.fixture
async def server(thinking: ThinkingServer) -> AsyncIterator[ThinkingServer]:
    """The provider, without what others asked it."""
    thinking.requests.clear()
    thinking.holds = False
    thinking.release.clear()
    yield thinking
    thinking.release.set()


async def asked(ask: Ask, person: Person, model: str) -> UUID:
    started = await ask(await person.new_session(), "What is 6 * 7?", model=f"openai/{model}")
    return UUID(started.run["id"])


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("model", WAYS)
async def test_the_next_turn_carries_it(ask: Ask, person: Person, model: str) -> None:
    run = await over(person, await asked(ask, person, model))

    message = await person.message(run.message_id)
    assert run.status == "finished", run.error
    assert message.content[-1] == {"type": "text", "text": "42."}


async def test_it_goes_back_as_it_came(ask: Ask, person: Person, server: ThinkingServer) -> None:
    for model in WAYS:
        await over(person, await asked(ask, person, model))

    content, details, signed, plain, *_, forgetful = server.second_turns()
    assert content["reasoning_content"] == "".join(THOUGHT)
    assert (details["reasoning_details"], "reasoning" in details) == (DETAILS, False)
    assert signed["tool_calls"][0]["extra_content"] == SIGNATURE
    assert set(plain) == {"role", "content", "tool_calls"}
    assert set(forgetful) == {"role", "content", "tool_calls"}


@pytest.mark.parametrize("model", ["reasoning-content", "reasoning-details", "thought-signature"])
async def test_it_goes_back_after_a_take_over(
    process: Process, ask: Ask, person: Person, server: ThinkingServer, model: str
) -> None:
    server.holds = True
    run_id = await asked(ask, person, model)
    await until_async(lambda: _came(server, 1))
    await expire_lease(process, run_id)
    process.dispatcher.wake()
    await until_async(lambda: _came(server, 2))
    server.release.set()
    run = await over(person, run_id)

    first, second = server.second_turns()[:2]
    assert (run.status, orjson.dumps(second)) == ("finished", orjson.dumps(first))
    await assert_as_stored(process, person, [run_id])


@pytest.mark.usefixtures("server")
async def test_nobody_else_sees_it(process: Process, ask: Ask, person: Person) -> None:
    for model in ("reasoning-details", "thought-signature"):
        run = await over(person, await asked(ask, person, model))

        told = await frames_of(process, person, run.id)
        message = await person.message(run.message_id)
        shown = orjson.dumps([told, message.content, await steps(person, run.id)]).decode()
        assert not [secret for secret in SECRETS if secret in shown]


async def steps(person: Person, run_id: UUID) -> list[object]:
    async with person.database.transaction(person.scope) as db:
        rows = await db.execute(text("select data, usage from run_steps where run_id = :id"), {"id": run_id})
        return [[row.data, row.usage] for row in rows]


async def _came(server: ThinkingServer, times: int) -> bool:
    return len(server.second_turns()) >= times
