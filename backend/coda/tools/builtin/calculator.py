"""The calculator: exact arithmetic over a checked syntax tree; nothing is ever run as code."""

import ast
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from coda.tools.builtin import exact
from coda.tools.builtin.exact import Number
from coda.tools.builtin.expression import FACTORIAL, MAX_DEPTH, PERCENT, Expression, parse
from coda.tools.builtin.functions import CONSTANTS, FUNCTIONS
from coda.tools.errors import ToolFailed
from coda.tools.types import Arguments, Check, FunctionTool, ToolCallContext

_OPERATORS = {
    ast.Add: exact.add,
    ast.Sub: exact.subtract,
    ast.Mult: exact.multiply,
    ast.Div: exact.divide,
    ast.FloorDiv: exact.floor_divide,
    ast.Mod: exact.modulo,
    ast.Pow: exact.power,
}
_LONGEST_FRACTION = 40


def evaluate(text: str) -> Number:
    """The value of an expression: a fraction where it is exact. Raises ToolFailed."""
    expression = parse(text)
    return _value(expression.tree, expression, depth=0)


def _value(node: ast.expr, expression: Expression, *, depth: int) -> Number:
    if depth > 4 * MAX_DEPTH:
        raise ToolFailed("The expression has too many parts in a row. Split it.")
    match node:
        case ast.BinOp():
            return _chain(node, expression, depth=depth + 1)
        case ast.UnaryOp(op=ast.USub()):
            return exact.negate(_value(node.operand, expression, depth=depth + 1))
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand, expression, depth=depth + 1)
        case ast.Name():
            return _named(node.id, expression)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [_value(argument, expression, depth=depth + 1) for argument in arguments])
        case ast.Tuple():
            raise ToolFailed("A comma only separates the arguments of a function. Write a point for decimals.")
        case ast.Call():
            raise ToolFailed("Write * between a number and a parenthesis.")
        case _:
            raise ToolFailed("The expression has a part that is not arithmetic.")


def _chain(node: ast.BinOp, expression: Expression, *, depth: int) -> Number:
    """A long sum leans to the left: it is walked, not recursed into."""
    spine = [node]
    while isinstance(spine[-1].left, ast.BinOp):
        spine.append(spine[-1].left)
    value = _value(spine[-1].left, expression, depth=depth)
    for link in reversed(spine):
        value = _operate(value, link, expression, depth=depth)
    return value


def _operate(left: Number, node: ast.BinOp, expression: Expression, *, depth: int) -> Number:
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Name):
        if node.right.id == PERCENT:
            return exact.divide(left, Fraction(100))
        if node.right.id == FACTORIAL:
            return _call("factorial", [left])
    operator = _OPERATORS.get(type(node.op))
    if operator is None:
        raise ToolFailed("Only + - * / // % and ^ are known.")
    return operator(left, _value(node.right, expression, depth=depth))


def _named(name: str, expression: Expression) -> Number:
    if name.startswith("_") and name[1:].isdigit():
        return expression.numbers[int(name[1:])]
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name in FUNCTIONS:
        raise ToolFailed(f"{name} is a function: write {name}(...).")
    if name.startswith("_"):
        raise ToolFailed("Use parentheses where signs such as % and ! follow each other.")
    raise ToolFailed(f"{name!r} is not known. Constants: {', '.join(CONSTANTS)}. Put in numbers for variables.")


def _call(name: str, values: Sequence[Number]) -> Number:
    if name.startswith("_"):
        raise ToolFailed("Write * between a number and a parenthesis.")
    if name not in FUNCTIONS:
        raise ToolFailed(f"There is no function {name!r}. Functions: {', '.join(FUNCTIONS)}.")
    function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(values) <= most:
        wanted = str(fewest) if fewest == most else f"at least {fewest}" if most > 2 else f"{fewest} or {most}"
        raise ToolFailed(f"{name} takes {wanted} argument(s), not {len(values)}.")
    return function(*values)


async def calculate(arguments: Arguments, _context: ToolCallContext) -> dict[str, Any]:
    """`{value, exact}` and, for an exact value that had to be rounded for showing, `fraction`."""
    value = evaluate(arguments["expression"])
    result: dict[str, Any] = {"value": exact.shown(value), "exact": exact.is_shown_exactly(value)}
    if isinstance(value, Fraction) and not result["exact"]:
        fraction = f"{value.numerator}/{value.denominator}" if value.denominator.bit_length() < 100 else ""
        if fraction and len(fraction) <= _LONGEST_FRACTION:
            result["fraction"] = fraction
    return result


def check(_arguments: Arguments, result: Any) -> list[Check]:  # noqa: ANN401 - a result is any JSON value
    """One finite number came out; what was rounded says so."""
    finite = Decimal(result["value"]).is_finite()
    rounding = "exactly" if result["exact"] else "rounded to 20 digits"
    return [Check("finite", finite, f"The calculator returned one finite number, {rounding}.")]


CALCULATOR = FunctionTool(
    name="calculator",
    title="Calculated",
    description=(
        "Evaluate an arithmetic expression exactly. Use it for every calculation instead of computing in your head. "
        "Operators: + - * / ^ (power), // (whole division), a % b (remainder), x% (percent: 17.5% of 2340), n! . "
        f"Functions: {', '.join(FUNCTIONS)}; angles in radians. Constants: pi, tau, e. "
        "Decimals are written with a point. To raise by a percentage write 200 * (1 + 10%)."
    ),
    parameters={
        "type": "object",
        "properties": {
            "expression": {
                "type": "string",
                "description": "The expression, for example: 2340 * 17.5%, sqrt(2), (1 + 3.2%)^10, round(10/3, 2)",
            }
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
    result_schema={
        "type": "object",
        "properties": {
            "value": {"type": "string", "pattern": r"^-?\d+(\.\d+)?(E[+-]\d+)?$"},
            "exact": {"type": "boolean"},
            "fraction": {"type": "string"},
        },
        "required": ["value", "exact"],
    },
    run=calculate,
    check=check,
)
