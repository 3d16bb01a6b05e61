"""Between two steps: the place where a paused run waits, and where one that was paused for long interrupts."""

from langgraph.types import interrupt

from coda.runs.graph.context import RunContext


async def step_boundary(ctx: RunContext) -> None:
    """To be awaited before a node does anything: it may be left here and entered again by another run."""
    if await ctx.control.boundary():
        interrupt([{"id": str(ctx.claim.run_id), "reason": "pause", "message": "Paused.", "tool_call_id": None}])
