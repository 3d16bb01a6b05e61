"""The registry: names, schemas, what a model is told."""

import pytest

from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.errors import UnknownTool, UnknownToolSet
from coda.tools.json_schema import JsonSchema, SchemaRefused
from coda.tools.registry import ToolRegistry, guarded
from coda.tools.types import Tool, ToolContext


async def nothing(_arguments: object, _context: ToolContext) -> None:
    return None


class TestRegistry:
    def test_lists_tools_in_the_order_given(self, registry: ToolRegistry) -> None:
        assert [tool.name for tool in registry.list()] == ["calculator", "optimize", "table_statistics", "date_time"]

    def test_tells_a_model_name_description_and_schema(self, registry: ToolRegistry) -> None:
        spec = registry.specs()[0]

        assert spec.name == "calculator"
        assert spec.parameters["required"] == ["expression"]
        assert spec.description

    def test_every_tool_has_a_title_in_words_and_strict_arguments(self, registry: ToolRegistry) -> None:
        for tool in registry.list():
            JsonSchema(tool.parameters)
            assert tool.title[0].isupper()
            assert tool.parameters["additionalProperties"] is False

    def test_an_unknown_name_gets_the_nearest_one(self, registry: ToolRegistry) -> None:
        assert registry.find("calculater") is None
        with pytest.raises(UnknownTool, match="Did you mean calculator"):
            registry.get("calculater")

    def test_a_name_like_none_gets_the_list(self, registry: ToolRegistry) -> None:
        with pytest.raises(UnknownTool, match="Tools: calculator, optimize"):
            registry.get("zzz")

    def test_two_tools_of_one_name_are_refused(self) -> None:
        with pytest.raises(ValueError, match="two tools are called calculator"):
            ToolRegistry([CALCULATOR, CALCULATOR])

    def test_a_schema_that_is_none_is_refused_at_start(self) -> None:
        broken = Tool("broken", "Broke", "Breaks.", {"type": "nonsense"}, nothing)

        with pytest.raises(SchemaRefused):
            ToolRegistry([broken])


class TestGuarded:
    def test_named_tools_ask_a_person_first(self, registry: ToolRegistry) -> None:
        tools = guarded(registry.list(), " calculator, date_time ")

        assert [tool.name for tool in tools if tool.needs_approval] == ["calculator", "date_time"]
        assert [tool.name for tool in tools] == [tool.name for tool in registry.list()]
        assert guarded(registry.list(), None) == registry.list()

    def test_a_name_that_no_tool_has_is_refused_at_start(self, registry: ToolRegistry) -> None:
        with pytest.raises(UnknownToolSet, match="no tool: calculater"):
            guarded(registry.list(), "calculater")
