"""Statistics over a pasted table: per column, by group, and correlations. Sums and means are exact decimals."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from coda.tools.builtin.table import NumberFormat, Table, is_missing, number_format, read_number, read_table
from coda.tools.errors import ToolFailed
from coda.tools.types import Arguments, Check, FunctionTool, ToolCallContext

MOST_GROUPS = 200
MOST_CORRELATED = 12
_MOST_VALUES = 5
_NUMERIC_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Column:
    """One column as numbers, None where a cell has none; `numbers` is None for a column of words."""

    name: str
    cells: Sequence[str]
    numbers: Sequence[Decimal | None] | None
    notes: tuple[str, ...] = ()

    def present(self) -> list[Decimal]:
        """The numbers that are there."""
        return [number for number in self.numbers or () if number is not None]


async def table_statistics(arguments: Arguments, call: ToolCallContext) -> dict[str, Any]:
    """Read and describe the table in a worker process."""
    result: dict[str, Any] = await call.workers.call(f"{__name__}:describe", arguments, caller=call.user_id)
    return result


def describe(arguments: Arguments) -> dict[str, Any]:
    """`{rows, columns: [...], groups?, correlations?, notes}`."""
    table = read_table(arguments["table"], has_header=arguments.get("has_header", True))
    formats = _formats(table, arguments.get("decimal_separator", "auto"))
    with localcontext() as context:
        context.prec = 50
        columns = {name: _column(table, name, formats[name]) for name in table.columns}
        wanted = [_known(columns, name) for name in arguments.get("columns") or columns]
        notes = [*table.notes, *(note for column in wanted for note in column.notes)]
        result: dict[str, Any] = {"rows": len(table.rows), "columns": [_described(column) for column in wanted]}
        if "group_by" in arguments:
            key = _known(columns, arguments["group_by"])
            result["group_by"], result["groups"] = key.name, _groups(key, wanted, notes)
        if arguments.get("correlation"):
            result["correlations"] = _correlations(wanted, notes)
        return {**result, "notes": notes}


def _known(columns: dict[str, Column], name: str) -> Column:
    for candidate, column in columns.items():
        if candidate.casefold() == name.strip().casefold():
            return column
    raise ToolFailed(f"There is no column {name!r}. Columns: {', '.join(columns)}.")


def _formats(table: Table, separator: str) -> Mapping[str, NumberFormat]:
    """How each column writes numbers: as the caller says, as its cells tell, else as the other columns do."""
    if separator != "auto":
        return dict.fromkeys(table.columns, NumberFormat(separator == ","))
    usual = number_format(cell for row in table.rows for cell in row)
    return {name: number_format(table.cells(name), usual=usual) for name in table.columns}


def _column(table: Table, name: str, form: NumberFormat) -> Column:
    cells = table.cells(name)
    there = [cell for cell in cells if not is_missing(cell)]
    numbers = [None if is_missing(cell) else read_number(cell, form) for cell in cells]
    readable = sum(1 for number in numbers if number is not None)
    if not there or readable < _NUMERIC_SHARE * len(there):
        return Column(name, cells, None)
    notes = []
    if readable < len(there):
        notes.append(f"{name}: {len(there) - readable} cell(s) are not numbers and count as missing.")
    if form.is_guess:
        notes.append(f"{name}: the numbers could be read in two ways; read with the point as decimal sign.")
    return Column(name, cells, numbers, tuple(notes))


def _described(column: Column) -> dict[str, Any]:
    if column.numbers is None:
        return _words(column)
    numbers = sorted(column.present())
    mean = sum(numbers, Decimal(0)) / len(numbers)
    lower, median, upper = (_quantile(numbers, part) for part in (Decimal("0.25"), Decimal("0.5"), Decimal("0.75")))
    return {
        "name": column.name,
        "type": "number",
        "count": len(numbers),
        "missing": len(column.cells) - len(numbers),
        "sum": _shown(sum(numbers, Decimal(0))),
        "mean": _shown(mean),
        "median": _shown(median),
        "sd": _shown(_deviation(numbers, mean)),
        "min": _shown(numbers[0]),
        "q1": _shown(lower),
        "q3": _shown(upper),
        "max": _shown(numbers[-1]),
    }


def _words(column: Column) -> dict[str, Any]:
    there = [cell for cell in column.cells if not is_missing(cell)]
    common = Counter(there).most_common(_MOST_VALUES)
    return {
        "name": column.name,
        "type": "text",
        "count": len(there),
        "missing": len(column.cells) - len(there),
        "distinct": len(set(there)),
        "most_common": [{"value": value[:100], "count": count} for value, count in common],
    }


def _quantile(ordered: Sequence[Decimal], part: Decimal) -> Decimal:
    """Linear between the two nearest values (the usual method of spreadsheets: QUARTILE.INC)."""
    position = part * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def _deviation(numbers: Sequence[Decimal], mean: Decimal) -> Decimal | None:
    """Of a sample (n - 1); one number has none."""
    if len(numbers) < 2:
        return None
    return (sum(((number - mean) ** 2 for number in numbers), Decimal(0)) / (len(numbers) - 1)).sqrt()


def _shown(value: Decimal | None) -> float | None:
    return None if value is None else float(f"{value:.15g}")


def _groups(key: Column, columns: Sequence[Column], notes: list[str]) -> list[dict[str, Any]]:
    members: dict[str, list[int]] = defaultdict(list)
    for row, cell in enumerate(key.cells):
        members[cell if not is_missing(cell) else "(missing)"].append(row)
    if len(members) > MOST_GROUPS:
        notes.append(f"There are {len(members)} groups; the {MOST_GROUPS} largest are shown.")
    largest = sorted(members, key=lambda name: -len(members[name]))[:MOST_GROUPS]
    numeric = [column for column in columns if column.numbers is not None and column.name != key.name]
    return [
        {"group": name, "rows": len(members[name]), "columns": [_of_group(each, members[name]) for each in numeric]}
        for name in largest
    ]


def _of_group(column: Column, rows: Sequence[int]) -> dict[str, Any]:
    numbers = [number for row in rows if (number := (column.numbers or ())[row]) is not None]
    total = sum(numbers, Decimal(0))
    mean = total / len(numbers) if numbers else None
    return {"name": column.name, "count": len(numbers), "sum": _shown(total), "mean": _shown(mean)}


def _correlations(columns: Sequence[Column], notes: list[str]) -> list[dict[str, Any]]:
    numeric = [column for column in columns if column.numbers is not None]
    if len(numeric) > MOST_CORRELATED:
        notes.append(f"Correlations of the first {MOST_CORRELATED} number columns only.")
        numeric = numeric[:MOST_CORRELATED]
    return [_pair(left, right) for place, left in enumerate(numeric) for right in numeric[place + 1 :]]


def _pair(left: Column, right: Column) -> dict[str, Any]:
    """Pearson's r over the rows that have both; None where a column does not vary."""
    both = zip(left.numbers or (), right.numbers or (), strict=True)
    pairs = [(float(x), float(y)) for x, y in both if x is not None and y is not None]
    return {"columns": [left.name, right.name], "r": _pearson(pairs), "rows": len(pairs)}


