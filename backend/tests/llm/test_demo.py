"""The demo model: what it decides, with the real tools, in both languages."""

import asyncio
import time
from collections.abc import Collection, Sequence
from contextlib import aclosing
from typing import Literal
from uuid import uuid4

import orjson
import pytest

from coda.core.settings import ToolSettings
from coda.llm.adapters.demo import DemoModel
from coda.llm.adapters.demo.arithmetic import evaluate
from coda.llm.adapters.demo.model import tokens_of
from coda.llm.adapters.demo.numbers import read_number, shown
from coda.llm.adapters.demo.situation import language_of
from coda.llm.adapters.demo.words import read_text
from coda.llm.adapters.streams import deltas_of
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest, ToolSpec
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.invocation import invoke
from coda.tools.policies import PolicyLevels
from coda.tools.selection import select
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import ToolCallContext, Workers
from coda.tools.wiring import build_workers
from tests.llm.asking import Said, ask

Role = Literal["system", "user", "assistant"]

BUILTIN = FunctionToolset("built-in", BUILTIN_TOOLS)
TOOLS = {tool.name: tool for tool in BUILTIN.tools}
SPECS = select(BUILTIN.tools, PolicyLevels()).specs
DEMO = DemoModel(0)


async def converse(question: str, *, without: Collection[str] = ()) -> tuple[list[ToolCallRequest], Said]:
    """Ask, run the tools that are called, ask again: the calls and the answer. `without`: tools that are off."""
    workers = build_workers(ToolSettings())
    try:
        return await _converse(question, [spec for spec in SPECS if spec.name not in without], workers)
    finally:
        await workers.close()


async def _converse(question: str, specs: Sequence[ToolSpec], workers: Workers) -> tuple[list[ToolCallRequest], Said]:
    messages = [ChatMessage.of("system", "You are an agent."), ChatMessage.of("user", question)]
    made: list[ToolCallRequest] = []
    for _ in range(3):
        said = await ask(DEMO, ChatRequest("coda", messages, specs))
        assert said.reasoning
        if not said.calls:
            return made, said
        assert said.finish == "tool_calls"
        messages.append(ChatMessage.of("assistant", said.text, tool_calls=tuple(said.calls.values())))
        for call in said.calls.values():
            made.append(call)
            context = ToolCallContext(uuid4(), uuid4(), call.id, deadline=time.monotonic() + 60, workers=workers)
            outcome = await invoke(BUILTIN, TOOLS[call.name], call.arguments, context, limits=ToolSettings())
            messages.append(ChatMessage.of("tool", outcome.content, tool_call_id=call.id))
    raise AssertionError("it never answered")


class TestCalculations:
    @pytest.mark.parametrize(
        ("question", "expression", "answer"),
        [
            ("What is 17.5 % of 2,340?", "2340*17.5/100", "17.5 % of 2,340 is **409.5** (2340 \u00d7 17.5 ÷ 100)."),
            ("Quanto é 17,5 % de 2.340?", "2340*17.5/100", "17,5 % de 2.340 é **409,5** (2.340 \u00d7 17,5 ÷ 100)."),
            ("what's 12*(3+4)?", "12*(3+4)", "`12*(3+4)` = **84**."),
            ("square root of 144 plus 5", "sqrt(144) + 5", "`sqrt(144) + 5` = **17**."),
            ("Quanto é 15 vezes 3,5?", "15 * 3.5", "`15 * 3,5` = **52,5**."),
            ("what is 3 - 5?", "3 - 5", "`3 - 5` = **-2**."),
            ("round(10/3, 2)", "round(10/3, 2)", "`round(10/3, 2)` = **3.33**."),
        ],
    )
    async def test_the_calculator_is_called(self, question: str, expression: str, answer: str) -> None:
        calls, said = await converse(question)

        assert [(call.name, orjson.loads(call.arguments)) for call in calls] == [
            ("calculator", {"expression": expression})
        ]
        assert said.text == answer

    async def test_an_error_of_the_tool_is_passed_on(self) -> None:
        _, said = await converse("what is 1/0?")

        assert "Division by zero" in said.text

    async def test_without_tools_it_calculates_what_it_can_and_says_so(self) -> None:
        said = await ask(DEMO, ChatRequest("coda", [ChatMessage.of("user", "What is 17.5 % of 2,340?")]))

        assert "409.5" in said.text
        assert "No calculator" in said.text

    @pytest.mark.parametrize(
        ("expression", "value"),
        [("2340*17.5/100", "409.5"), ("-(2+3)*4", "-20"), ("1/3", "0.333333333333333"), ("2^3", None), ("x", None),
         ("1/0", None), ("sqrt(2)", None)],
    )  # fmt: skip
    def test_own_arithmetic_is_plain(self, expression: str, value: str | None) -> None:
        assert evaluate(expression) == value


