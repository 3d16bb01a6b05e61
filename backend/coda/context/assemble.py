"""The one prompt builder: asks the sources, keeps what fits, and tells what went in and what stayed out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coda.context.budget import Budget
from coda.context.plan import PlannedSegment, PromptPlan, plan_of
from coda.context.prompt import Prompt
from coda.context.segments import NOTHING, Segment
from coda.context.shrink import shrunk
from coda.context.sources import SOURCE_OF, SOURCES, ContextRequest, Restored
from coda.context.sources.question import asked_text


@dataclass(frozen=True, slots=True)
class AssembledContext:
    """A prompt, its plan, and what is in it: `record` = `{window, reserved_output, parts: [{kind, tokens, items}],
    left_out}`. `is_as_planned`: nothing that the plan refers to is gone.
    """

    prompt: Prompt
    plan: PromptPlan
    record: dict[str, Any]
    is_as_planned: bool = True

    @property
    def question_text(self) -> str:
        """What the person has asked."""
        return "".join(asked_text(segment) for segment in self.prompt.segments if segment.kind == "question")


async def assemble(request: ContextRequest) -> AssembledContext:
    """Build the prompt for an answer to a question."""
    offered = [segment for source in SOURCES for segment in await source.offer(request)]
    return choose(offered, request.budget)


def choose(offered: Sequence[Segment], budget: Budget) -> AssembledContext:
    """Keep of what the sources offer as much as fits, by priority."""
    segments = shrunk(tuple(offered), room=budget.for_prompt)
    return AssembledContext(Prompt(segments, budget), plan_of(segments, budget), _record(segments, budget))


async def rebuild(plan: PromptPlan, request: ContextRequest) -> AssembledContext:
    """The prompt of a stored plan, byte for byte where nothing that it refers to is gone."""
    request.with_tools = plan.with_tools
    found = [(planned, await SOURCE_OF[planned.kind].restore(planned.reference, request)) for planned in plan.segments]
    segments = tuple(_as_planned(planned, restored) for planned, restored in found)
    is_as_planned = all(restored.is_whole for _, restored in found)
    return AssembledContext(
        Prompt(segments, plan.budget, plan.turns), plan, _record(segments, plan.budget), is_as_planned=is_as_planned
    )


def _as_planned(planned: PlannedSegment, restored: Restored) -> Segment:
    segment = restored.segment
    return Segment(segment.kind, planned.priority, segment.items, planned.shrink, segment.left_out)


def _record(segments: Sequence[Segment], budget: Budget) -> dict[str, Any]:
    left_out = sum((segment.left_out for segment in segments), NOTHING)
    return {
        "window": budget.window,
        "reserved_output": budget.reserved_output,
        "parts": [
            {"kind": segment.kind, "tokens": segment.tokens, "items": segment.count}
            for segment in segments
            if segment.count
        ],
        "left_out": {
            "messages": left_out.messages,
            "tokens": left_out.tokens,
            **({"pictures": left_out.pictures} if left_out.pictures else {}),
        },
    }
