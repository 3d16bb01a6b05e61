"""form: the answer is known; the model writes it down in the form that was asked for, without tools."""

from typing import Any, Final

from coda.runs.execution.execution import Execution
from coda.runs.graph.model_call import call_model
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState

FORM_REQUEST: Final = "Give your answer in the required form now: only that, and nothing around it."


async def form(state: RunState, execution: Execution) -> dict[str, Any]:
    """Ask the model once more, unless a lost attempt did, or its provider has ended the answer."""
    turn = state["turn"] + 1
    if turn in execution.transcript.turns or execution.transcript.finish == "content_filter":
        return {"turn": turn, "formless": False}
    await step_boundary(execution)
    execution.transcript.ask_again(FORM_REQUEST)
    async with execution.node("form") as node:
        await call_model(execution, node, turn=turn, with_tools=False)
    return {"turn": turn, "formless": False}
