"""What levels make of a tool: each narrows what the broader one leaves open."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from uuid import UUID, uuid4

import pytest

from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.policies import NO_POLICY, PolicyLevels, ToolPolicy, levels_of, policies_of, rule
from coda.tools.selection import ToolSelection, hash_of, select, spec_text
from coda.tools.types import Approval, Level, Tool
from coda.tools.wiring import SubjectKey
from tests.tools.weather import WEATHER

KEY = (CALCULATOR.source, CALCULATOR.name)
LEVELS = (Level.ORGANIZATION, Level.PERSON, Level.SESSION)
NEVER, ASK, ALWAYS = Approval


def ruled(own: Approval, *said: ToolPolicy) -> tuple[bool, Approval]:
    ruling = rule(replace(CALCULATOR, approval=own), zip(LEVELS, said, strict=False))
    return ruling.enabled, ruling.approval


class TestEnabled:
    def test_it_is_on_where_nobody_has_said_off(self) -> None:
        for said in product([None, True, False], repeat=3):
            is_on, _ = ruled(NEVER, *(ToolPolicy(enabled) for enabled in said))
            assert is_on is (False not in said), said

    def test_the_broadest_who_said_off_has_locked_it(self) -> None:
        said = [(Level.ORGANIZATION, NO_POLICY), (Level.PERSON, ToolPolicy(False)), (Level.SESSION, ToolPolicy(False))]

        assert rule(CALCULATOR, said).switched_off_by is Level.PERSON


class TestApproval:
    @pytest.mark.parametrize(
        ("own", "said", "approval"),
        [
            (NEVER, (None, None, None), NEVER),
            (ASK, (None, None, None), ASK),
            (ASK, (NEVER, None, None), NEVER),
            (NEVER, (ASK, NEVER, None), NEVER),
            (NEVER, (ASK, None, ALWAYS), ALWAYS),
            (NEVER, (NEVER, ASK, None), ASK),
            (NEVER, (ALWAYS, NEVER, NEVER), ALWAYS),
            (NEVER, (None, ALWAYS, ASK), ALWAYS),
            (ALWAYS, (NEVER, NEVER, NEVER), ALWAYS),
        ],
    )
    def test_the_narrowest_word_counts_but_always_stays(
        self, own: Approval, said: Sequence[Approval | None], approval: Approval
    ) -> None:
        assert ruled(own, *(ToolPolicy(approval=each) for each in said))[1] is approval

    def test_who_said_always_first_has_locked_it(self) -> None:
        always = ToolPolicy(approval=ALWAYS)

        assert rule(replace(CALCULATOR, approval=ALWAYS), []).always_by is Level.INSTANCE
        assert rule(CALCULATOR, [(Level.ORGANIZATION, always), (Level.PERSON, always)]).always_by is Level.ORGANIZATION

    def test_they_compare_by_strictness(self) -> None:
        assert sorted([ALWAYS, NEVER, ASK], key=lambda each: each.strictness) == [NEVER, ASK, ALWAYS]


class TestLevels:
    def test_each_hears_only_those_above(self) -> None:
        off = {KEY: ToolPolicy(False)}
        levels = PolicyLevels(person=off)

        assert not levels.of(CALCULATOR).enabled
        assert levels.of(CALCULATOR, above=Level.PERSON).enabled
        assert not levels.of(CALCULATOR, above=Level.SESSION).enabled

    def test_rows_become_policies(self) -> None:
        row = {"source": "built-in", "name": "calculator", "enabled": None, "approval": "ask"}

        assert policies_of([row]) == {KEY: ToolPolicy(None, ASK)}
        levels = levels_of([row | {"level": level} for level in ("person", "session")])
        assert levels == PolicyLevels({}, {KEY: ToolPolicy(None, ASK)}, {KEY: ToolPolicy(None, ASK)})


class TestSelection:
    def test_the_order_is_the_same_however_sources_list(self) -> None:
        tools: list[Tool] = [*BUILTIN_TOOLS, WEATHER, replace(WEATHER, name="air")]
        mixed = [tools[place] for place in (2, 0, 3, 1)]

        told = select(tools, PolicyLevels())
        assert told.names == ("calculator", "date_time", "optimize", "table_statistics", "air", "weather")
        assert select([*mixed, tools[5], tools[4]], PolicyLevels()).specs == told.specs

    def test_what_was_stored_is_told_to_the_letter(self) -> None:
        chosen = select(BUILTIN_TOOLS, PolicyLevels({KEY: ToolPolicy(approval=ASK)}))

        again = ToolSelection.of_stored(chosen.as_stored(), chosen.texts)

        assert again.specs == chosen.specs
        assert [list(spec.parameters) for spec in again.specs] == [list(spec.parameters) for spec in chosen.specs]
        assert again.as_stored() == chosen.as_stored()
        assert [item["approval"] for item in again.as_stored()] == ["ask", "never", "never", "never"]

    def test_a_hash_is_of_what_the_model_is_told(self) -> None:
        same = replace(CALCULATOR, title="Reckoned", has_side_effects=True)
        others = [replace(CALCULATOR, description="Other."), replace(CALCULATOR, parameters={"type": "object"})]

        assert spec_text(same) == spec_text(CALCULATOR)
        assert len({hash_of(spec_text(tool)) for tool in (CALCULATOR, *others)}) == 3


class TestSubjectKey:
    def test_is_read_as_it_is_written(self) -> None:
        key = SubjectKey(uuid4(), uuid4())

        assert SubjectKey.read(str(key)) == key
        for nonsense in ("", "a/b", str(UUID(int=1))):
            with pytest.raises(ValueError, match="badly formed"):
                SubjectKey.read(nonsense)
