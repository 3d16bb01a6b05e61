"""Reads a table as people paste it: CSV, TSV, semicolons, Markdown; and numbers as people write them."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from coda.core.patterns import Characters, Pattern
from coda.tools.errors import ToolFailed

MAX_CHARACTERS = 500_000
MAX_COLUMNS = 200
MAX_ROWS = 20_000
NO_TABLE = "There is no table: give a header line and at least one row."
MISSING = frozenset({"", "-", "\u2013", "\u2014", "na", "n/a", "nan", "null", "none", "?"})

_RULE = Pattern(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
_SPACES = Characters(r"\s\u00a0\u202f'")
_CURRENCIES = frozenset("$€£¥₹")
_GROUP_LENGTH = 3
_LONGEST_EXPONENT = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of cells, all rows of one length."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def cells(self, column: str) -> list[str]:
        """One column from top to bottom."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]


def read_table(text: str, *, has_header: bool = True) -> Table:
    """Read pasted text; raises ToolFailed. Short rows are filled up, and said so in the notes."""
    if len(text) > MAX_CHARACTERS:
        raise ToolFailed(f"The table has more than {MAX_CHARACTERS:,} characters. Send a part of it.")
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if not lines:
        raise ToolFailed(NO_TABLE)
    records = _markdown(lines) if _is_markdown(lines) else _delimited(lines)
    if len(records) < (2 if has_header else 1):
        raise ToolFailed(NO_TABLE)
    if len(records) > MAX_ROWS:
        raise ToolFailed(f"The table has more than {MAX_ROWS:,} rows. Send a part of it.")
    width = max(len(record) for record in records)
    if width > MAX_COLUMNS:
        raise ToolFailed(f"The table has more than {MAX_COLUMNS} columns.")
    header = records.pop(0) if has_header else []
    return Table(_names(header, width), tuple(_filled(record, width) for record in records), _uneven(records, width))


def _is_markdown(lines: Sequence[str]) -> bool:
    return len(lines) > 1 and "|" in lines[0] and _RULE.fullmatch(lines[1]) is not None


def _markdown(lines: Sequence[str]) -> list[list[str]]:
    rows = [lines[0], *lines[2:]]
    return [[cell.strip() for cell in _cells(_unframed(row))] for row in rows]


def _cells(row: str) -> list[str]:
    """The cells between bars; a bar behind a backslash belongs to its cell."""
    cells: list[str] = []
    is_open = False
    for piece in row.split("|"):
        if is_open:
            cells[-1] += f"|{piece}"
        else:
            cells.append(piece)
        is_open = piece.endswith("\\")
        cells[-1] = cells[-1].removesuffix("\\") if is_open else cells[-1]
    return cells


def _unframed(row: str) -> str:
    return row.strip().removeprefix("|").removesuffix("|")


def _delimited(lines: Sequence[str]) -> list[list[str]]:
    separator = _separator(lines)
    try:
        reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=separator, skipinitialspace=True, strict=False)
        return [[cell.strip() for cell in record] for record in reader]
    except csv.Error as error:
        raise ToolFailed(f"The table cannot be read: {error}.") from None


def _separator(lines: Sequence[str]) -> str:
    """The separator that gives the most lines the same number of cells, more than one."""
    sample = lines[:50]
    best, best_score = ",", 0.0
    for separator in ("\t", ";", "|", ","):
        counts = [line.count(separator) for line in sample]
        usual = max(set(counts), key=counts.count)
        score = counts.count(usual) / len(counts) if usual else 0.0
        if score > best_score:
            best, best_score = separator, score
    return best


def _names(header: Sequence[str], width: int) -> tuple[str, ...]:
    names: list[str] = []
    for place in range(width):
        name = (header[place].strip("*_` ") if place < len(header) else "") or f"column {place + 1}"
        while name in names:
            name = f"{name} ({place + 1})"
        names.append(name)
    return tuple(names)


def _filled(record: Sequence[str], width: int) -> tuple[str, ...]:
    return (*record, *[""] * (width - len(record)))


def _uneven(records: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    short = sum(1 for record in records if len(record) < width)
    return (f"{short} row(s) have fewer cells than the widest; the rest counts as missing.",) if short else ()


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How numbers are written. `is_guess`: the cells would read either way."""

    decimal_comma: bool
    is_guess: bool = False


def number_format(cells: Iterable[str], *, usual: NumberFormat | None = None) -> NumberFormat:
    """Tell decimal comma from decimal point over many cells, as one (1,234) may not tell; else it is as `usual`."""
    points = commas = either = 0
    for cell in cells:
        text = _bare(cell)
        as_point, as_comma = _is_number(text, decimal="."), _is_number(text, decimal=",")
        points += as_point and not as_comma
        commas += as_comma and not as_point
        either += as_point and as_comma and ("," in text or "." in text)
    if points or commas:
        return NumberFormat(commas > points)
    if usual is not None and not usual.is_guess:
        return usual
    return NumberFormat(decimal_comma=False, is_guess=bool(either))


def read_number(cell: str, form: NumberFormat) -> Decimal | None:
    """The number in a cell, None where it is not one. Currency, %, spaces and accounting brackets are read over."""
    text = _bare(cell)
    if not _is_number(text, decimal="," if form.decimal_comma else "."):
        return None
    text = text.replace(".", "").replace(",", ".") if form.decimal_comma else text.replace(",", "")
    return Decimal(text)


def _bare(cell: str) -> str:
    """A cell without what stands around a number: emphasis, currency, percent, spaces; (5) is -5."""
    text = cell.strip().strip("*_`").strip().replace("\u2212", "-")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1].strip()}"
    return _SPACES.removed(_without_currency(text.replace("R$", "")))


def _without_currency(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    amount = text.removeprefix("-").lstrip() if sign else text
    amount = amount[1:] if amount[:1] in _CURRENCIES else amount
    amount = amount[:-1] if amount[-1:] in _CURRENCIES or amount.endswith("%") else amount
    return sign + amount


def _is_number(text: str, *, decimal: str) -> bool:
    """Whether it is a whole number, in groups of three or not, with decimals and an exponent or not."""
    body = text[1:] if text.startswith(("+", "-")) else text
    mantissa, mark, exponent = body.replace("E", "e").partition("e")
    whole, point, fraction = mantissa.partition(decimal)
    if mark and not _is_exponent(exponent):
        return False
    if fraction and not fraction.isdecimal():
        return False
    if not whole:
        return bool(point and fraction)
    return whole.isdecimal() or _is_grouped(whole, "," if decimal == "." else ".")


def _is_exponent(text: str) -> bool:
    digits = text[1:] if text.startswith(("+", "-")) else text
    return digits.isdecimal() and len(digits) <= _LONGEST_EXPONENT


def _is_grouped(text: str, separator: str) -> bool:
    first, *groups = text.split(separator)
    if not groups or not first.isdecimal() or len(first) > _GROUP_LENGTH or first.startswith("0"):
        return False
    return all(len(group) == _GROUP_LENGTH and group.isdecimal() for group in groups)
