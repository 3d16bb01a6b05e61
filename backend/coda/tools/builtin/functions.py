"""The functions and constants that the calculator knows."""

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import reduce

from coda.tools.builtin import exact
from coda.tools.builtin.exact import Number, approximately, as_decimal, bounded
from coda.tools.errors import ToolFailed

MAX_FACTORIAL = 1_200
MAX_ROUNDING = 100

PI = Decimal("3.1415926535897932384626433832795028841971693993751058209749446")
E = Decimal("2.7182818284590452353602874713526624977572470936999595749669676")
TAU = Decimal("6.2831853071795864769252867665590057683943387987502116419498892")
CONSTANTS: Mapping[str, Number] = {"pi": PI, "tau": TAU, "e": E}


def _square_root(value: Number) -> Number:
    if value < 0:
        raise ToolFailed("The square root of a negative number is not a real number.")
    root = exact.exact_root(value, Fraction(1, 2)) if isinstance(value, Fraction) else None
    return root if root is not None else approximately(lambda: as_decimal(value).sqrt())


def _cube_root(value: Number) -> Number:
    if value < 0:
        return exact.negate(_cube_root(exact.negate(value)))
    return exact.power(value, Fraction(1, 3)) if value else Fraction(0)


def _round(value: Number, digits: Number = Fraction(0)) -> Number:
    """Half away from zero, as people round."""
    places = _whole(digits, "The number of digits")
    if abs(places) > MAX_ROUNDING:
        raise ToolFailed(f"Numbers are rounded to at most {MAX_ROUNDING} digits.")
    scale = Fraction(10) ** places
    scaled = exact.whole(value) * scale
    nearest = math.floor(abs(scaled) + Fraction(1, 2))
    return bounded(Fraction(nearest if scaled >= 0 else -nearest) / scale)


def _floor(value: Number) -> Number:
    return Fraction(math.floor(exact.whole(value)))


def _ceil(value: Number) -> Number:
    return Fraction(math.ceil(exact.whole(value)))


def _sum(*values: Number) -> Number:
    return reduce(exact.add, values)


def _mean(*values: Number) -> Number:
    return exact.divide(_sum(*values), Fraction(len(values)))


def _median(*values: Number) -> Number:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else _mean(ordered[middle - 1], ordered[middle])


def _whole(value: Number, what: str) -> int:
    number = exact.whole(value)
    if number.denominator != 1:
        raise ToolFailed(f"{what} must be a whole number.")
    return number.numerator


def _count(value: Number, what: str) -> int:
    number = _whole(value, what)
    if not 0 <= number <= MAX_FACTORIAL:
        raise ToolFailed(f"{what} must be between 0 and {MAX_FACTORIAL:,}.")
    return number


def _factorial(value: Number) -> Number:
    return Fraction(math.factorial(_count(value, "The argument of factorial")))


def _combinations(total: Number, chosen: Number) -> Number:
    return bounded(Fraction(math.comb(_count(total, "n"), _count(chosen, "k"))))


def _permutations(total: Number, chosen: Number) -> Number:
    return bounded(Fraction(math.perm(_count(total, "n"), _count(chosen, "k"))))


def _greatest_divisor(*values: Number) -> Number:
    return Fraction(math.gcd(*(_whole(value, "An argument of gcd") for value in values)))


def _least_multiple(*values: Number) -> Number:
    multiple = 1
    for value in values:
        multiple = math.lcm(multiple, _whole(value, "An argument of lcm"))
        if multiple.bit_length() > exact.MAX_BITS:
            raise ToolFailed(exact.TOO_LARGE)
    return Fraction(multiple)


def _exponential(value: Number) -> Number:
    return Fraction(1) if value == 0 else approximately(lambda: as_decimal(value).exp())


def _natural_log(value: Number) -> Number:
    _demand_positive(value)
    return Fraction(0) if value == 1 else approximately(lambda: as_decimal(value).ln())


def _log(value: Number, base: Number = Fraction(10)) -> Number:
    _demand_positive(value)
    if base <= 0 or base == 1:
        raise ToolFailed("The base of a logarithm must be positive and not 1.")
    guess = approximately(lambda: as_decimal(value).ln() / as_decimal(base).ln())
    nearest = Fraction(int(guess.to_integral_value(ROUND_HALF_UP))) if abs(guess) < exact.MAX_BITS else None
    if nearest is not None and isinstance(value, Fraction) and abs(as_decimal(nearest) - guess) < Decimal("1e-30"):
        try:
            return nearest if exact.power(base, nearest) == value else guess
        except ToolFailed:
            return guess
    return guess


