"""prepare: load the question, build the prompt within the model's window, record what went in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langgraph.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from coda.runs.execution.context import RunContext
from coda.runs.graph.state import RunState
from coda.runs.repository.steers import SteerRepository, TakenSteer
from coda.runs.stream import events

_BEGINNING: Final[Mapping[str, Any]] = {"turn": 0, "pending": [], "capped": False}


async def prepare(state: RunState, runtime: Runtime[RunContext]) -> dict[str, Any]:  # noqa: ARG001 - a node's form
    """All that must be read and written before the first model call, in one transaction; nothing once that is over."""
    ctx = runtime.context
    if ctx.settled:
        return {**_BEGINNING, "turn": ctx.turns_before, "capped": ctx.caps.reached() is not None}
    async with ctx.journal.transaction() as db:
        await ctx.doors.begin(ctx, db)
        async with ctx.node("prepare") as node:
            record = await ctx.doors.assemble(ctx, db)
            node.data["context"] = record
            ctx.log.append(events.custom("coda.context", record))
            node.finish()
            ctx.plan_turn()
            await ctx.steps.flush(db, ctx.journal.scope)
            steered = await _early_steers(ctx, db)
    ctx.take_steers(steered)
    return dict(_BEGINNING)


async def _early_steers(ctx: RunContext, db: AsyncSession) -> Sequence[TakenSteer]:
    """What people threw in before the first model call; asked for only where there was something at the start."""
    if not ctx.facts.has_steers:
        return ()
    steers = SteerRepository(db, ctx.journal.scope)
    return await steers.take(ctx.facts.root_run_id, by=ctx.facts.run_id, turn=1)
