"""Calculations: percentages and expressions, in words or signs."""

import ast
import re
from fractions import Fraction
from typing import Any

from coda.llm.adapters.demo.numbers import NUMBER, read_number, shown
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Situation

_PERCENT_OF = re.compile(
    rf"({NUMBER})\s*(?:%|percent|per cent|por ?cento)\s*(?:of|de|do|da)\s*(?:R\$|[$€£])?\s*({NUMBER})", re.IGNORECASE
)
_DATES = re.compile(r"\b\d{4}-\d{2}-\d{2}(?:T[\d:+Z-]+)?\b|\b\d{1,2}/\d{1,2}/\d{4}\b|\b\d{1,2}:\d{2}\b")
_IN_WORDS: tuple[tuple[str, str], ...] = (
    (rf"(?:the )?square root of ({NUMBER})|(?:a )?raiz quadrada de ({NUMBER})", r"sqrt(\1\2)"),
    (r"\b(?:divided by|over|dividido por)\b", "/"),
    (r"\b(?:multiplied by|times|vezes|multiplicado por)\b", "*"),
    (r"\b(?:to the power of|elevado a)\b", "^"),
    (r"\b(?:squared|ao quadrado)\b", "^2"),
    (r"\b(?:cubed|ao cubo)\b", "^3"),
    (r"\b(?:plus|mais)\b", "+"),
    (r"\b(?:minus|menos)\b", "-"),
    (r"(?<=\d)\s*x\s*(?=\d)", "*"),
)
_FUNCTIONS = r"(?:sqrt|cbrt|abs|round|floor|ceil|factorial|ln|log10|log2|log|exp|sin|cos|tan)"
_EXPRESSION = re.compile(
    rf"(?:{_FUNCTIONS}\s*\(|[(\u2212-])*\s*(?:\d|pi\b)(?:[\d.,\s+\-*/\u00d7÷·\u2212^%!()]|{_FUNCTIONS}\s*\(|pi\b)*",
    re.IGNORECASE,
)
_OPERATOR = re.compile(
    r"[+*/\u00d7÷·^!]|(?<=[\d)])\s*[-\u2212]\s*(?=[\d(])|sqrt|cbrt|abs|round|log|ln|exp|sin|cos|tan|factorial"
)
_REASONING = {
    "en": "{what} is a calculation. I will use the calculator instead of guessing.",
    "pt": "{what} é uma conta. Vou usar a calculadora em vez de adivinhar.",
}
_ALONE = {
    "en": "No calculator was offered in this call, so I worked it out by my own rules.",
    "pt": "Nenhuma calculadora foi oferecida nesta chamada, então fiz a conta pelas minhas próprias regras.",
}
_NO_CALCULATOR = {
    "en": "I would need a calculator for this, and none was offered in this call.",
    "pt": "Para isso eu precisaria de uma calculadora, e nenhuma foi oferecida nesta chamada.",
}


def arithmetic(situation: Situation) -> Call | None:
    """A percentage of something, or the longest expression in the question."""
    percent = _PERCENT_OF.search(situation.question)
    if percent is not None:
        return _percentage(situation, percent)
    text = _DATES.sub(" ; ", situation.question)
    for words, sign in _IN_WORDS:
        text = re.sub(words, sign, text, flags=re.IGNORECASE)
    found = [match.group().strip(" .,;-\u2212") for match in _EXPRESSION.finditer(text)]
    expressions = [each for each in found if _OPERATOR.search(each) and each.count("(") == each.count(")")]
    if not expressions:
        return None
    written = max(expressions, key=len)
    expression = re.sub(NUMBER, lambda number: _read(number.group(), situation, written), written)
    return _calculation(situation, written=f"`{written}`", expression=expression, signs="")


def _read(number: str, situation: Situation, written: str) -> str:
    """Inside a call a comma separates arguments."""
    if "," in number and re.search(rf"{_FUNCTIONS}\s*\(", written):
        return number
    return read_number(number, situation.language)


def _percentage(situation: Situation, match: re.Match[str]) -> Call:
    share, whole = (read_number(text, situation.language) for text in match.groups())
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
    """The value of a sum of plain numbers, exactly; None where it is more than + - * / and parentheses."""
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