def _demand_positive(value: Number) -> None:
    if value <= 0:
        raise ToolFailed("The logarithm is defined for positive numbers only.")


def _binary_log(value: Number) -> Number:
    return _log(value, Fraction(2))


def _by_float(name: str) -> Callable[[Number], Number]:
    """Functions that are computed in floating point, to 15 digits."""
    compute: Callable[[float], float] = getattr(math, name)

    def call(value: Number) -> Number:
        try:
            result = compute(float(as_decimal(value)))
        except (ValueError, OverflowError):
            raise ToolFailed(f"{name} is not defined there, or too large.") from None
        return Decimal(f"{result:.15g}")

    return call


def _sine(value: Number) -> Number:
    if value == 0:
        return Fraction(0)
    sine = approximately(lambda: _sine_series(_turned(value)))
    return sine if _absolute(value) < Fraction(1, 10**9) else _snapped(sine)


def _cosine(value: Number) -> Number:
    return Fraction(1) if value == 0 else _snapped(approximately(lambda: _sine_series(_turned(value) + PI / 2)))


def _tangent(value: Number) -> Number:
    cosine = _cosine(value)
    if cosine == 0:
        raise ToolFailed("The tangent is not defined there.")
    return exact.divide(_sine(value), cosine)


def _turned(angle: Number) -> Decimal:
    """The angle within half a turn of zero; very large angles have lost their digits and are refused."""
    value = as_decimal(angle)
    if abs(value) > Decimal("1e15"):
        raise ToolFailed("The angle is too large.")
    return value - (value / TAU).to_integral_value() * TAU


def _sine_series(angle: Decimal) -> Decimal:
    term = total = angle
    step = 1
    while abs(term) > Decimal("1e-55"):
        step += 2
        term *= -angle * angle / (step * (step - 1))
        total += term
    return total


def _snapped(value: Decimal) -> Decimal:
    """Zero, one and a half come out even, as 50 digits tell them from their neighbours by far."""
    for even in (Decimal(0), Decimal(1), Decimal(-1), Decimal("0.5"), Decimal("-0.5")):
        if abs(value - even) < Decimal("1e-30"):
            return even
    return value


def _degrees(value: Number) -> Number:
    return approximately(lambda: as_decimal(value) * 180 / PI)


def _radians(value: Number) -> Number:
    return approximately(lambda: as_decimal(value) * PI / 180)


def _hypotenuse(*sides: Number) -> Number:
    return _square_root(_sum(*(exact.multiply(side, side) for side in sides)))


def _absolute(value: Number) -> Number:
    return exact.negate(value) if value < 0 else value


def _least(*values: Number) -> Number:
    return min(values)


def _greatest(*values: Number) -> Number:
    return max(values)


Function = Callable[..., Number]
MANY = 1_000
# name: (function, fewest arguments, most arguments)
FUNCTIONS: Mapping[str, tuple[Function, int, int]] = {
    "sqrt": (_square_root, 1, 1),
    "cbrt": (_cube_root, 1, 1),
    "abs": (_absolute, 1, 1),
    "round": (_round, 1, 2),
    "floor": (_floor, 1, 1),
    "ceil": (_ceil, 1, 1),
    "min": (_least, 1, MANY),
    "max": (_greatest, 1, MANY),
    "sum": (_sum, 1, MANY),
    "mean": (_mean, 1, MANY),
    "median": (_median, 1, MANY),
    "mod": (exact.modulo, 2, 2),
    "pow": (exact.power, 2, 2),
    "gcd": (_greatest_divisor, 1, MANY),
    "lcm": (_least_multiple, 1, MANY),
    "factorial": (_factorial, 1, 1),
    "comb": (_combinations, 2, 2),
    "perm": (_permutations, 2, 2),
    "exp": (_exponential, 1, 1),
    "ln": (_natural_log, 1, 1),
    "log": (_log, 1, 2),
    "log10": (_log, 1, 1),
    "log2": (_binary_log, 1, 1),
    "sin": (_sine, 1, 1),
    "cos": (_cosine, 1, 1),
    "tan": (_tangent, 1, 1),
    "asin": (_by_float("asin"), 1, 1),
    "acos": (_by_float("acos"), 1, 1),
    "atan": (_by_float("atan"), 1, 1),
    "sinh": (_by_float("sinh"), 1, 1),
    "cosh": (_by_float("cosh"), 1, 1),
    "tanh": (_by_float("tanh"), 1, 1),
    "degrees": (_degrees, 1, 1),
    "radians": (_radians, 1, 1),
    "hypot": (_hypotenuse, 1, MANY),
}
