"""Tools that somebody calls themselves: the same ones as an answer would have, found once a call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from coda.tools.errors import ToolError
from coda.tools.policies import PolicyLevels, ToolKey, ToolPolicy
from coda.tools.resolver import LiveTools
from coda.tools.selection import select
from coda.tools.toolsets import Combined
from coda.tools.types import Approval, Tool
from tests.tools.weather import WEATHER, Weather

HERE: Final = replace(WEATHER, name="sky", source="here")
ELSEWHERE: Final = replace(HERE, source="elsewhere", description="Of another place.")
OTHER: Final = replace(HERE, name="moon", source="elsewhere", has_side_effects=True)


def named(tool: Tool) -> ToolKey:
    return tool.source, tool.name


def live_tools(person: Mapping[ToolKey, ToolPolicy]) -> LiveTools:
    sources = Combined([Weather([HERE], source_id="here"), Weather([ELSEWHERE, OTHER], source_id="elsewhere")])
    return LiveTools(sources, [HERE, ELSEWHERE, OTHER], PolicyLevels(person=person))


OFF: Final = ToolPolicy(enabled=False)
DECIDED: Final[tuple[dict[ToolKey, ToolPolicy], ...]] = (
    {},
    {named(HERE): OFF},
    {named(HERE): OFF, named(ELSEWHERE): OFF},
    {named(ELSEWHERE): ToolPolicy(approval=Approval.ALWAYS), named(HERE): OFF},
    {named(OTHER): ToolPolicy(approval=Approval.NEVER)},
    {named(tool): OFF for tool in (HERE, ELSEWHERE, OTHER)},
)


@pytest.mark.parametrize("person", DECIDED)
def test_they_are_those_that_an_answer_would_have(person: dict[ToolKey, ToolPolicy]) -> None:
    live = live_tools(person)
    selection = select(live.tools, live.policies)

    assert tuple(tool.name for tool in live.list_allowed()) == selection.names
    for name in ("sky", "moon", "nothing"):
        assert outcome_of(lambda name=name: live.admit_now(name)) == outcome_of(
            lambda name=name: live.admit(name, selection)
        )


def outcome_of(admit: object) -> object:
    assert callable(admit)
    try:
        admitted = admit()
    except ToolError as error:
        return error.as_dict()
    return admitted.tool, admitted.approval, admitted.toolset.source_id
