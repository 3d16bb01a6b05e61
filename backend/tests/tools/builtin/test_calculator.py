"""The calculator against Python's own fractions, and against everything that must not hang it."""

import math
import time
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.tools.builtin import exact
from coda.tools.builtin.calculator import calculate, evaluate
from coda.tools.errors import ToolFailed
from coda.tools.types import ToolCallContext

decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False).map(lambda each: f"{each:f}")


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 4) -> tuple[str, Fraction]:
    """An expression and its value by Python's own Fraction."""
    if depth == 0 or draw(st.booleans()):
        text = draw(decimals)
        return f"({text})", Fraction(text)
    left, left_value = draw(arithmetic(depth=depth - 1))
    right, right_value = draw(arithmetic(depth=depth - 1))
    sign = draw(st.sampled_from("+-*/"))
    if sign == "/" and right_value == 0:
        sign = "+"
    value = {
        "+": lambda: left_value + right_value,
        "-": lambda: left_value - right_value,
        "*": lambda: left_value * right_value,
        "/": lambda: left_value / right_value,
    }[sign]()
    return f"({left} {sign} {right})", value


class TestExactness:
    @given(arithmetic())
    def test_agrees_with_fractions(self, case: tuple[str, Fraction]) -> None:
        text, value = case

        assert evaluate(text) == value

    @given(arithmetic(depth=3))
    def test_shows_what_it_says_exactly(self, case: tuple[str, Fraction]) -> None:
        value = evaluate(case[0])
        shown = Fraction(exact.shown(value))

        if exact.is_shown_exactly(value):
            assert shown == value
        else:
            assert abs(shown - Fraction(value)) <= abs(Fraction(value)) * Fraction(1, 10**19)

    @given(st.integers(-50, 50), st.integers(-30, 30).filter(bool))
    def test_whole_powers_are_exact(self, base: int, exponent: int) -> None:
        if base == 0 and exponent < 0:
            return
        assert evaluate(f"({base})^({exponent})") == Fraction(base) ** exponent

    @given(st.fractions(min_value=0, max_value=10**6, max_denominator=1000))
    def test_even_roots_are_exact(self, value: Fraction) -> None:
        square = value * value

        assert evaluate(f"sqrt({square.numerator}/{square.denominator})") == value

    @given(decimals, decimals.filter(lambda text: Fraction(text) != 0))
    def test_remainder_and_whole_quotient_fit_together(self, left: str, right: str) -> None:
        quotient, rest = evaluate(f"({left})//({right})"), evaluate(f"mod({left}, {right})")

        assert Fraction(quotient) * Fraction(right) + Fraction(rest) == Fraction(left)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("17.5% of 2,340", "409.5"),
        ("2340*17.5/100", "409.5"),
        ("0.1 + 0.2", "0.3"),
        ("1.1 * 1.1", "1.21"),
        ("100/50%", "200"),
        ("200 * (1 + 10%)", "220"),
        ("10 % 3", "1"),
        ("-7 % 3", "2"),
        ("7 // 2", "3"),
        ("2^3^2", "512"),
        ("-2^2", "-4"),
        ("2 × 3 ÷ 4 − 1", "0.5"),  # noqa: RUF001 - the signs that people paste
        ("3² + 2³", "17"),
        ("√(16)", "4"),
        ("5!", "120"),
        ("1,234,567.89 * 2", "2469135.78"),
        ("1_000 * 2", "2000"),
        ("max(1,200)", "200"),
        ("(1,200) * 2", "2400"),
        (".5 + 1.", "1.5"),
        ("1e3 + 1E-1", "1000.1"),
        ("6 * 7 =", "42"),
        ("4^0.5", "2"),
        ("8^(2/3)", "4"),
        ("2^-3", "0.125"),
        ("cbrt(-27)", "-3"),
        ("log(1000)", "3"),
        ("log(8, 2)", "3"),
        ("log(2, 8)", "0.33333333333333333333"),
        ("ln(1)", "0"),
        ("exp(0)", "1"),
        ("sin(pi/6)", "0.5"),
        ("sin(0) + cos(0)", "1"),
        ("sin(1e-40)", "1E-40"),
        ("tan(pi/4)", "1"),
        ("degrees(pi)", "180"),
        ("round(2.675, 2)", "2.68"),
        ("round(-2.5)", "-3"),
        ("round(1250, -2)", "1300"),
        ("floor(-1.5) + ceil(1.2)", "0"),
        ("mean(1, 2, 4, 5) + median(1, 5, 9) + median(1, 2)", "9.5"),
        ("gcd(12, 18) + lcm(4, 6)", "18"),
        ("comb(5, 2) + perm(5, 2)", "30"),
        ("hypot(3, 4)", "5"),
        ("abs(-3) + min(2, 1) + sum(1, 2, 3)", "10"),
        ("pi", "3.1415926535897932385"),
        ("sqrt(2)", "1.4142135623730950488"),
        ("2^0.5", "1.4142135623730950488"),
        ("acos(1)", "0"),
        ("(1 + 0.03/365)^3650", "1.349842166495531175"),
        ("2^20000", "3.9802768403379665924E+6020"),
        ("0^0", "1"),
        ("(-1)^3 + 1^100000", "0"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert exact.shown(evaluate(text)) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("1 / 0", "Division by zero"),
        ("0^-1", "Division by zero"),
        ("mod(1, 0)", "Division by zero"),
        ("sqrt(-1)", "not a real number"),
        ("(-8)^(1/3)", "not a real number"),
        ("ln(0)", "positive numbers only"),
        ("log(2, 1)", "base of a logarithm"),
        ("tan(pi/2)", "not defined"),
        ("asin(2)", "not defined"),
        ("cosh(1e9)", "too large"),
        ("sin(1e16)", "too large"),
        ("factorial(2.5)", "whole number"),
        ("factorial(5000)", "between 0 and 1,200"),
        ("round(1, 1e6)", "at most 100 digits"),
        ("2,34", "comma only separates"),
        ("rate * 2", "not known"),
        ("sqrt", "is a function"),
        ("sqroot(2)", "no function"),
        ("sqrt(1, 2)", "takes 1 argument"),
        ("round()", "takes 1 or 2 argument"),
        ("sum()", "at least 1"),
        ("2(3)", "Write \\*"),
        ("(2)(3)", "Write \\*"),
        ("2 ^^ 3", "not complete"),
        ("1..2", "not complete"),
        ("(1 + 2", "not complete"),
        ("5!!", "parentheses"),
        ("1 < 2", "not arithmetic"),
        ("__import__('os')", "not arithmetic"),
        ("(1).real", "not arithmetic"),
        ("lambda: 1", "not arithmetic"),
        ("1 if 1 else 2", "not arithmetic|not complete"),
        ("not 1", "not arithmetic|not complete"),
        ("1 and 2", "not arithmetic|not complete"),
        ("$5 + 1", "not arithmetic"),
        ("1" * 3_000, "longer than"),
        ("(" * 100 + "1" + ")" * 100, "nested deeper"),
        ("-" * 1_500 + "1", "too many parts"),
        ("1e999999", "too large or too small"),
        ("9^9^9", "too large to compute"),
        ("9**9**9**9", "too large to compute"),
        ("exp(1e9)", "too large to compute"),
        ("2^-1e9", "too close to zero"),
        ("floor(2^20000)", "too large to compute"),
        ("lcm(10^2999, 10^2998 + 1, 10^2997 + 3)", "too large to compute"),
    ],
)
def test_sentences(text: str, sentence: str) -> None:
    with pytest.raises(ToolFailed, match=sentence):
        evaluate(text)


