"""A model that has no measure: too many tool calls in one turn, answers without an end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.runs.errors import NothingToContinue
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import Arguments, ToolCallContext
from coda.usage.models import LedgerEntry
from tests.runs.conftest import Person, new_person
from tests.runs.control import assert_as_stored, over, start
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import module_faults

__all__ = ["module_faults"]

MOST = 1_000
AT_ONCE = 4


class CountingCalculator:
    """Counts how many calls are made, and how many of them at once; each waits for three more."""

    def __init__(self) -> None:
        self.made = self.at_once = self.most_at_once = 0
        self._together = asyncio.Barrier(AT_ONCE)

    async def run(self, arguments: Arguments, context: ToolCallContext) -> object:
        self.made += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self._together.wait()
            return await CALCULATOR.run(arguments, context)
        finally:
            self.at_once -= 1


@pytest.fixture(scope="module")
def counting() -> CountingCalculator:
    return CountingCalculator()


@pytest.fixture(scope="module")
async def bounded(
    settings: Settings, database_urls: DatabaseUrls, module_faults: FaultServer, counting: CountingCalculator
) -> AsyncIterator[Process]:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{module_faults.url}/v1"}
    own["runs"] |= {
        "max_text_characters": MOST, "max_reasoning_characters": MOST, "max_argument_characters": 1_000_000,
    }  # fmt: skip
    tools = FunctionToolset("built-in", [replace(CALCULATOR, run=counting.run)])
    async with assemble(Settings.model_validate(own), database_urls, toolsets=[tools]) as process:
        yield process


@pytest.fixture(scope="module")
def short_calls(settings: Settings, module_faults: FaultServer) -> Settings:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{module_faults.url}/v1"}
    own["runs"] |= {"max_argument_characters": MOST}
    return Settings.model_validate(own)


async def parts_of(person: Person, run_id: UUID) -> list[dict[str, object]]:
    return list((await person.message((await person.run(run_id)).message_id)).content)


async def booked(process: Process, person: Person, run_id: UUID) -> list[LedgerEntry]:
    async with process.database.transaction(person.scope) as db:
        return list(await db.scalars(select(LedgerEntry).where(LedgerEntry.run_id == run_id)))


class TestTooManyCalls:
    async def test_those_over_the_cap_are_refused_and_few_are_made_at_once(
        self, bounded: Process, counting: CountingCalculator
    ) -> None:
        person = await new_person(bounded.database)

        run_id = await start(bounded, person, "Calculate a lot", model="openai/calls-2000")
        run = await over(person, run_id)

        calls = [part for part in await parts_of(person, run_id) if part["type"] == "tool_call"]
        allowed = bounded.settings.runs.max_tool_calls
        assert run.status == "finished"
        assert len(calls) == 2_000
        assert counting.made == allowed
        assert counting.most_at_once == AT_ONCE == bounded.settings.runs.parallel_tool_calls
        assert [part["result"]["value"] for part in calls[:allowed]] == [str(n + 1) for n in range(allowed)]  # type: ignore[index]
        assert {part["error"]["code"] for part in calls[allowed:]} == {"runs.too_many_tool_calls"}  # type: ignore[index]
        await assert_as_stored(bounded, person, [run_id])

    async def test_the_model_reads_a_result_for_each_in_its_order(
        self, bounded: Process, module_faults: FaultServer
    ) -> None:
        person = await new_person(bounded.database)

        await over(person, await start(bounded, person, "Calculate some", model="openai/calls-40"))

        messages = module_faults.requests[-1]["messages"]
        results = [message for message in messages if message["role"] == "tool"]
        asked = next(message["tool_calls"] for message in messages if message.get("tool_calls"))
        assert len(asked) == 40
        assert [message["tool_call_id"] for message in results] == [call["id"] for call in asked]
        assert [message["content"] for message in results[:2]] == [
            '{"value":"1","exact":true}', '{"value":"2","exact":true}',
        ]  # fmt: skip
        assert "at most 32 tool calls" in results[39]["content"]


class TestEndlessAnswer:
    @pytest.mark.parametrize("kind", ["text", "reasoning"])
    async def test_is_stopped_at_its_size_kept_and_booked(
        self, bounded: Process, module_faults: FaultServer, kind: str
    ) -> None:
        person = await new_person(bounded.database)
        module_faults.hung_up.clear()

        run_id = await start(bounded, person, "Go on for ever", model=f"openai/endless-{kind}")
        run = await over(person, run_id)

        *_, written, notice = await parts_of(person, run_id)
        assert run.status == "cancelled"
        assert written["type"] == kind
        assert len(str(written["text"])) == MOST
        assert notice["code"] == "runs.answer_too_long"
        assert notice["details"] == {"what": kind, "limit": MOST}
        with pytest.raises(NothingToContinue):
            await bounded.run_commands.continue_run(person.principal, run_id)
        await module_faults.hung_up.wait()
        (entry,) = await booked(bounded, person, run_id)
        assert entry.output_tokens >= MOST // 5
        await assert_as_stored(bounded, person, [run_id])

    @pytest.mark.parametrize("kind", ["arguments", "calls"])
    async def test_of_tool_calls_makes_none_of_them(
        self, short_calls: Settings, database_urls: DatabaseUrls, module_faults: FaultServer, kind: str
    ) -> None:
        async with assemble(short_calls, database_urls) as process:
            person = await new_person(process.database)
            module_faults.hung_up.clear()

            run_id = await start(process, person, "Call for ever", model=f"openai/endless-{kind}")
            run = await over(person, run_id)

            *calls, notice = await parts_of(person, run_id)
            assert run.status == "cancelled"
            assert notice["code"] == "runs.answer_too_long"
            assert {call["error"]["code"] for call in calls} == {"runs.stopped"}  # type: ignore[index]
            assert len(calls) <= MOST // 100
            await module_faults.hung_up.wait()
            await assert_as_stored(process, person, [run_id])