class TestDates:
    @pytest.mark.parametrize(
        ("question", "arguments", "words"),
        [
            (
                "How many days are there between 2026-01-01 and December 25, 2026?",
                {"operation": "difference", "start": "2026-01-01", "end": "2026-12-25"},
                "**358 days**",
            ),
            (
                "Quantos dias entre 01/01/2026 e 25 de dezembro de 2026?",
                {"operation": "difference", "start": "2026-01-01", "end": "2026-12-25"},
                "**358 dias**",
            ),
            ("Which weekday is 2026-12-25?", {"operation": "weekday", "start": "2026-12-25"}, "**Friday**"),
            ("Que dia da semana é 25/12/2026?", {"operation": "weekday", "start": "2026-12-25"}, "**sexta-feira**"),
            (
                "90 days after 2026-01-15",
                {"operation": "add", "start": "2026-01-15", "amount": 90, "unit": "days"},
                "**2026-04-15**",
            ),
            (
                "3 months before 2026-03-31",
                {"operation": "add", "start": "2026-03-31", "amount": -3, "unit": "months"},
                "**2025-12-31**",
            ),
            (
                "dias úteis entre 2026-11-02 e 2026-11-30",
                {"operation": "business_days", "start": "2026-11-02", "end": "2026-11-30"},
                "**21 dias úteis**",
            ),
        ],
    )
    async def test_the_calendar_is_asked(self, question: str, arguments: dict[str, object], words: str) -> None:
        calls, said = await converse(question)

        assert [orjson.loads(call.arguments) for call in calls] == [arguments]
        assert words in said.text

    @pytest.mark.parametrize(
        ("question", "zone"),
        [("What time is it in Tokyo?", "Tokyo"), ("Que horas são em Nova York?", "America/New_York")],
    )
    async def test_the_time_elsewhere(self, question: str, zone: str) -> None:
        calls, said = await converse(question)

        assert orjson.loads(calls[0].arguments) == {"operation": "now", "to_zone": zone}
        assert "**" in said.text

    @pytest.mark.parametrize(
        ("question", "start", "words"),
        [
            ("At 9:00 in Lisbon on 2026-03-02, what time is it in Tokyo?", "2026-03-02T09:00", "**18:00** on Monday"),
            ("At 12:30 pm in Lisbon on 2026-03-02, what time is it in Tokyo?", "2026-03-02T12:30", "**21:30**"),
            ("Às 15h em Lisboa em 2026-03-02, que horas são em Tóquio?", "2026-03-02T15:00", "**00:00**, terça-feira"),
        ],
    )
    async def test_a_given_time_elsewhere(self, question: str, start: str, words: str) -> None:
        calls, said = await converse(question)

        arguments = orjson.loads(calls[0].arguments)
        assert (arguments["operation"], arguments["start"]) == ("convert", start)
        assert words in said.text

    @pytest.mark.parametrize("question", ["What day is it today?", "Que dia é hoje?"])
    async def test_today(self, question: str) -> None:
        calls, _ = await converse(question)

        assert orjson.loads(calls[0].arguments) == {"operation": "now"}

    async def test_a_place_that_no_zone_knows(self) -> None:
        _, said = await converse("What time is it in Gotham?")

        assert "Gotham" in said.text
        assert "not known" in said.text

    async def test_without_the_tool_it_does_not_guess(self) -> None:
        said = await ask(DEMO, ChatRequest("coda", [ChatMessage.of("user", "What time is it?")]))

        assert "date_time" in said.text

    async def test_two_questions_are_two_calls(self) -> None:
        calls, said = await converse("What is 5*5 and what time is it in Lisbon?")

        assert [call.name for call in calls] == ["calculator", "date_time"]
        assert "**25**" in said.text
        assert "Lisbon" in said.text


