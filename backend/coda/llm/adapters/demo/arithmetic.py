"""Calculations: percentages and expressions, in words or signs."""

import ast
from fractions import Fraction
from typing import Any

from coda.core.patterns import Match, Pattern
from coda.llm.adapters.demo.numbers import NUMBER, read_number, shown
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Situation

_PERCENT_OF = Pattern(
    rf"(?i)({NUMBER})\s*(?:%|percent|per cent|por ?cento)\s*(?:of|de|do|da)\s*(?:R\$|[$€£])?\s*({NUMBER})"
)
_DATES = Pattern(r"\b\d{4}-\d{2}-\d{2}(?:T[\d:+Z-]+)?\b|\b\d{1,2}/\d{1,2}/\d{4}\b|\b\d{1,2}:\d{2}\b")
_ROOT = Pattern(rf"(?i)(?:(?:the )?square root of|(?:a )?raiz quadrada de) ({NUMBER})")
_IN_WORDS: tuple[tuple[Pattern, str], ...] = (
    (Pattern(r"(?i)\b(?:divided by|over|dividido por)\b"), "/"),
    (Pattern(r"(?i)\b(?:multiplied by|times|vezes|multiplicado por)\b"), "*"),
    (Pattern(r"(?i)\b(?:to the power of|elevado a)\b"), "^"),
    (Pattern(r"(?i)\b(?:squared|ao quadrado)\b"), "^2"),
    (Pattern(r"(?i)\b(?:cubed|ao cubo)\b"), "^3"),
    (Pattern(r"(?i)\b(?:plus|mais)\b"), "+"),
    (Pattern(r"(?i)\b(?:minus|menos)\b"), "-"),
)
_PRODUCT = Pattern(rf"(?i){NUMBER}(?:\s*x\s*{NUMBER})+")
_NUMBER = Pattern(NUMBER)
_FUNCTIONS = r"(?:sqrt|cbrt|abs|round|floor|ceil|factorial|ln|log10|log2|log|exp|sin|cos|tan)"
_EXPRESSION = Pattern(
    rf"(?i)(?:{_FUNCTIONS}\s*\(|[(\x{{2212}}-])*\s*(?:\d|pi\b)"
    rf"(?:[\d.,\s+\-*/\x{{d7}}÷·\x{{2212}}^%!()]|{_FUNCTIONS}\s*\(|pi\b)*"
)
_OPERATOR = Pattern(r"[+*/\x{d7}÷·^!]|[\d)]\s*[\x{2212}-]\s*[\d(]|sqrt|cbrt|abs|round|log|ln|exp|sin|cos|tan|factorial")
_CALL = Pattern(rf"{_FUNCTIONS}\s*\(")
_LONGEST_ALONE = 200
_LONGEST_SHOWN = 400
_LONGEST_WRITTEN = 2_000
"""No person writes a longer sum; a program that does has more use for the calculator itself."""
_REASONING = {
    "en": "{what} is a calculation. I will use the calculator instead of guessing.",
    "pt": "{what} é uma conta. Vou usar a calculadora em vez de adivinhar.",
}
_ALONE = {
    "en": "No calculator is at hand here, because it is switched off or I was asked without tools. I worked it out by "
    "my own rules.",
    "pt": "Não há calculadora à mão aqui, porque está desligada ou me perguntaram sem ferramentas. Fiz a conta pelas "
    "minhas próprias regras.",
}
_NO_CALCULATOR = {
    "en": "For this I would need the calculator, which I do not have here: it is switched off, or I was asked without "
    "tools.",
    "pt": "Para isso eu precisaria da calculadora, que não tenho aqui: ela está desligada, ou me perguntaram sem "
    "ferramentas.",
}


def arithmetic(situation: Situation) -> Call | None:
    """A percentage of something, or the longest expression in the question."""
    percent = _PERCENT_OF.search(situation.question)
    if percent is not None:
        return _percentage(situation, percent)
    text = _ROOT.sub(lambda root: f"sqrt({root[1]})", _DATES.sub(" ; ", situation.question))
    for words, sign in _IN_WORDS:
        text = words.sub(sign, text)
    text = _PRODUCT.sub(lambda product: product.group().lower().replace("x", "*"), text)
    found = [match.group().strip(" .,;-\u2212") for match in _EXPRESSION.finditer(text)]
    expressions = [
        each
        for each in found
        if len(each) <= _LONGEST_WRITTEN and _OPERATOR.search(each) and each.count("(") == each.count(")")
    ]
    if not expressions:
        return None
    written = max(expressions, key=len)
    has_call = _CALL.search(written) is not None
    expression = _NUMBER.sub(lambda number: _read(number.group(), situation, is_in_call=has_call), written)
    shortened = written if len(written) <= _LONGEST_SHOWN else f"{written[:_LONGEST_SHOWN]}…"
    return _calculation(situation, written=f"`{shortened}`", expression=expression, signs="")


def _read(number: str, situation: Situation, *, is_in_call: bool) -> str:
    """Inside a call a comma separates arguments."""
    if "," in number and is_in_call:
        return number
    return read_number(number, situation.language)


def _percentage(situation: Situation, match: Match) -> Call:
    share, whole = (read_number(match[group], situation.language) for group in (1, 2))
    as_read = f"{shown(whole, situation.language)} \u00d7 {shown(share, situation.language)} ÷ 100"
    signs = as_read if situation.language == "pt" else f"{whole} \u00d7 {share} ÷ 100"
    return _calculation(situation, written=match.group(), expression=f"{whole}*{share}/100", signs=signs)


def _calculation(situation: Situation, *, written: str, expression: str, signs: str) -> Call:
    is_word = situation.say({"en": "is", "pt": "é"}) if signs else "="

    def answer(result: Any) -> str:  # noqa: ANN401 - a tool's JSON
        value = result.get("value") if isinstance(result, dict) else result
        sentence = f"{written} {is_word} **{shown(value, situation.language)}**"
        return f"{sentence} ({signs})." if signs else f"{sentence}."

    def alone() -> str:
        value = evaluate(expression)
        if value is None:
            return situation.say(_NO_CALCULATOR)
        return f"{answer({'value': value})}\n\n{situation.say(_ALONE)}"

    reasoning = situation.say(_REASONING).replace("{what}", written)
    return Call("calculator", {"expression": expression}, reasoning, answer, alone)


def evaluate(expression: str) -> str | None:
    """The value of a short sum of plain numbers, exactly; None where it is more than + - * / and parentheses."""
    if len(expression) > _LONGEST_ALONE:
        return None
    try:
        value = _value(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
        return None
    digits = f"{float(value):.15g}" if value.denominator != 1 else str(value.numerator)
    return digits if "e" not in digits else None


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left) + _value(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left) - _value(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left) * _value(right)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _value(left) / _value(right)
    raise ValueError("not a plain sum")
