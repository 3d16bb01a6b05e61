"""prepare: load the question, build the prompt within the model's window, record what went in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from coda.runs.execution.claimed import ClaimedRun
from coda.runs.execution.execution import Execution
from coda.runs.repository import SteerRepository, TakenSteer

_BEGINNING: Final[Mapping[str, Any]] = {"turn": 0, "pending": [], "capped": False}


async def prepare(run: ClaimedRun) -> dict[str, Any]:
    """All that must be read and written before the first model call, in one transaction.

    An execution that continues after stored turns has nothing to prepare.
    """
    known = run.execution
    if known is not None and known.transcript.turns:
        is_capped = known.progress.limits.reached() is not None
        return {**_BEGINNING, "turn": known.transcript.earlier_turns, "capped": is_capped}
    available = await run.available()
    async with run.transactions.fenced() as db:
        execution = known or await run.begin(db, available)
        async with execution.node("prepare") as node:
            context = await execution.begin_transcript(db)
            node.data["context"] = context.record
            execution.output.tell_context(context.record)
            node.finish()
            execution.plan_turn()
            await execution.flush_steps(db, plan=context.plan)
            steers = await _early_steers(execution, db)
    execution.read_steers(steers)
    return dict(_BEGINNING)


async def _early_steers(execution: Execution, db: AsyncSession) -> Sequence[TakenSteer]:
    """Steers from before the first model call; asked for only where the run had some when it began."""
    facts = execution.facts
    if not facts.has_steers:
        return ()
    return await SteerRepository(db, execution.scope).take(facts.root_run_id, by=facts.run_id, turn=1)
