"""Tool calls that a person has to allow: the run interrupts, and a new one goes on by what was decided."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from coda.assembly import Process, assemble
from coda.core.clock import now
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.errors import (
    ApprovalNeeded,
    DecidedOtherwise,
    InvalidDecisions,
    NothingToApprove,
    RunNotFound,
    RunNotRunning,
)
from tests.runs.conftest import Person, new_person
from tests.runs.control import (
    QUESTION,
    GuardedCalculator,
    assert_as_stored,
    decision,
    expire_lease,
    frames_of,
    frames_until,
    interrupted,
    over,
    paced,
    start,
)
from tests.runs.site import served


@pytest.fixture(scope="module")
def calculator() -> GuardedCalculator:
    return GuardedCalculator()


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    return paced(settings, tokens_per_second=200)


@pytest.fixture(scope="module")
async def process(settings: Settings, database: Database, calculator: GuardedCalculator) -> AsyncIterator[Process]:
    async with assemble(settings, database.urls, toolsets=calculator.toolsets()) as running:
        yield running


def results(calculator: GuardedCalculator, call_id: UUID) -> list[Any]:
    return [arguments for key, arguments in calculator.made if key == str(call_id)]


class TestInterrupt:
    async def test_the_run_is_over_and_the_call_waits(
        self, process: Process, person: Person, calculator: GuardedCalculator
    ) -> None:
        run_id, call_id = await interrupted(process, person)

        run = await person.run(run_id)
        message = await person.message(run.message_id)
        assert run.interrupts is not None
        (asked,) = run.interrupts
        expires_at = datetime.fromisoformat(asked["expires_at"])
        assert asked == {
            "id": str(call_id),
            "reason": "approval",
            "message": "Allow calculator to run?",
            "tool_call_id": str(call_id),
            "expires_at": asked["expires_at"],
        }
        assert timedelta(days=6) < expires_at - now() <= timedelta(days=7)
        assert message.status == "waiting"
        assert message.content[-1]["status"] == "waiting"
        frames = await frames_of(process, person, run_id)
        shown = frames[-1]["outcome"]["interrupts"][0]
        assert (shown["toolCallId"], shown["expiresAt"]) == (str(call_id), asked["expires_at"])
        assert [frame["stepName"] for frame in frames if frame["type"] == "STEP_STARTED"] == [
            "prepare#1",
            "reason#1",
            "approve#1",
        ]
        await assert_as_stored(process, person, [run_id])
        assert results(calculator, call_id) == []

    async def test_what_is_refused(self, process: Process, person: Person) -> None:
        run_id, call_id = await interrupted(process, person)
        commands, stranger = process.run_commands, await new_person(process.database)

        with pytest.raises(ApprovalNeeded):
            await commands.resume(person.principal, run_id)
        with pytest.raises(RunNotRunning):
            await commands.pause(person.principal, run_id)
        with pytest.raises(RunNotRunning):
            await commands.steer(person.principal, run_id, "faster")
        with pytest.raises(InvalidDecisions):
            await commands.decide(person.principal, run_id, decision(new_id(), "approve"))
        with pytest.raises(InvalidDecisions):
            await commands.decide(person.principal, run_id, decision(call_id, "approve") * 2)
        with pytest.raises(RunNotFound):
            await commands.decide(stranger.principal, run_id, decision(call_id, "approve"))

    async def test_giving_up_fails_the_call(self, process: Process, person: Person) -> None:
        run_id, call_id = await interrupted(process, person)

        given_up = await process.run_commands.cancel(person.principal, run_id)

        message = await person.message(UUID(given_up["message_id"]))
        assert given_up["status"] == "cancelled"
        assert message.status == "stopped"
        assert message.content[-1]["error"]["code"] == "runs.stopped"
        with pytest.raises(NothingToApprove):
            await process.run_commands.decide(person.principal, run_id, decision(call_id, "approve"))

    async def test_writing_on_leaves_the_failed_call_as_it_is(self, process: Process, person: Person) -> None:
        run_id, _ = await interrupted(process, person)
        given_up = await process.run_commands.cancel(person.principal, run_id)
        before = (await person.message(UUID(given_up["message_id"]))).content

        second = UUID((await process.run_commands.continue_run(person.principal, run_id))["id"])
        await over(person, second)

        after = (await person.message(UUID(given_up["message_id"]))).content
        assert after[: len(before)] == before


class TestDecide:
    async def test_after_a_pause(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, QUESTION)
        await frames_until(process, person, run_id, lambda frame: frame["type"] == "REASONING_START")
        await process.run_commands.pause(person.principal, run_id)
        await process.run_commands.resume(person.principal, run_id)
        run = await over(person, run_id)
        assert run.interrupts is not None
        decided = decision(UUID(run.interrupts[0]["tool_call_id"]), "approve")
        second = UUID((await process.run_commands.decide(person.principal, run_id, decided))["id"])

        assert (await over(person, second)).status == "finished"
        await assert_as_stored(process, person, [run_id, second])

    async def test_an_approved_call_is_made_once(
        self, process: Process, person: Person, calculator: GuardedCalculator
    ) -> None:
        run_id, call_id = await interrupted(process, person)

        going = [
            await process.run_commands.decide(person.principal, run_id, decision(call_id, "approve")) for _ in range(2)
        ]
        second = UUID(going[0]["id"])
        run = await over(person, second)

        assert going[0]["id"] == going[1]["id"] != str(run_id)
        assert run.status == "finished"
        assert run.root_run_id == run.parent_run_id == run_id
        assert len(results(calculator, call_id)) == 1
        await assert_as_stored(process, person, [run_id, second])
        message = await person.message(run.message_id)
        assert "409.5" in message.content[-1]["text"]
        frames = await frames_of(process, person, second)
        assert frames[0]["parentRunId"] == str(run_id)
        assert "TOOL_CALL_START" not in [frame["type"] for frame in frames]
        assert [frame["stepName"] for frame in frames if frame["type"] == "STEP_STARTED"] == [
            "approve#2",
            "act#1",
            "evaluate#1",
            "reason#2",
            "synthesize#1",
        ]
        with pytest.raises(DecidedOtherwise):
            await process.run_commands.decide(person.principal, run_id, decision(call_id, "reject"))

    async def test_what_is_still_said_to_the_first_run_reaches_the_one_that_goes_on(
        self, process: Process, person: Person
    ) -> None:
        run_id, call_id = await interrupted(process, person)
        commands = process.run_commands
        second = (await commands.decide(person.principal, run_id, decision(call_id, "approve")))["id"]

        steer_id = new_id()
        told = [
            await commands.pause(person.principal, run_id),
            await commands.steer(person.principal, run_id, "Shorter, please.", steer_id),
            await commands.steer(person.principal, run_id, "Shorter, please.", steer_id),
            await commands.cancel(person.principal, run_id),
            await commands.cancel(person.principal, run_id),
        ]

        assert [run["id"] for run in told] == [second] * len(told)
        run = await over(person, UUID(second))
        message = await person.message(run.message_id)
        assert (run.status, message.status) == ("cancelled", "stopped")
        assert [part["text"] for part in message.content if part["type"] == "steer"] == ["Shorter, please."]

    async def test_a_stop_at_the_same_moment_stops_whatever_goes_on(self, process: Process, person: Person) -> None:
        for _ in range(3):
            run_id, call_id = await interrupted(process, person)
            both: list[Any] = await asyncio.gather(
                process.run_commands.decide(person.principal, run_id, decision(call_id, "approve")),
                process.run_commands.cancel(person.principal, run_id),
                return_exceptions=True,
            )
            decided, stopped = both
            assert isinstance(stopped, dict)
            assert isinstance(decided, dict | NothingToApprove)
            run = await over(person, UUID(stopped["id"]))
            assert (await person.message(run.message_id)).run_id == run.id
            assert run.status in ("cancelled", "finished")
            assert (run.id == run_id) == isinstance(decided, NothingToApprove)

    async def test_a_rejected_call_is_not_made(
        self, process: Process, person: Person, calculator: GuardedCalculator
    ) -> None:
        run_id, call_id = await interrupted(process, person)

        rejected = decision(call_id, "reject", reason="use your head")
        second = UUID((await process.run_commands.decide(person.principal, run_id, rejected))["id"])
        run = await over(person, second)

        message = await person.message(run.message_id)
        call = next(part for part in message.content if part["type"] == "tool_call")
        assert run.status == "finished"
        assert call["status"] == "failed"
        assert call["error"]["code"] == "runs.tool_rejected"
        assert "use your head" in call["error"]["message"]
        assert results(calculator, call_id) == []
        await assert_as_stored(process, person, [run_id, second])

    async def test_changed_arguments_are_what_the_tool_gets(
        self, process: Process, person: Person, calculator: GuardedCalculator
    ) -> None:
        run_id, call_id = await interrupted(process, person)

        edited = decision(call_id, "approve", arguments={"expression": "1000 + 1"})
        second = UUID((await process.run_commands.decide(person.principal, run_id, edited))["id"])
        run = await over(person, second)

        message = await person.message(run.message_id)
        call = next(part for part in message.content if part["type"] == "tool_call")
        assert results(calculator, call_id) == [{"expression": "1000 + 1"}]
        assert call["arguments"] == {"expression": "1000 + 1"}
        assert call["status"] == "done"
        kinds = [frame["type"] for frame in await frames_of(process, person, second)]
        assert kinds.index("TOOL_CALL_START") < kinds.index("TOOL_CALL_ARGS") < kinds.index("TOOL_CALL_RESULT")
        await assert_as_stored(process, person, [run_id, second])

    @pytest.mark.parametrize("arguments", [None, {"expression": "1000 + 1"}])
    async def test_a_lost_worker_changes_nothing(
        self,
        process: Process,
        person: Person,
        calculator: GuardedCalculator,
        arguments: Any,  # noqa: ANN401 - JSON
    ) -> None:
        run_id, call_id = await interrupted(process, person)

        decided = decision(call_id, "approve", arguments=arguments)
        second = UUID((await process.run_commands.decide(person.principal, run_id, decided))["id"])
        await frames_until(process, person, second, lambda frame: frame["type"] == "REASONING_START")
        await expire_lease(process, second)
        process.dispatcher.wake()
        run = await over(person, second)

        assert run.status == "finished"
        assert len(results(calculator, call_id)) == 1
        await assert_as_stored(process, person, [run_id, second])

    async def test_over_a_restart(self, settings: Settings, fresh_database: Database) -> None:
        calculator = GuardedCalculator()
        async with assemble(settings, fresh_database.urls, toolsets=calculator.toolsets()) as process:
            person = await new_person(process.database)
            run_id, call_id = await interrupted(process, person)
        async with assemble(settings, fresh_database.urls, works=False, toolsets=calculator.toolsets()) as process:
            made = await process.run_commands.decide(person.principal, run_id, decision(call_id, "approve"))
        async with assemble(settings, fresh_database.urls, toolsets=calculator.toolsets()) as process:
            run = await over(Person(person.principal, process.database), UUID(made["id"]))
            assert run.status == "finished"
            assert len(calculator.made) == 1

    async def test_over_the_socket_the_new_run_is_followed_at_once(self, process: Process, person: Person) -> None:
        run_id, call_id = await interrupted(process, person)
        async with served(process) as site, site.line(person) as line:
            ack = await line.ask("approve", run_id=run_id, decisions=[{"tool_call_id": call_id, "decision": "approve"}])
            events = await line.until_end(ack["run"]["id"])
        assert ack["run"]["parent_run_id"] == str(run_id)
        assert events == await frames_of(process, person, UUID(ack["run"]["id"]))
        assert events[-1]["outcome"] == {"type": "success"}
