"""One call: whatever a model writes and whatever a tool does, an outcome comes back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import orjson
import pytest

from coda.core.settings import ToolSettings
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.errors import ToolFailed
from coda.tools.invocation import invoke
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import Arguments, Check, FunctionTool, Tool, ToolCallContext, ToolOutcome
from tests.runs.waiting import until
from tests.tools.weather import WEATHER, Weather

NONSENSE = {"type": "nonsense"}
Run = Callable[[Arguments, ToolCallContext], Awaitable[object]]


PROBE = FunctionTool(
    name="probe", title="Probed", description="For tests.", parameters={"type": "object"}, run=CALCULATOR.run
)


def toolset_of(run: Run) -> FunctionToolset:
    return FunctionToolset("test", [replace(PROBE, run=run)])


async def call(
    toolset: FunctionToolset, name: str, arguments: str, caller: ToolCallContext, *, limits: ToolSettings
) -> ToolOutcome:
    tool = next(tool for tool in toolset.tools if tool.name == name)
    context = replace(caller, deadline=monotonic() + limits.timeout.total_seconds(), cancelled=asyncio.Event())
    return await invoke(toolset, tool, arguments, context, limits=limits)


async def echo(arguments: Arguments, _context: ToolCallContext) -> object:
    return dict(arguments)


async def breaks(_arguments: Arguments, _context: ToolCallContext) -> object:
    raise KeyError("secret detail")


async def times_out_by_itself(_arguments: Arguments, _context: ToolCallContext) -> object:
    raise TimeoutError


async def fails(_arguments: Arguments, _context: ToolCallContext) -> object:
    raise ToolFailed("There is no such river.", river="Lethe")


async def gives_no_json(_arguments: Arguments, _context: ToolCallContext) -> object:
    return {1, 2}


class TestInvoke:
    async def test_a_good_call_gives_json_and_a_grade(
        self, builtin: FunctionToolset, caller: ToolCallContext, limits: ToolSettings
    ) -> None:
        outcome = await call(builtin, "calculator", '{"expression": "17.5% of 2,340"}', caller, limits=limits)

        assert outcome.ok
        assert orjson.loads(outcome.content) == outcome.result == {"value": "409.5", "exact": True}
        assert outcome.error is None
        assert outcome.evaluation["verdict"] == "ok"
        assert outcome.evaluation["valid"] is True
        assert [check["name"] for check in outcome.evaluation["checks"]] == ["form", "finite"]

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            ("{", "not valid JSON"),
            ("[1]", "must be one JSON object"),
            ("", "lacks `expression`"),
            ("{}", "lacks `expression`"),
            ('{"expression": 5}', "`expression` must be of type string, not 5"),
            ('{"expression": "1", "extra": 1}', "unknown fields `extra` (known: expression)"),
        ],
    )
    async def test_bad_arguments_come_back_as_a_sentence(
        self, builtin: FunctionToolset, caller: ToolCallContext, limits: ToolSettings, arguments: str, complaint: str
    ) -> None:
        outcome = await call(builtin, "calculator", arguments, caller, limits=limits)

        assert not outcome.ok
        assert outcome.error is not None
        assert outcome.error["code"] == "tools.bad_arguments"
        assert complaint in outcome.error["message"]
        assert orjson.loads(outcome.content) == {"error": outcome.error}
        assert outcome.evaluation["verdict"] == "failed"

    async def test_many_problems_are_cut_short(
        self, builtin: FunctionToolset, caller: ToolCallContext, limits: ToolSettings
    ) -> None:
        constraints = [{"coefficients": {}, "relation": "<", "value": "x" * 100}] * 20
        arguments = orjson.dumps({"sense": "max", "variables": {}, "objective": {}, "constraints": constraints})

        outcome = await call(builtin, "optimize", arguments.decode(), caller, limits=limits)

        assert outcome.error is not None
        assert len(outcome.error["details"]["problems"]) == 6
        assert "constraints.0.relation" in outcome.content
        assert "…" in outcome.error["message"]

    async def test_endless_arguments_are_not_even_read(
        self, builtin: FunctionToolset, caller: ToolCallContext, limits: ToolSettings
    ) -> None:
        outcome = await call(builtin, "calculator", " " * 1_000_001, caller, limits=limits)

        assert outcome.error is not None
        assert "longer than" in outcome.error["message"]

    async def test_a_tools_own_failure_keeps_its_sentence_and_details(
        self, caller: ToolCallContext, limits: ToolSettings
    ) -> None:
        outcome = await call(toolset_of(fails), "probe", "{}", caller, limits=limits)

        assert outcome.error == {
            "code": "tools.failed",
            "message": "There is no such river.",
            "details": {"river": "Lethe"},
        }

    @pytest.mark.parametrize("run", [breaks, times_out_by_itself, gives_no_json])
    async def test_a_broken_tool_shows_nothing_of_its_inside(
        self, caller: ToolCallContext, limits: ToolSettings, run: Run
    ) -> None:
        outcome = await call(toolset_of(run), "probe", "{}", caller, limits=limits)

        assert outcome.error is not None
        assert outcome.error["code"] == "tools.broken"
        assert "secret" not in outcome.content

    @pytest.mark.parametrize("tool", [replace(WEATHER, parameters=NONSENSE), replace(WEATHER, result_schema=NONSENSE)])
    async def test_a_source_with_a_broken_schema_breaks_no_run(
        self, caller: ToolCallContext, limits: ToolSettings, tool: Tool
    ) -> None:
        outcome = await invoke(Weather([tool]), tool, "{}", caller, limits=limits)

        assert outcome.error is not None
        assert outcome.error["code"] == "tools.broken"

    async def test_work_that_goes_on_behind_a_call_hears_that_nobody_waits_any_more(
        self, caller: ToolCallContext
    ) -> None:
        heard: list[ToolCallContext] = []

        async def hangs(_arguments: Arguments, context: ToolCallContext) -> None:
            heard.append(context)
            await asyncio.Event().wait()

        await call(toolset_of(hangs), "probe", "{}", caller, limits=ToolSettings(timeout=timedelta(milliseconds=50)))
        assert heard[0].cancelled.is_set()
        calling = asyncio.create_task(call(toolset_of(hangs), "probe", "{}", caller, limits=ToolSettings()))
        await until(lambda: len(heard) == 2)
        assert not heard[1].cancelled.is_set()
        calling.cancel()
        await asyncio.wait([calling])
        assert heard[1].cancelled.is_set()

    async def test_a_tool_that_takes_too_long_is_cancelled(self, caller: ToolCallContext) -> None:
        cancelled = asyncio.Event()

        async def hangs(_arguments: Arguments, _context: ToolCallContext) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        limits = ToolSettings(timeout=timedelta(milliseconds=50))
        outcome = await call(toolset_of(hangs), "probe", "{}", caller, limits=limits)

        assert outcome.error is not None
        assert outcome.error["code"] == "tools.timed_out"
        assert cancelled.is_set()

    async def test_cancelling_the_call_cancels_the_tool(self, caller: ToolCallContext, limits: ToolSettings) -> None:
        begun = asyncio.Event()

        async def hangs(_arguments: Arguments, _context: ToolCallContext) -> None:
            begun.set()
            await asyncio.Event().wait()

        calling = asyncio.create_task(call(toolset_of(hangs), "probe", "{}", caller, limits=limits))
        await begun.wait()
        calling.cancel()

        with pytest.raises(asyncio.CancelledError):
            await calling

    async def test_a_result_that_would_fill_the_window_is_refused(self, caller: ToolCallContext) -> None:
        limits = ToolSettings(max_result_bytes=1_000)
        outcome = await call(
            toolset_of(echo), "probe", orjson.dumps({"x": "a" * 1_000}).decode(), caller, limits=limits
        )

        assert outcome.error is not None
        assert outcome.error["code"] == "tools.result_too_large"
        assert outcome.error["details"] == {"size": 1_008, "limit": 1_000}


class TestEvaluation:
    async def test_a_result_that_breaks_its_promise_is_graded_failed(
        self, caller: ToolCallContext, limits: ToolSettings
    ) -> None:
        toolset = FunctionToolset(
            "test", [replace(PROBE, run=echo, result_schema={"type": "object", "required": ["answer"]})]
        )

        outcome = await call(toolset, "probe", '{"other": 1}', caller, limits=limits)

        assert outcome.ok
        assert outcome.evaluation["verdict"] == "failed"
        assert outcome.evaluation["valid"] is False
        assert "lacks `answer`" in outcome.evaluation["reason"]

    @pytest.mark.parametrize(("must", "verdict", "valid"), [(True, "failed", False), (False, "doubtful", True)])
    async def test_a_check_that_does_not_hold_shows(
        self, caller: ToolCallContext, limits: ToolSettings, must: bool, verdict: str, valid: bool
    ) -> None:
        def check(_arguments: Arguments, _result: object) -> list[Check]:
            return [Check("fine", True, "Fine."), Check("sound", False, "It does not add up.", must=must)]

        toolset = FunctionToolset("test", [replace(PROBE, run=echo, check=check)])

        outcome = await call(toolset, "probe", "{}", caller, limits=limits)

        assert outcome.evaluation["verdict"] == verdict
        assert outcome.evaluation["valid"] is valid
        assert outcome.evaluation["reason"] == "It does not add up."