class TestTablesAndOptima:
    async def test_a_pasted_table(self) -> None:
        calls, said = await converse("Analyse this by city:\n\ncity,sales\nRome,10\nOslo,20\nRome,30\n")

        assert orjson.loads(calls[0].arguments)["group_by"] == "city"
        assert "| sales | 3 | 20 |" in said.text
        assert "| Rome | 2 | 40 | 20 |" in said.text

    async def test_correlations_in_portuguese(self) -> None:
        _, said = await converse("Qual a correlação nesta tabela?\n\na;b\n1;2\n2;4\n3;6\n")

        assert "a \u00d7 b: **1**" in said.text

    async def test_prose_with_commas_is_no_table(self) -> None:
        calls, _ = await converse("Dear all,\nthank you, friends\nand, well, goodbye\n")

        assert calls == []

    @pytest.mark.parametrize(
        ("question", "best"),
        [
            ("Maximize 3x + 5y subject to x <= 4; 2y <= 12; 3x + 2y <= 18", "**36**"),
            ("Maximizar 5a + 4b sujeito a 6a + 4b <= 24, a + 2b <= 6, inteiros", "**20**"),
            ("minimize 2x + y such that x + y >= 10 and x >= 3", "**13**"),
        ],
    )
    async def test_an_optimum(self, question: str, best: str) -> None:
        calls, said = await converse(question)

        assert calls[0].name == "optimize"
        assert best in said.text

    async def test_no_solution_is_said(self) -> None:
        _, said = await converse("Maximize x subject to x <= 1; x >= 2")

        assert "No solution" in said.text


class TestSwitchedOff:
    @pytest.mark.parametrize(
        ("question", "said"),
        [
            ("Maximize 3x + 5y subject to x <= 4; 2y <= 12; 3x + 2y <= 18", "`optimize`, which I do not have here"),
            ("Maximizar 5a + 4b sujeito a 6a + 4b <= 24, a + 2b <= 6", "`optimize`, que não tenho aqui"),
            ("What time is it in Tokyo?", "`date_time`, which I do not have here"),
            ("factorial(20)", "the calculator, which I do not have here"),
        ],
    )
    async def test_it_says_so_plainly(self, question: str, said: str) -> None:
        calls, answer = await converse(question, without={"optimize", "date_time", "calculator"})

        assert calls == []
        assert said in answer.text

    async def test_of_two_parts_the_one_that_it_can_do_is_done(self) -> None:
        question = "What is 6*7, and how many days are there between 2026-01-01 and 2026-12-25?"
        assert [call.name for call in (await converse(question))[0]] == ["calculator", "date_time"]

        calls, said = await converse(question, without={"date_time"})

        assert [call.name for call in calls] == ["calculator"]
        assert "**42**" in said.text
        assert "`date_time`, which I do not have here" in said.text
        assert "No calculator" not in said.text


class TestWords:
    @pytest.mark.parametrize("question", ["Who are you?", "hello", "olá", "What is the capital of France?", "obrigado"])
    async def test_it_says_what_it_is(self, question: str) -> None:
        _, said = await converse(question)

        assert "demo" in said.text
        assert "17" in said.text

    @pytest.mark.parametrize(
        ("question", "start"),
        [
            ("Write a long text about rivers", "## Rivers"),
            ("Escreva um texto longo sobre rios", "## Rios"),
            ("Write a long essay about whales", "I am the demo model and know nothing about whales"),
        ],
    )
    async def test_long_texts(self, question: str, start: str) -> None:
        _, said = await converse(question)

        assert said.text.startswith(start)
        assert said.deltas > 500

    async def test_very_long_is_four_times_as_long(self) -> None:
        _, said = await converse("Write a very long text about rivers")

        assert [line for line in said.text.splitlines() if line.startswith("# ")] == ["# 1", "# 2", "# 3", "# 4"]

    async def test_formats(self) -> None:
        _, said = await converse("Show me markdown with code and a formula")

        assert "```python" in said.text
        assert "$$" in said.text


