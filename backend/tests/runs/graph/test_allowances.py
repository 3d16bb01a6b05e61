"""What a person allows for good along with a decision, and what becomes of a question that nobody answers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from coda.access.errors import MissingKeyScope
from coda.access.key_scopes import KeyScope
from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.errors import NothingToApprove
from coda.runs.models import Run
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.errors import LockedByInstance, LockedByOrganization
from coda.tools.policies import PolicyLevels
from coda.tools.repository import ToolPolicyRepository
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import Approval, Level
from tests.runs.conftest import Person, new_person
from tests.runs.control import assert_as_stored, decision, over, start
from tests.runs.switches import switch
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import module_faults

__all__ = ["module_faults"]

ASKING, GUARDED = replace(CALCULATOR, approval=Approval.ASK), replace(CALCULATOR, approval=Approval.ALWAYS)
TURN_AFTER_TURN = "openai/calls-1"
KEY = ("built-in", CALCULATOR.name)


@pytest.fixture(scope="module")
def settings(settings: Settings, module_faults: FaultServer) -> Settings:
    """A model that makes a call in each turn."""
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{module_faults.url}/v1"}
    return Settings.model_validate(own)


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[Process]:
    async with assemble(settings, database_urls, toolsets=[FunctionToolset("built-in", [ASKING])]) as running:
        yield running


@pytest.fixture
async def person(process: Process) -> Person:
    return await new_person(process.database)


async def asked(process: Process, person: Person) -> tuple[Run, UUID]:
    """A run that waits for a decision, and the call that it waits with."""
    run = await over(person, await start(process, person, "Calculate", model=TURN_AFTER_TURN))
    assert run.interrupts is not None
    return run, UUID(run.interrupts[0]["tool_call_id"])


async def decide(process: Process, person: Person, run: Run, call_id: UUID, **more: Any) -> Run:  # noqa: ANN401 - fields of a decision
    """The run that goes on by an approval, once it is over."""
    going = await process.run_commands.decide(person.principal, run.id, decision(call_id, "approve", **more))
    return await over(person, UUID(going["id"]))


async def said(process: Process, person: Person, session_id: UUID) -> PolicyLevels:
    async with process.database.transaction(person.scope) as db:
        return await ToolPolicyRepository(db, person.scope).levels(session_id)


def calls_of(content: list[dict[str, Any]]) -> list[str]:
    return [part["status"] for part in content if part["type"] == "tool_call"]


class TestAllowances:
    async def test_without_one_the_next_call_asks_again(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)

        second = await decide(process, person, run, call_id)

        assert second.status == "interrupted"
        assert await said(process, person, run.session_id) == PolicyLevels()

    @pytest.mark.parametrize("remember", ["session", "me"])
    async def test_the_answer_goes_on_without_asking(self, process: Process, person: Person, remember: str) -> None:
        run, call_id = await asked(process, person)

        second = await decide(process, person, run, call_id, remember=remember)

        assert second.status != "interrupted"
        assert calls_of((await person.message(run.message_id)).content)[:2] == ["done", "done"]
        await assert_as_stored(process, person, [run.id, second.id])

    async def test_for_a_chat_it_holds_there_alone(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)
        await decide(process, person, run, call_id, remember="session")

        levels = await said(process, person, run.session_id)
        other, _ = await asked(process, person)

        assert levels.session[KEY].approval is Approval.NEVER
        assert KEY not in levels.person
        assert other.status == "interrupted"

    async def test_for_oneself_it_holds_in_every_chat(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)
        await decide(process, person, run, call_id, remember="me")

        other = await over(person, await start(process, person, "Calculate", model=TURN_AFTER_TURN))

        assert other.status != "interrupted"
        stranger = await new_person(process.database)
        assert (await asked(process, stranger))[0].status == "interrupted"

    async def test_what_an_organization_says_meanwhile_stays_above_it(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)
        await switch(process, person, CALCULATOR.name, level=Level.ORGANIZATION, approval=Approval.ALWAYS)

        with pytest.raises(LockedByOrganization):
            await decide(process, person, run, call_id, remember="session")
        assert (await person.run(run.id)).status == "interrupted"
        assert (await decide(process, person, run, call_id)).status == "interrupted"

    async def test_a_tool_that_always_asks_cannot_be_allowed_for_good(
        self, settings: Settings, database_urls: DatabaseUrls
    ) -> None:
        async with assemble(settings, database_urls, toolsets=[FunctionToolset("built-in", [GUARDED])]) as process:
            person = await new_person(process.database)
            run, call_id = await asked(process, person)
            with pytest.raises(LockedByInstance):
                await decide(process, person, run, call_id, remember="me")

    async def test_a_key_for_chats_decides_nothing_for_all_of_them(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)
        key = replace(person.principal, login_id=None, api_key_id=new_id(), key_scopes=frozenset({KeyScope.CHAT}))

        with pytest.raises(MissingKeyScope):
            await process.run_commands.decide(key, run.id, decision(call_id, "approve", remember="me"))
        assert (await person.run(run.id)).status == "interrupted"


class TestExpiry:
    async def test_what_nobody_decides_on_ends(self, settings: Settings, database_urls: DatabaseUrls) -> None:
        runs = settings.runs.model_copy(update={"approval_kept": settings.runs.approval_kept * 0})
        settings = settings.model_copy(update={"runs": runs})
        async with assemble(settings, database_urls, toolsets=[FunctionToolset("built-in", [ASKING])]) as process:
            person = await new_person(process.database)
            run_id = await start(process, person, "Calculate", model=TURN_AFTER_TURN)

            async def is_given_up() -> bool:
                return (await person.run(run_id)).status == "cancelled"

            await until_async(is_given_up)
            run = await person.run(run_id)
            message = await person.message(run.message_id)
            call, notice = message.content[-2:]
            assert message.status == "stopped"
            assert (call["status"], call["error"]["code"]) == ("failed", "runs.approval_expired")
            assert (notice["type"], notice["code"]) == ("notice", "runs.approval_expired")
            with pytest.raises(NothingToApprove):
                await process.run_commands.decide(person.principal, run_id, decision(UUID(call["id"]), "approve"))

    async def test_what_was_decided_on_goes_on(self, process: Process, person: Person) -> None:
        run, call_id = await asked(process, person)
        second = await decide(process, person, run, call_id)

        await process.run_commands.expire_approval(person.scope, run.id)

        assert (await person.run(second.id)).status == "interrupted"
        assert (await person.message(run.message_id)).status == "waiting"
