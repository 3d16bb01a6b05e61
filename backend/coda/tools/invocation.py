"""Calls one tool: reads the arguments, calls it within its limits, and always comes back with an outcome."""

import asyncio
from dataclasses import replace

import orjson
import structlog

from coda.core.clock import Stopwatch
from coda.core.errors import CodaError
from coda.core.settings import ToolSettings
from coda.tools.arguments import read_arguments
from coda.tools.errors import OutcomeUnknown, ResultTooLarge, ToolBroken, ToolError, ToolTimedOut
from coda.tools.evaluation import evaluate, failed
from coda.tools.json_schema import SchemaRefused
from coda.tools.toolsets import Toolset
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome

log = structlog.get_logger(__name__)


async def invoke(
    toolset: Toolset,
    tool: Tool,
    arguments_text: str,
    call: ToolCallContext,
    *,
    limits: ToolSettings,
) -> ToolOutcome:
    """Call a tool as a model asked for it. Only cancellation leaves this function as an exception."""
    stopwatch = Stopwatch()
    try:
        arguments = read_arguments(tool, arguments_text)
        outcome = await _called(toolset, tool, arguments, call, limits=limits)
        _check_size(tool, outcome, limits=limits)
        evaluation = outcome.evaluation
        if outcome.ok and not evaluation:
            evaluation = evaluate(tool, arguments, outcome.result, size=len(outcome.content))
        if outcome.is_cached:
            evaluation = {**evaluation, "cached": True}
    except CodaError as error:
        return replace(refused(error), duration_ms=stopwatch.elapsed_ms())
    except SchemaRefused as error:  # a source that is not ours may list anything
        log.warning("tool.schema_refused", tool=tool.name, source=tool.source, error=str(error))
        return replace(refused(ToolBroken(tool.name)), duration_ms=stopwatch.elapsed_ms())
    return replace(outcome, evaluation=evaluation, duration_ms=stopwatch.elapsed_ms())


def refused(error: CodaError) -> ToolOutcome:
    """The outcome of a call that was not made, or that failed: the model reads why."""
    body = error.as_dict()
    content = orjson.dumps({"error": body}).decode()
    return ToolOutcome(False, content, error=body, evaluation=failed(error.message))


def not_repeated(name: str) -> ToolOutcome:
    """The outcome of a call that was begun elsewhere, and may have had its effect."""
    return refused(OutcomeUnknown(name))


async def _called(
    toolset: Toolset, tool: Tool, arguments: Arguments, call: ToolCallContext, *, limits: ToolSettings
) -> ToolOutcome:
    deadline = asyncio.timeout(call.seconds_left)
    try:
        async with deadline:
            return await _until_answered(toolset, tool, arguments, call)
    except TimeoutError:
        if deadline.expired():
            raise ToolTimedOut(tool.name, limits.timeout.total_seconds()) from None
        log.exception("tool.broken", tool=tool.name)
        raise ToolBroken(tool.name) from None
    except ToolError:
        raise
    except Exception:  # the code may not be ours: one bad tool never ends a run
        log.exception("tool.broken", tool=tool.name)
        raise ToolBroken(tool.name) from None


async def _until_answered(toolset: Toolset, tool: Tool, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
    try:
        return await toolset.call(tool.name, arguments, call)
    except BaseException:
        call.cancelled.set()
        raise


def _check_size(tool: Tool, outcome: ToolOutcome, *, limits: ToolSettings) -> None:
    size = len(outcome.content.encode())
    if size > limits.max_result_bytes:
        raise ResultTooLarge(tool.name, size=size, limit=limits.max_result_bytes)