class TestStream:
    async def test_the_same_question_gives_the_same_stream(self) -> None:
        first = await converse("Write a long text about rivers")

        assert first == await converse("Write a long text about rivers")

    async def test_it_keeps_its_pace(self) -> None:
        started = time.perf_counter()
        async with aclosing(deltas_of(DemoModel(100), ChatRequest("coda", [ChatMessage.of("user", "hi")]))) as deltas:
            for _ in range(20):
                await anext(deltas)

        assert time.perf_counter() - started >= 0.18

    async def test_it_stops_at_the_limit(self) -> None:
        said = await ask(DEMO, ChatRequest("coda", [ChatMessage.of("user", "hi")], max_output_tokens=30))

        assert said.finish == "length"
        assert said.usage is not None
        assert said.usage.output_tokens == 30

    async def test_it_can_be_cancelled(self) -> None:
        reading = asyncio.create_task(ask(DemoModel(1), ChatRequest("coda", [ChatMessage.of("user", "hi")])))
        await asyncio.sleep(0)
        reading.cancel()

        with pytest.raises(asyncio.CancelledError):
            await reading

    @pytest.mark.parametrize("text", ["", " ", "a", "two  words\n\n", "  leading", "x" * 30, "a\n\n- b\n- c "])
    def test_tokens_are_the_text(self, text: str) -> None:
        assert "".join(tokens_of(text)) == text


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [("What is this?", "en"), ("O que é isto?", "pt"), ("12*3", "en"), ("Escreva um texto longo", "pt")],
    )
    def test_language(self, text: str, language: str) -> None:
        assert language_of(text) == language

    def test_numbers_in_both_languages(self) -> None:
        assert read_number("2,340", "en") == "2340"
        assert read_number("2.340", "pt") == "2340"
        assert read_number("1.234,5", "pt") == "1234.5"
        assert read_number("1,234.5", "pt") == "1234.5"
        assert read_number("2.5", "pt") == "2.5"
        assert shown("1234567.50", "en") == "1,234,567.5"
        assert shown("1234.5", "pt") == "1.234,5"
        assert shown("1E+30", "en") == "1E+30"
        assert shown("many", "en") == "many"

    @pytest.mark.parametrize("name", ["rivers", "journey", "formats", "abilities"])
    def test_every_text_is_there_in_both(self, name: str) -> None:
        assert read_text(name, "en") != read_text(name, "pt")


OPEN_WEBUI = """### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: Which rivers flow north?
ASSISTANT: I cannot answer that. I am Coda's demo model.
</chat_history>"""
LIBRECHAT = """Provide a concise, 5-word-or-less title for the conversation, with no punctuation.

Conversation:
User: Quanto é 17,5% de 2.340?
AI: 409,5"""
CODA = "Write a title for the conversation below: three to six words. Answer with the title alone."


@pytest.mark.parametrize(
    ("messages", "title"),
    [
        ([("user", OPEN_WEBUI)], '{"title":"Which rivers flow north?"}'),
        ([("user", LIBRECHAT)], "Quanto é 17,5% de 2.340?"),
        ([("system", CODA), ("user", "Question:\nWho was\nAda?\n\nAnswer:\nI cannot answer that.")], "Who was"),
        (
            [("user", "What is Coda?"), ("assistant", "x"), ("user", "Generate a short title for this chat.")],
            "What is Coda?",
        ),
        (
            [("user", "O que é um rio?"), ("assistant", "x"), ("user", "Gere um título curto para esta conversa.")],
            "O que é um rio?",
        ),
        ([("user", "Write a title for this conversation.")], "New chat"),
        (
            [("user", f"Give this chat a title.\n\nUser: {'long words ' * 20}")],
            "long words long words long words long words long words…",
        ),
    ],
)
async def test_a_title_that_is_asked_for_is_the_question_s(messages: list[tuple[Role, str]], title: str) -> None:
    said = await ask(DEMO, ChatRequest("coda", [ChatMessage.of(role, text) for role, text in messages]))

    assert said.text == title


@pytest.mark.parametrize("question", ["Write a poem with a title", "What is a title in a conversation?"])
async def test_other_questions_about_titles_are_answered(question: str) -> None:
    assert "demo model" in (await ask(DEMO, ChatRequest("coda", [ChatMessage.of("user", question)]))).text
