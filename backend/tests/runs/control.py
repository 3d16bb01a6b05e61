"""What tests of run control share: slow runs, their stored events, tools that a person has to allow."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from coda.assembly import Process
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.models import Run
from coda.runs.repository import EventRepository
from coda.runs.types import StartRun
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.toolsets import FunctionToolset, Toolset
from coda.tools.types import Approval, ToolCallContext
from tests.contract.reducer import MessageState
from tests.runs.conftest import Person
from tests.runs.waiting import until_async

LONG = "Write a long text about rivers"
QUESTION = "What is 17.5 % of 2,340?"


def paced(settings: Settings, *, tokens_per_second: int, **runs: Any) -> Settings:  # noqa: ANN401 - run settings
    """The demo model speaks slowly enough to be controlled."""
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": tokens_per_second})
    return settings.model_copy(update={"llm": llm, "runs": settings.runs.model_copy(update=runs)})


class GuardedCalculator:
    """The calculator as a tool that needs approval; remembers what it was called with."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Mapping[str, Any]]] = []
        self._plain = next(tool for tool in BUILTIN_TOOLS if tool.name == "calculator")

    def toolsets(self) -> tuple[Toolset, ...]:
        """The built-in tools, with this one instead of the calculator."""
        guarded = replace(self._plain, run=self._run, approval=Approval.ALWAYS)
        tools = (guarded if tool.name == "calculator" else tool for tool in BUILTIN_TOOLS)
        return (FunctionToolset("built-in", tools),)

    async def _run(self, arguments: Mapping[str, Any], context: ToolCallContext) -> Any:  # noqa: ANN401 - any JSON value
        self.made.append((context.idempotency_key, dict(arguments)))
        return await self._plain.run(arguments, context)


async def start(process: Process, person: Person, question: str, *, model: str = "demo/coda") -> UUID:
    """Ask in a new session; gives the run."""
    content = ({"type": "text", "text": question},)
    request = StartRun(run_id=new_id(), message_id=None, content=content, model=model)
    started = await process.run_commands.start(person.principal, await person.new_session(), request)
    return UUID(started.run["id"])


async def frames_of(process: Process, person: Person, run_id: UUID) -> list[dict[str, Any]]:
    """The stored events of a run."""
    async with process.database.transaction(person.scope) as db:
        return [orjson.loads(frame) for frame in await EventRepository(db, person.scope).list_frames(run_id)]


async def frames_until(
    process: Process, person: Person, run_id: UUID, wanted: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """The stored events of a run once one of them is wanted."""
    found: list[dict[str, Any]] = []

    async def is_there() -> bool:
        found[:] = await frames_of(process, person, run_id)
        return any(wanted(frame) for frame in found)

    await until_async(is_there)
    return found


async def spoken(process: Process, person: Person, run_id: UUID) -> None:
    """Wait until the model's first words are stored."""
    await frames_until(process, person, run_id, lambda frame: frame["type"] == "TEXT_MESSAGE_CONTENT")


async def over(person: Person, run_id: UUID) -> Run:
    """The run once it is over."""

    async def is_over() -> bool:
        return (await person.run(run_id)).status in ("finished", "failed", "cancelled", "interrupted")

    await until_async(is_over)
    return await person.run(run_id)


async def assert_as_stored(process: Process, person: Person, run_ids: list[UUID]) -> None:
    """The events of an answer's runs, one after the other, reduce to what is stored; each counts from 1."""
    state = MessageState()
    for run_id in run_ids:
        frames = await frames_of(process, person, run_id)
        assert [frame["metadata"]["coda"]["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        state.apply_all(frames)
    message = await person.message((await person.run(run_ids[-1])).message_id)
    assert state.parts == message.content, (state.parts, message.content)
    assert state.status == message.status
    assert state.timing is not None
    assert state.timing["total_ms"] == message.total_ms


async def expire_lease(process: Process, run_id: UUID) -> None:
    """Let a run's worker have been silent for too long."""
    async with process.database.transaction(None) as db:
        statement = "update run_queue set lease_until = now() - interval '1 s', worker_id = null where run_id = :id"
        await db.execute(text(statement), {"id": run_id})


async def interrupted(process: Process, person: Person) -> tuple[UUID, UUID]:
    """A run that waits for a decision, and the call that it waits with."""
    run_id = await start(process, person, QUESTION)
    run = await over(person, run_id)
    assert run.status == "interrupted"
    assert run.interrupts is not None
    return run_id, UUID(run.interrupts[0]["tool_call_id"])


def decision(call_id: UUID, verdict: str, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - fields of a decision
    """A decision on one call, as the service takes it."""
    return [{"tool_call_id": str(call_id), "decision": verdict, "arguments": None, "reason": None, **more}]
