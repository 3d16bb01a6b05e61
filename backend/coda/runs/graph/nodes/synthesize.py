"""synthesize: the answer is whole; its last words."""

from collections.abc import Mapping
from typing import Any, Final

from coda.llm.types import FinishReason
from coda.runs.execution.execution import Execution
from coda.runs.execution.output.answer import Answer
from coda.runs.graph.nodes.boundary import step_boundary
from coda.runs.graph.state import RunState
from coda.runs.types import CONTENT_FILTER, COST_LIMIT, LENGTH_LIMIT

_CUT_BY: Final[Mapping[FinishReason, tuple[str, str]]] = {
    "length": (LENGTH_LIMIT, "The model reached the limit of one answer's length."),
    "content_filter": (
        CONTENT_FILTER,
        "The safety filter of the model provider ended this answer. Ask in other words, or choose another model.",
    ),
}


async def synthesize(state: RunState, execution: Execution) -> dict[str, Any]:  # noqa: ARG001 - a node's form
    """An answer without a word says so, and so does one that is cut."""
    await step_boundary(execution, is_last=True)
    async with execution.node("synthesize") as node:
        _add_last_words(execution.answer, execution.transcript.finish)
        node.finish()
    return {}


def _add_last_words(answer: Answer, finish: FinishReason | None) -> None:
    has_text = any(part["type"] == "text" and not part["text"].isspace() for part in answer.parts)
    is_explained = finish == "content_filter" or any(map(answer.has_notice, ("runs.empty_answer", COST_LIMIT)))
    if not has_text and not is_explained:
        answer.notice(
            code="runs.empty_answer",
            message="The model ended without an answer. Ask again, or choose another model.",
            details={},
        )
    code, message = _CUT_BY.get(finish or "stop", (None, ""))
    if code is not None and (not answer.parts or answer.parts[-1].get("code") != code):
        answer.notice(code=code, message=message, details={})
