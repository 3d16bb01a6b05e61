"""Optimisation: real solves in a real worker process, and explanations where there is no solution."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coda.tools.builtin.highs import solve
from coda.tools.builtin.optimize import optimize
from coda.tools.builtin.optimum import check, problem_of, result_of
from coda.tools.errors import ToolFailed
from coda.tools.types import ToolCallContext
from tests.profiles import examples

CARPENTER: dict[str, Any] = {
    "sense": "maximize",
    "variables": {"tables": {}, "chairs": {"upper": 40}},
    "objective": {"tables": 30, "chairs": 20},
    "constraints": [
        {"name": "wood", "coefficients": {"tables": 4, "chairs": 2}, "relation": "<=", "value": 100},
        {"name": "hours", "coefficients": {"tables": 1, "chairs": 2}, "relation": "<=", "value": 60},
    ],
}


def here(arguments: dict[str, Any], seconds: float = 10) -> dict[str, Any]:
    """The same solve without a worker process."""
    return result_of(arguments, solve({**problem_of(arguments), "seconds": seconds}))


def verdicts(arguments: dict[str, Any], result: dict[str, Any]) -> dict[str, bool]:
    return {each.name: each.ok for each in check(arguments, result)}


class TestSolve:
    async def test_a_linear_problem(self, caller: ToolCallContext) -> None:
        result = await optimize(CARPENTER, caller)

        assert result["status"] == "optimal"
        assert result["objective"] == pytest.approx(866.6666667)
        assert result["values"] == {"tables": pytest.approx(13.3333333), "chairs": pytest.approx(23.3333333)}
        prices = {each["name"]: each["shadow_price"] for each in result["binding_constraints"]}
        assert prices == {"wood": pytest.approx(6.6666667), "hours": pytest.approx(3.3333333)}
        assert result["gap"] == 0
        assert all(verdicts(CARPENTER, result).values())

    def test_whole_numbers(self) -> None:
        variables = {"tables": {"integer": True}, "chairs": {"integer": True, "upper": 40}}
        arguments = {**CARPENTER, "variables": variables, "objective_constant": -5}

        result = here(arguments)

        assert result["values"] == {"tables": 14, "chairs": 22}
        assert result["objective"] == 855
        assert all("shadow_price" not in each for each in result["binding_constraints"])
        assert all(verdicts(arguments, result).values())

    def test_minimising_with_limits_below_zero_and_equalities(self) -> None:
        arguments = {
            "sense": "minimize",
            "variables": {"x": {"lower": None}, "y": {"lower": -3, "upper": 3}},
            "objective": {"x": 1, "y": 2},
            "constraints": [
                {"coefficients": {"x": 1, "y": 1}, "relation": "=", "value": 1},
                {"coefficients": {"x": 1}, "relation": ">=", "value": -10},
            ],
        }

        result = here(arguments)

        assert result["values"] == {"x": 4, "y": -3}
        assert result["binding_constraints"][0]["name"] == "#1"
        assert all(verdicts(arguments, result).values())

    def test_no_constraints_at_all(self) -> None:
        result = here({"sense": "minimize", "variables": {"x": {"lower": 2}}, "objective": {"x": 1}})

        assert result["values"] == {"x": 2}

    @settings(max_examples=examples(suite=30, long=600), deadline=None)
    @given(
        st.lists(st.integers(1, 30), min_size=3, max_size=7),
        st.lists(st.integers(1, 20), min_size=7, max_size=7),
        st.integers(5, 60),
    )
    def test_knapsacks_agree_with_trying_all(self, worth: list[int], weight: list[int], room: int) -> None:
        names = [f"item{index}" for index in range(len(worth))]
        arguments = {
            "sense": "maximize",
            "variables": {name: {"upper": 1, "integer": True} for name in names},
            "objective": dict(zip(names, worth, strict=True)),
            "constraints": [{"coefficients": dict(zip(names, weight, strict=False)), "relation": "<=", "value": room}],
        }
        choices = product((0, 1), repeat=len(worth))
        fitting = (each for each in choices if sum(w * x for w, x in zip(weight, each, strict=False)) <= room)
        best = max(sum(w * x for w, x in zip(worth, each, strict=True)) for each in fitting)

        assert here(arguments)["objective"] == best


class TestNoSolution:
    def test_says_which_constraints_contradict_each_other(self) -> None:
        demand = {"name": "demand", "coefficients": {"tables": 1, "chairs": 1}, "relation": ">=", "value": 70}
        arguments = {**CARPENTER, "constraints": [*CARPENTER["constraints"], demand]}

        result = here(arguments)

        assert result["status"] == "infeasible"
        assert "demand" in result["conflict"]
        assert "cannot hold together" in result["explanation"]
        assert verdicts(arguments, result) == {"decided": True}

    def test_says_when_only_whole_numbers_are_missing(self) -> None:
        arguments = {
            "sense": "maximize",
            "variables": {"x": {"lower": 0.2, "upper": 0.8, "integer": True}},
            "objective": {"x": 1},
        }

        assert "none in whole numbers" in here(arguments)["explanation"]

    @pytest.mark.parametrize("integer", [False, True])
    def test_says_when_a_limit_is_missing(self, integer: bool) -> None:
        arguments = {"sense": "maximize", "variables": {"x": {"integer": integer}}, "objective": {"x": 1}}

        result = here(arguments)

        assert result["status"] == "unbounded"
        assert "as large as you like" in result["explanation"]

    def test_unknown_names_are_a_sentence(self) -> None:
        with pytest.raises(ToolFailed, match="uses desks, not among the variables"):
            problem_of({**CARPENTER, "objective": {"desks": 1}})

    def test_limits_that_cross_are_a_sentence(self) -> None:
        with pytest.raises(ToolFailed, match="above its upper limit"):
            problem_of({"sense": "minimize", "variables": {"x": {"lower": 2, "upper": 1}}, "objective": {"x": 1}})

    def test_enormous_numbers_are_a_sentence(self) -> None:
        with pytest.raises(ToolFailed, match="larger than"):
            problem_of({"sense": "minimize", "variables": {"x": {"upper": 1e300}}, "objective": {"x": 1}})

    @pytest.mark.parametrize(("status", "word"), [("time_limit", "more time")])
    def test_time_that_ran_out_is_said(self, status: str, word: str) -> None:
        result = result_of(CARPENTER, {"status": status})

        assert word in result["explanation"]
        assert verdicts(CARPENTER, result) == {"decided": False}

    def test_a_solver_that_gives_up_is_a_failure(self) -> None:
        with pytest.raises(ToolFailed, match="could not handle"):
            result_of(CARPENTER, {"status": "error"})

    def test_a_solution_from_before_time_ran_out_is_doubtful(self) -> None:
        answer = {"status": "feasible", "values": [10, 20], "objective": 700, "gap": 0.2, "bound": 866}

        result = result_of(CARPENTER, answer)

        assert result["bound"] == 866
        assert verdicts(CARPENTER, result) == {"constraints": True, "limits": True, "best": False, "objective": True}


class TestCheck:
    @pytest.mark.parametrize(
        ("values", "objective", "broken"),
        [
            ({"tables": 30, "chairs": 0}, 900, "constraints"),
            ({"tables": -1, "chairs": 0}, -30, "limits"),
            ({"tables": 1, "chairs": 1}, 60, "objective"),
        ],
    )
    def test_a_wrong_solution_is_found_out(self, values: dict[str, float], objective: float, broken: str) -> None:
        result = {"status": "optimal", "explanation": "", "values": values, "objective": objective}

        assert [name for name, ok in verdicts(CARPENTER, result).items() if not ok] == [broken]
