"""A model call whose worker died in the middle: its provider bills it, so it is booked as far as it is known."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from coda.llm.estimate import estimated_usage, tokens_of
from coda.llm.types import ChatUsage, MeteredUsage
from coda.runs import events
from coda.runs.graph.context import RunContext, usage_of
from coda.runs.models import RunStep
from coda.runs.repository import StepRepository
from coda.runs.seen import Seen, turn_id_of


async def book_lost_call(ctx: RunContext, db: AsyncSession, step: RunStep, *, seen: Seen, lost: Sequence[str]) -> None:
    """Book what its watchers have seen of it and the prompt that it was made with, in the take-over's transaction.

    The same transaction discards its step, so nobody finds it again.
    """
    metered = _metered(ctx, step, seen=seen, turn_ids={turn_id_of(name) for name in lost})
    await StepRepository(db, ctx.journal.scope).finish_step(step.id, usage=usage_of(metered))
    await ctx.doors.book(ctx, db, metered, step.id)
    ctx.usage.add(metered)
    ctx.caps.count_cost(metered.cost_usd)
    ctx.log.append(events.custom("coda.usage", ctx.usage.as_dict()))


def _metered(ctx: RunContext, step: RunStep, *, seen: Seen, turn_ids: set[str]) -> MeteredUsage:
    text_bytes = sum(seen.text_bytes[turn_id] for turn_id in turn_ids)
    reasoning_bytes = sum(seen.reasoning_bytes[turn_id] for turn_id in turn_ids)
    if ctx.model_ is not None:
        request = ctx.request(with_tools=True)
        usage = estimated_usage(request, text_bytes=text_bytes, reasoning_bytes=reasoning_bytes)
        return ctx.model.meter(usage)
    provider, _, model = step.name.partition("/")  # it is not offered any more, so neither window nor price is known
    reasoning = tokens_of(reasoning_bytes)
    usage = ChatUsage(0, reasoning + tokens_of(text_bytes), reasoning, confidence="estimated")
    return MeteredUsage(usage, None, usage.confidence, provider, model, "", None)
