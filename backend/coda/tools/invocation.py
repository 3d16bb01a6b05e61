"""Calls one tool: reads the arguments, runs it within its limits, and always comes back with an outcome."""

import asyncio
from typing import Any

import orjson
import structlog

from coda.core.clock import Stopwatch
from coda.core.errors import CodaError
from coda.core.settings import ToolSettings
from coda.tools.arguments import read_arguments
from coda.tools.errors import OutcomeUnknown, ResultTooLarge, ToolBroken, ToolError, ToolTimedOut
from coda.tools.evaluation import evaluate, failed
from coda.tools.registry import ToolRegistry
from coda.tools.types import Arguments, Tool, ToolContext, ToolOutcome

log = structlog.get_logger(__name__)


async def invoke(
    registry: ToolRegistry,
    name: str,
    arguments_text: str,
    context: ToolContext,
    *,
    limits: ToolSettings,
) -> ToolOutcome:
    """Call a tool as a model asked for it. Only cancellation leaves this function as an exception."""
    stopwatch = Stopwatch()
    try:
        tool = registry.get(name)
        arguments = read_arguments(tool, registry.validator(name), arguments_text)
        result = await _run(tool, arguments, context, limits=limits)
        content = _as_json(tool, result, limits=limits)
        evaluation = evaluate(tool, arguments, result)
    except CodaError as error:
        return _failure(error, stopwatch)
    return ToolOutcome(True, content, stopwatch.elapsed_ms(), result=result, evaluation=evaluation)


def not_repeated(name: str) -> ToolOutcome:
    """The outcome of a call that was begun elsewhere, and may have had its effect."""
    return _failure(OutcomeUnknown(name), Stopwatch())


async def _run(tool: Tool, arguments: Arguments, context: ToolContext, *, limits: ToolSettings) -> Any:  # noqa: ANN401 - any JSON value
    seconds = limits.timeout.total_seconds()
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            return await tool.run(arguments, context)
    except TimeoutError:
        if deadline.expired():
            raise ToolTimedOut(tool.name, seconds) from None
        log.exception("tool.broken", tool=tool.name)
        raise ToolBroken(tool.name) from None
    except ToolError:
        raise
    except Exception:  # the code may not be ours: one bad tool never ends a run
        log.exception("tool.broken", tool=tool.name)
        raise ToolBroken(tool.name) from None


def _as_json(tool: Tool, result: Any, *, limits: ToolSettings) -> str:  # noqa: ANN401 - any JSON value
    try:
        data = orjson.dumps(result)
    except TypeError:
        log.exception("tool.broken", tool=tool.name)
        raise ToolBroken(tool.name) from None
    if len(data) > limits.max_result_bytes:
        raise ResultTooLarge(tool.name, size=len(data), limit=limits.max_result_bytes)
    return data.decode()


def _failure(error: CodaError, stopwatch: Stopwatch) -> ToolOutcome:
    body = error.as_dict()
    content = orjson.dumps({"error": body}).decode()
    return ToolOutcome(False, content, stopwatch.elapsed_ms(), error=body, evaluation=failed(error.message))