def _pearson(pairs: Sequence[tuple[float, float]]) -> float | None:
    if len(pairs) < 2:
        return None
    mean_x = math.fsum(x for x, _ in pairs) / len(pairs)
    mean_y = math.fsum(y for _, y in pairs) / len(pairs)
    shared = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    spread = math.sqrt(math.fsum((x - mean_x) ** 2 for x, _ in pairs)) * math.sqrt(
        math.fsum((y - mean_y) ** 2 for _, y in pairs)
    )
    return max(-1.0, min(1.0, round(shared / spread, 12))) if spread else None


def check(_arguments: Arguments, result: Any) -> list[Check]:  # noqa: ANN401 - a result is any JSON value
    """The figures of each column stand in their natural order and count every row."""
    columns = result["columns"]
    uncounted = [each["name"] for each in columns if each["count"] + each["missing"] != result["rows"]]
    ordered = ("min", "q1", "median", "q3", "max")
    unordered = [
        each["name"]
        for each in columns
        if each["type"] == "number" and [each[key] for key in ordered] != sorted(each[key] for key in ordered)
    ]
    return [
        Check("rows", not uncounted, "Every row was counted." if not uncounted else f"Miscounted: {uncounted}."),
        Check("unambiguous", not result["notes"], " ".join(result["notes"]) or "All cells were read.", must=False),
        Check(
            "order",
            not unordered,
            "Every row was counted, and minimum, quartiles and maximum are in order."
            if not unordered
            else f"Out of order: {unordered}.",
        ),
    ]


TABLE_STATISTICS = FunctionTool(
    name="table_statistics",
    title="Analysed a table",
    keeps=lambda _: True,
    description=(
        "Statistics over a table that the person pasted: per column count, missing, sum, mean, median, standard "
        "deviation (sample), minimum, quartiles, maximum; optionally sums and means by group, and correlations. "
        "Pass the table text unchanged (CSV, TSV, semicolons or Markdown); thousands separators, decimal commas, "
        "currency and percent signs are understood."
    ),
    parameters={
        "type": "object",
        "properties": {
            "table": {"type": "string", "description": "The table as text, header line included."},
            "has_header": {"type": "boolean", "description": "Whether the first line names the columns. Default true."},
            "columns": {"type": "array", "items": {"type": "string"}, "description": "Only these. Default: all."},
            "group_by": {"type": "string", "description": "Column whose values form groups."},
            "correlation": {"type": "boolean", "description": "Also correlate the number columns with each other."},
            "decimal_separator": {"enum": ["auto", ".", ","], "description": "Default auto."},
        },
        "required": ["table"],
        "additionalProperties": False,
    },
    result_schema={
        "type": "object",
        "properties": {
            "rows": {"type": "integer", "minimum": 0},
            "columns": {"type": "array", "items": {"type": "object", "required": ["name", "type", "count", "missing"]}},
            "notes": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["rows", "columns", "notes"],
    },
    run=table_statistics,
    check=check,
)
