"""A model call whose worker died in the middle: its provider bills it, so it is booked as far as it is known."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from coda.llm.estimate import estimated_usage
from coda.llm.types import MeteredUsage
from coda.runs.execution.execution import Execution
from coda.runs.execution.model import NoModel
from coda.runs.models import RunStep
from coda.runs.repository import StepRepository
from coda.runs.worker.replay import ReplayedStream


@dataclass(frozen=True, slots=True)
class LostCall:
    """A model call that has no end, and the bytes of it that watchers have seen."""

    step: RunStep
    text_bytes: int
    reasoning_bytes: int


def find_lost_call(found: tuple[RunStep, str] | None, replayed: ReplayedStream) -> LostCall | None:
    """The open call of a lost attempt; None where nothing came of it: perhaps it was never made."""
    if found is None:
        return None
    step, visit = found
    call = LostCall(step, replayed.text_bytes[visit], replayed.reasoning_bytes[visit])
    return call if call.text_bytes or call.reasoning_bytes else None


async def book_lost_call(execution: Execution, db: AsyncSession, call: LostCall) -> None:
    """Book what came of it and the prompt that it was made with.

    To be called in the transaction that discards its step, so that the next recovery finds no open call.
    """
    metered = _metered(execution, call)
    await StepRepository(db, execution.scope).finish_step(call.step.id, usage=metered.figures.as_dict())
    await execution.book(db, metered, step_id=call.step.id)
    execution.progress.count_lost_call(metered)
    execution.output.tell_usage(execution.progress.usage)


def _metered(execution: Execution, call: LostCall) -> MeteredUsage:
    model = execution.model
    if not isinstance(model, NoModel):
        request = execution.lost_request()
        return model.meter(estimated_usage(request, text_bytes=call.text_bytes, reasoning_bytes=call.reasoning_bytes))
    provider, _, name = call.step.name.partition("/")  # it is gone, so neither its window nor its price is known
    usage = estimated_usage(None, text_bytes=call.text_bytes, reasoning_bytes=call.reasoning_bytes)
    return MeteredUsage(usage, None, usage.confidence, provider, name, "", None)
