"""A model call whose worker died in the middle: its provider bills it, so it is booked as far as it is known."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from coda.llm.estimate import estimated_usage, tokens_of
from coda.llm.types import ChatUsage, MeteredUsage
from coda.runs.execution.context import RunContext, usage_of
from coda.runs.models import RunStep
from coda.runs.repository.runs import StepRepository
from coda.runs.stream import events
from coda.runs.worker.seen import Seen


@dataclass(frozen=True, slots=True)
class LostCall:
    """A model call that has no end, and the bytes of it that watchers have seen."""

    step: RunStep
    text_bytes: int
    reasoning_bytes: int


def find_lost_call(found: tuple[RunStep, str] | None, seen: Seen) -> LostCall | None:
    """The open call of a lost attempt; None where nothing came of it, so that nobody knows whether it was made."""
    if found is None:
        return None
    step, visit = found
    call = LostCall(step, seen.text_bytes[visit], seen.reasoning_bytes[visit])
    return call if call.text_bytes or call.reasoning_bytes else None


async def book_lost_call(ctx: RunContext, db: AsyncSession, call: LostCall) -> None:
    """Book what came of it and the prompt that it was made with.

    To be called in the transaction that discards its step: whoever takes the run over next finds no open call.
    """
    metered = _metered(ctx, call)
    await StepRepository(db, ctx.journal.scope).finish_step(call.step.id, usage=usage_of(metered))
    await ctx.doors.book(ctx, db, metered, call.step.id)
    ctx.usage.add(metered)
    ctx.caps.count_cost(metered.cost_usd)
    ctx.log.append(events.custom("coda.usage", ctx.usage.as_dict()))


def _metered(ctx: RunContext, call: LostCall) -> MeteredUsage:
    if ctx.model_ is not None:
        request = ctx.request(with_tools=True)
        return ctx.model.meter(
            estimated_usage(request, text_bytes=call.text_bytes, reasoning_bytes=call.reasoning_bytes)
        )
    provider, _, model = call.step.name.partition("/")  # it is gone, so neither its window nor its price is known
    reasoning = tokens_of(call.reasoning_bytes)
    usage = ChatUsage(0, reasoning + tokens_of(call.text_bytes), reasoning, confidence="estimated")
    return MeteredUsage(usage, None, usage.confidence, provider, model, "", None)
