"""Statistics over a table in the question."""

from typing import Any

from coda.core.patterns import WORD_START, Pattern
from coda.llm.adapters.demo.numbers import shown
from coda.llm.adapters.demo.plan import Call
from coda.llm.adapters.demo.situation import Situation

_SEPARATORS = ("|", "\t", ";", ",")
_FEWEST_LINES = 3
_GROUP = Pattern(
    rf"(?i){WORD_START}(?:by|per|group(?:ed)? by|por|agrupad[oa]s? por)\s+[\"'`]?([\w ]+?)[\"'`]?(?:[.:?!\n]|$)"
)
_CORRELATION = Pattern(r"(?i)correlat|correlaç")
_NUMBER_CELL = Pattern(r"(?:^|[|\t;,])\s*[\"$€£]?-?\d[\d.,]*\s*%?[\"]?\s*(?:$|[|\t;,])")
_REASONING = {
    "en": "There is a table of {rows} lines in the question. The statistics tool will read it as it was pasted.",
    "pt": "Há uma tabela de {rows} linhas na pergunta. A ferramenta de estatística vai lê-la como foi colada.",
}
_HEADS = {
    "en": ("Column", "Count", "Mean", "Median", "Std. dev.", "Min", "Max", "Sum"),
    "pt": ("Coluna", "N", "Média", "Mediana", "Desvio padrão", "Mín.", "Máx.", "Soma"),
}
_ROWS = {"en": "The table has **{rows} rows**.", "pt": "A tabela tem **{rows} linhas**."}
_GROUPS = {"en": "By {key}:", "pt": "Por {key}:"}
_WORDS = {
    "en": "- **{name}**: {distinct} different values, most often {common}",
    "pt": "- **{name}**: {distinct} valores diferentes, mais frequente: {common}",
}
_CORRELATIONS = {"en": "Correlations (Pearson):", "pt": "Correlações (Pearson):"}


def tables(situation: Situation) -> Call | None:
    """The longest block of lines with one separator, at least a header and two rows."""
    block = table_in(situation.pasted)
    if block is None:
        return None
    around = situation.pasted.replace(block, " \n ")
    arguments: dict[str, Any] = {"table": block}
    group = _GROUP.search(around)
    header = block.splitlines()[0].casefold()
    if group is not None and group.group(1).strip().casefold() in header:
        arguments["group_by"] = group.group(1).strip()
    if _CORRELATION.search(around):
        arguments["correlation"] = True
    reasoning = situation.say(_REASONING).replace("{rows}", str(len(block.splitlines())))
    return Call("table_statistics", arguments, reasoning, lambda result: _answer(result, situation))


def table_in(text: str) -> str | None:
    """The longest run of lines that all have the same separator equally often."""
    best: list[str] = []
    for separator in _SEPARATORS:
        run: list[str] = []
        in_run = 0
        for line in [*text.splitlines(), ""]:
            count = line.count(separator)
            if count and (not run or count == in_run):
                run.append(line)
                in_run = count
                continue
            best = run if len(run) > len(best) else best
            run, in_run = [line] if count else [], count
    if len(best) < _FEWEST_LINES or not any(_NUMBER_CELL.search(line) for line in best[1:]):
        return None
    return "\n".join(best)


def _answer(result: Any, situation: Situation) -> str:  # noqa: ANN401 - a tool's JSON
    parts = [situation.say(_ROWS).replace("{rows}", str(result["rows"]))]
    numbers = [column for column in result["columns"] if column["type"] == "number"]
    if numbers:
        parts.append(_number_table(numbers, situation))
    parts.extend(_word_lines(result["columns"], situation))
    if result.get("groups"):
        parts.append(_group_table(result, situation))
    if result.get("correlations"):
        parts.append(_correlation_lines(result["correlations"], situation))
    parts.extend(f"> {note}" for note in result.get("notes", ()))
    return "\n\n".join(parts)


def _number_table(columns: list[dict[str, Any]], situation: Situation) -> str:
    keys = ("count", "mean", "median", "sd", "min", "max", "sum")
    rows = [[str(column["name"]), *(_cell(column.get(key), situation) for key in keys)] for column in columns]
    return markdown_table(list(situation.say(_HEADS)), rows)


def _word_lines(columns: list[dict[str, Any]], situation: Situation) -> list[str]:
    lines = []
    for column in columns:
        if column["type"] == "text" and column.get("most_common"):
            common = ", ".join(f"{each['value']} ({each['count']})" for each in column["most_common"][:3])
            words = situation.say(_WORDS).replace("{name}", str(column["name"]))
            lines.append(words.replace("{distinct}", str(column["distinct"])).replace("{common}", common))
    return ["\n".join(lines)] if lines else []


def _group_table(result: Any, situation: Situation) -> str:  # noqa: ANN401 - a tool's JSON
    """One row a group: its name, its size, the sum and mean of each number column."""
    heads = [str(result["group_by"]), situation.say(_HEADS)[1]]
    for column in result["groups"][0]["columns"]:
        heads += [f"{column['name']}: {situation.say(_HEADS)[7]}", f"{column['name']}: {situation.say(_HEADS)[2]}"]
    rows = []
    for group in result["groups"]:
        row = [str(group["group"]), str(group["rows"])]
        for column in group["columns"]:
            row += [_cell(column["sum"], situation), _cell(column["mean"], situation)]
        rows.append(row)
    title = situation.say(_GROUPS).replace("{key}", str(result["group_by"]))
    return f"{title}\n\n{markdown_table(heads, rows)}"


def _correlation_lines(correlations: list[dict[str, Any]], situation: Situation) -> str:
    lines = [
        f"- {each['columns'][0]} \u00d7 {each['columns'][1]}: **{_cell(each.get('r'), situation)}**"
        for each in correlations
    ]
    return f"{situation.say(_CORRELATIONS)}\n\n" + "\n".join(lines)


def _cell(value: Any, situation: Situation) -> str:  # noqa: ANN401 - a tool's JSON
    if not isinstance(value, int | float):
        return "\u2013" if value is None else str(value)
    return shown(f"{value:.6g}" if abs(value) < 1_000_000 else round(value, 2), situation.language)


def markdown_table(heads: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; numbers stand on the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
