"""Whatever a person writes, the demo model reads it in little time and makes little of it."""

import time

import pytest

from coda.llm.adapters.demo import DemoModel
from coda.llm.types import ChatMessage, ChatRequest, ToolSpec
from tests.llm.asking import ask

TOOLS = [ToolSpec(name, "", {}) for name in ("calculator", "table_statistics", "date_time", "optimize")]
LONG = {
    "powers": "^9" * 20_000,
    "a sum": "what is " + "1+" * 50_000 + "1",
    "products": "2x" * 20_000,
    "digits": "9" * 100_000,
    "parentheses": "(" * 50_000 + "1",
    "roots": "sqrt(" * 10_000 + "4",
    "an objective": "maximize " + "x+" * 20_000 + "x subject to " + "x <= 4; " * 5_000,
    "objectives": "maximize x with " * 5_000 + "x <= 1; " * 5_000,
    "one long line before a table": "x" * 100_000 + "|1\n" + "a|1\n" * 30_000,
    "a long table": "a|b\n" + "1|2\n" * 40_000,
    "wide lines": ("," * 50_000 + "\n") * 3,
    "dates": "2024-01-01 " * 10_000,
    "times and places": "12:30 in Paris " * 10_000,
    "percentages": "5 % of " * 10_000,
    "spaces": "1" + " " * 100_000 + "+",
    "what decides nothing": "long about the text " * 20_000,
    "halves of characters": "\ud83d9+" * 30_000,
}


def request(question: str) -> ChatRequest:
    return ChatRequest("coda", [ChatMessage.of("user", question)], TOOLS)


@pytest.mark.parametrize("question", LONG.values(), ids=LONG)
async def test_it_takes_no_time_and_says_little(question: str) -> None:
    before = time.process_time()
    said = await ask(DemoModel(0), request(question))

    assert said.deltas < 1_500
    assert time.process_time() - before < 2, "a second of one core; it was 15 for the first of these"


async def test_a_question_behind_a_long_text_is_read() -> None:
    said = await ask(DemoModel(0), request("lorem ipsum " * 5_000 + "\nWhat is 6 * 7?"))

    assert said.calls[0].arguments == '{"expression":"6 * 7"}'


async def test_a_table_is_read_to_its_end() -> None:
    table = "a|b\n" + "1|2\n" * 40_000
    said = await ask(DemoModel(0), request(f"Summarise this:\n{table}"))

    assert said.calls[0].name == "table_statistics"
    assert said.calls[0].arguments.count("1|2") == 40_000
