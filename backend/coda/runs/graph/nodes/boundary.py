"""Between two steps: where a paused run waits, a long paused one interrupts, and one whose process stops is left."""

from langgraph.errors import GraphDrained
from langgraph.types import interrupt

from coda.runs.execution.execution import Execution


class ReleaseRequested(GraphDrained):
    """The process stops: another worker continues the run from here. What came before is stored.

    langgraph's own drain would also stop before the last node, and a complete answer would wait for another worker.
    """


async def step_boundary(execution: Execution, *, is_last: bool = False) -> None:
    """To be awaited before a node does anything: it may be left here and entered again by another run."""
    if await execution.log.boundary():
        interrupt([{"id": str(execution.claim.run_id), "reason": "pause", "message": "Paused.", "tool_call_id": None}])
    if execution.log.is_release_requested and not is_last:
        raise ReleaseRequested
