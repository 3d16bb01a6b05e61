"""Turns what people and models write ("17.5% of 2,340") into a small checked syntax tree.

Numbers become names `_0`, `_1` ... so that no digit is lost to floating point; a percent sign or an exclamation mark
becomes a power with a reserved name, as nothing binds tighter.
"""

import ast
from dataclasses import dataclass
from fractions import Fraction

from coda.core.patterns import Match, Pattern
from coda.tools.errors import ToolFailed

MAX_LENGTH = 2_000
MAX_DEPTH = 60
MAX_EXPONENT = 3_000
PERCENT = "_percent"
FACTORIAL = "_factorial"

_NUMBER = r"(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)"
_TOKEN = Pattern(
    rf"\s*(?:(?P<grouped>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?)|(?P<number>{_NUMBER})|(?P<name>[A-Za-z]\w*|π|√)"
    r"|(?P<sign>\*\*|//|[-+*/%^(),!\x{d7}\x{b7}\x{f7}\x{2212}\x{2013}²³]))"
)
_SINGLE_NUMBER = Pattern(rf"\s*(?P<number>{_NUMBER})")
_EXPONENT = Pattern(r"[eE][+-]?(\d+)")
_LONGEST_EXPONENT = 9
_SIGNS = {"^": "**", "\u00d7": "*", "\u00b7": "*", "\u00f7": "/", "\u2212": "-", "\u2013": "-"}
_WORDS = {"of": "*", "π": "pi", "√": "sqrt"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: its tree, and the numbers that the tree's `_n` names stand for."""

    tree: ast.expr
    numbers: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def parse(text: str) -> Expression:
    """Parse; raises ToolFailed with a sentence that says what is wrong."""
    if len(text) > MAX_LENGTH:
        raise ToolFailed(f"The expression is longer than {MAX_LENGTH:,} characters. Split it.")
    tokens = _tokens(text)
    if not tokens:
        raise ToolFailed("The expression is empty.")
    numbers: list[Fraction] = []
    pieces: list[str] = []
    for position, token in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        pieces.append(_rewritten(token, following, numbers))
    return Expression(_tree(" ".join(pieces)), tuple(numbers))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    calls: list[bool] = []
    position, text = 0, text.rstrip().removesuffix("=").rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ToolFailed(f"The expression has a part that is not arithmetic: {text[position:].strip()[:20]!r}.")
        kind, position = str(match.lastgroup), match.end()
        if kind == "grouped" and (any(calls) or _goes_on(text, match)):
            match = _SINGLE_NUMBER.match(text, match.start()) or match
            kind, position = "number", match.end()
        exponent = _exponent(text, position) if kind == "number" else ""
        position += len(exponent)
        token = _Token(kind, match[kind] + exponent)
        _follow_parentheses(token, tokens, calls)
        tokens.append(token)
    return tokens


def _goes_on(text: str, grouped: Match) -> bool:
    """Whether more digits or commas follow, so that the commas separate no thousands; in a call they never do."""
    following = text[grouped.end() : grouped.end() + 1]
    return "." not in grouped["grouped"] and (following.isdecimal() or following == ",")


def _exponent(text: str, position: int) -> str:
    found = _EXPONENT.match(text, position)
    is_whole = found is not None and len(found[1]) <= _LONGEST_EXPONENT and text[found.end() : found.end() + 1] != "."
    return found.group() if found is not None and is_whole else ""


def _follow_parentheses(token: _Token, before: list[_Token], calls: list[bool]) -> None:
    if token.text == "(":
        calls.append(bool(before) and before[-1].kind == "name" and before[-1].text not in {"of", "π"})
        if len(calls) > MAX_DEPTH:
            raise ToolFailed(f"The expression is nested deeper than {MAX_DEPTH} levels.")
    elif token.text == ")" and calls:
        calls.pop()


def _rewritten(token: _Token, following: _Token | None, numbers: list[Fraction]) -> str:
    if token.kind in {"number", "grouped"}:
        numbers.append(_number(token.text))
        return f"_{len(numbers) - 1}"
    if token.kind == "name":
        return _WORDS.get(token.text, token.text)
    if token.text == "!":
        return f"**{FACTORIAL}"
    if token.text == "%" and not _starts_operand(following):
        return f"**{PERCENT}"
    if token.text in {"²", "³"}:
        numbers.append(Fraction(2 if token.text == "²" else 3))
        return f"**_{len(numbers) - 1}"
    return _SIGNS.get(token.text, token.text)


def _starts_operand(token: _Token | None) -> bool:
    if token is None:
        return False
    return token.kind in {"number", "grouped"} or token.text == "(" or (token.kind == "name" and token.text != "of")


def _number(text: str) -> Fraction:
    plain = text.replace(",", "")
    exponent = plain.lower().partition("e")[2]
    if exponent and abs(int(exponent)) > MAX_EXPONENT:
        raise ToolFailed(f"{text} is too large or too small.")
    return Fraction(plain)


def _tree(source: str) -> ast.expr:
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ToolFailed(
            "The expression is not complete arithmetic. Use numbers, + - * / ^ % ( ), and functions such as sqrt(2); "
            "write a point for decimals and * for every multiplication."
        ) from None
