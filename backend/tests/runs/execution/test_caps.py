"""Loop caps of an answer, over the runs that write on behind it: what the root has had is had."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from tests.runs.conftest import Person, new_person
from tests.runs.control import assert_as_stored, over, start
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import module_faults

__all__ = ["module_faults"]

ALWAYS_CALLS = "openai/calls-without-index"
"""A model that asks for the same two tools in every turn, also where it was told that there are none any more."""


@pytest.fixture(
    params=[
        ("runs.step_limit", {"max_steps": 2}),
        ("runs.tool_limit", {"max_tool_calls": 4}),
        ("runs.same_call_limit", {"max_same_call": 2}),
    ],
    ids=["steps", "tool calls", "same call"],
)
def cap(request: pytest.FixtureRequest) -> tuple[str, dict[str, int]]:
    """The notice of a cap, and the setting that it is reached by after two turns."""
    found: tuple[str, dict[str, int]] = request.param
    return found


@pytest.fixture
async def capped(
    settings: Settings, database_urls: DatabaseUrls, module_faults: FaultServer, cap: tuple[str, dict[str, int]]
) -> AsyncIterator[Process]:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{module_faults.url}/v1"}
    own["runs"] |= cap[1]
    async with assemble(Settings.model_validate(own), database_urls) as process:
        yield process


async def calls_of(person: Person, run_id: UUID) -> list[dict[str, Any]]:
    message = await person.message((await person.run(run_id)).message_id)
    return [part for part in message.content if part["type"] == "tool_call"]


async def test_writing_on_opens_no_new_account(
    capped: Process, module_faults: FaultServer, cap: tuple[str, dict[str, int]]
) -> None:
    person = await new_person(capped.database)
    first = await start(capped, person, "Go on for ever", model=ALWAYS_CALLS)
    assert (await over(person, first)).status == "finished"
    message = await person.message((await person.run(first)).message_id)
    assert cap[0] in [part["code"] for part in message.content if part["type"] == "notice"]
    made, asked = await calls_of(person, first), len(module_faults.requests)
    assert len(made) == 4

    second = UUID((await capped.run_commands.continue_run(person.principal, first))["id"])
    assert (await over(person, second)).status == "finished"

    assert await calls_of(person, second) == made
    assert [body["tool_choice"] for body in module_faults.requests[asked:]] == ["none"]
    await assert_as_stored(capped, person, [first, second])