@pytest.mark.parametrize(
    "text",
    [
        "9^9^9^9",
        "(9^9)^(9^9)",
        "1200! * 1200! * 1200! * 1200!",
        "comb(1200, 600)^30",
        "1" + "+1" * 900,
        "*".join(["1.0000001"] * 200),
        "2^" * 200 + "2",
        "sqrt(" * 59 + "2" + ")" * 59,
        "(1/7)^4000 + (1/11)^4000",
        "exp(exp(exp(exp(5))))",
        "1.0000001^1e12",
    ],
)
def test_nothing_hangs(text: str) -> None:
    started = time.process_time()
    with suppress(ToolFailed):
        evaluate(text)

    assert time.process_time() - started < 1


@given(st.text(alphabet="0123456789.+-*/^%(),!e πsqrtmod_√²", max_size=40))
def test_any_text_gives_a_number_or_a_sentence(text: str) -> None:
    with suppress(ToolFailed):
        assert Decimal(exact.shown(evaluate(text))).is_finite()


@given(st.floats(min_value=-700, max_value=700, allow_nan=False))
def test_functions_agree_with_floating_point(value: float) -> None:
    for name in ("sin", "cos", "exp", "atan", "tanh"):
        ours = float(exact.as_decimal(evaluate(f"{name}({value!r})")))
        assert math.isclose(ours, getattr(math, name)(value), rel_tol=1e-9, abs_tol=1e-12)


class TestTool:
    async def test_a_third_comes_as_fraction_too(self, caller: ToolCallContext) -> None:
        result = await calculate({"expression": "1/3"}, caller)

        assert result == {"value": "0.33333333333333333333", "exact": False, "fraction": "1/3"}

    async def test_what_is_not_a_fraction_has_none(self, caller: ToolCallContext) -> None:
        assert await calculate({"expression": "pi"}, caller) == {"value": "3.1415926535897932385", "exact": False}
