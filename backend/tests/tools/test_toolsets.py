"""Toolsets: the built-in one, and what wraps any of them."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from uuid import uuid4

import pytest

from coda.core.scope import Person, Scope
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.errors import UnknownToolInSetting
from coda.tools.json_schema import JsonSchema, SchemaRefused
from coda.tools.toolsets import ApprovalRequired, Combined, FunctionToolset
from coda.tools.toolsets.approval_required import names_needing_approval
from coda.tools.types import Approval, Tool, ToolCallContext
from tests.tools.weather import Weather

SCOPE = Scope(uuid4(), Person(uuid4()))


def names(tools: Sequence[Tool]) -> list[str]:
    return [tool.name for tool in tools]


class TestBuiltIn:
    async def test_lists_tools_in_the_order_given(self, builtin: FunctionToolset) -> None:
        tools = await builtin.list(SCOPE)

        assert names(tools) == ["calculator", "optimize", "table_statistics", "date_time"]
        assert {tool.source for tool in tools} == {"built-in"}

    def test_every_tool_has_a_title_in_words_and_strict_arguments(self, builtin: FunctionToolset) -> None:
        for tool in builtin.tools:
            JsonSchema(tool.parameters)
            assert tool.title[0].isupper()
            assert tool.parameters["additionalProperties"] is False

    def test_none_of_them_asks_a_person_by_itself(self, builtin: FunctionToolset) -> None:
        assert {tool.own_approval for tool in builtin.tools} == {Approval.NEVER}

    def test_two_tools_of_one_name_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two tools are called calculator"):
            FunctionToolset("test", [CALCULATOR, CALCULATOR])

    def test_a_schema_that_is_none_is_refused_at_start(self) -> None:
        with pytest.raises(SchemaRefused):
            FunctionToolset("test", [replace(CALCULATOR, parameters={"type": "nonsense"})])


class TestOwnApproval:
    @pytest.mark.parametrize(
        ("has_side_effects", "said", "approval"),
        [
            (False, None, Approval.NEVER),
            (True, None, Approval.ASK),
            (True, Approval.NEVER, Approval.NEVER),
            (False, Approval.ALWAYS, Approval.ALWAYS),
        ],
    )
    def test_what_has_side_effects_asks_unless_it_says_otherwise(
        self, has_side_effects: bool, said: Approval | None, approval: Approval
    ) -> None:
        assert replace(CALCULATOR, has_side_effects=has_side_effects, approval=said).own_approval is approval


class TestCombined:
    async def test_the_tools_of_the_first_source_come_first(self, builtin: FunctionToolset) -> None:
        both = Combined([builtin, Weather()])

        assert names(await both.list(SCOPE))[-2:] == ["date_time", "weather"]
        assert both.find("weather-station") is not None
        assert both.find("elsewhere") is None

    def test_two_sources_of_one_name_are_refused(self, builtin: FunctionToolset) -> None:
        with pytest.raises(ValueError, match="two toolsets are called built-in"):
            Combined([builtin, builtin])


class TestApprovalRequired:
    async def test_named_tools_always_ask(self, builtin: FunctionToolset) -> None:
        guarded = ApprovalRequired(builtin, {"calculator"})

        approvals = {tool.name: tool.own_approval for tool in await guarded.list(SCOPE)}
        assert [name for name, approval in approvals.items() if approval is Approval.ALWAYS] == ["calculator"]
        assert len(approvals) == 4

    async def test_who_has_the_consent_may_call(self, builtin: FunctionToolset, caller: ToolCallContext) -> None:
        assert (await ApprovalRequired(builtin, {"calculator"}).call("calculator", {"expression": "1"}, caller)).ok

    def test_names_are_read_from_the_setting(self) -> None:
        known = ["calculator", "date_time"]

        assert names_needing_approval(" calculator, date_time ", known=known) == {"calculator", "date_time"}
        assert names_needing_approval(None, known=known) == frozenset()

    def test_a_name_that_no_tool_has_is_refused_at_start(self) -> None:
        with pytest.raises(UnknownToolInSetting, match="no tool: calculater"):
            names_needing_approval("calculater", known=["calculator"])

    def test_a_name_may_come_later_where_a_source_says_only_later_what_it_has(self) -> None:
        assert names_needing_approval("weather", known=None) == {"weather"}


class TestContext:
    def test_the_time_left_ends_at_the_deadline(self, caller: ToolCallContext) -> None:
        assert replace(caller, deadline=monotonic() - 1).seconds_left == 0
        assert 0 < replace(caller, deadline=monotonic() + 5).seconds_left <= 5
