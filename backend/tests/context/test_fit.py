"""What goes into a prompt and what stays out, over chats of any shape."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.context.assemble import AssembledContext, fit, tokens_of
from coda.context.budget import Budget, estimate_tokens
from coda.context.refit import refit
from coda.context.system_prompt import system_prompt
from coda.conversations.models import Message
from coda.conversations.parts import size_of, text_parts
from coda.llm.types import ChatMessage, ToolCallRequest, ToolSpec
from tests.context.models import model_with

TOOL = ToolSpec("calculator", "Calculates.", {"type": "object", "properties": {"expression": {"type": "string"}}})
SYSTEM = "You are Coda."


def chat_of(texts: list[str]) -> list[Message]:
    """A path, newest first, as it is stored: question, answer, question ..., ending with the question."""
    path: list[Message] = []
    for number, text in enumerate(texts):
        parent = path[-1] if path else None
        path.append(
            Message(
                id=UUID(int=number),
                parent_id=parent.id if parent else None,
                role="assistant" if number % 2 else "user",
                content=text_parts(text),
                depth=number,
                chars_above=parent.chars_above + size_of(parent.content) if parent else 0,
            )
        )
    return path[::-1]


def part(context: AssembledContext, kind: str) -> dict[str, int]:
    return next((each for each in context.record["parts"] if each["kind"] == kind), {"tokens": 0, "items": 0})


texts = st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=15).map(
    lambda found: found if len(found) % 2 else found[:-1]
)


class TestFit:
    def test_a_short_chat_goes_in_whole(self) -> None:
        context = fit(chat_of(["Hi", "Hello!", "How much?"]), system=SYSTEM, tools=[TOOL], budget=Budget(8_000, 1_000))

        assert [(each.role, each.text) for each in context.messages] == [
            ("system", SYSTEM),
            ("user", "Hi"),
            ("assistant", "Hello!"),
            ("user", "How much?"),
        ]
        assert context.record["left_out"] == {"messages": 0, "tokens": 0}
        assert context.left_out_sentence is None
        assert context.question_text == "How much?"
        assert [(each["kind"], each["items"]) for each in context.record["parts"]] == [
            ("system", 1),
            ("history", 2),
            ("tools", 1),
            ("question", 1),
        ]

    def test_what_does_not_fit_is_told(self) -> None:
        path = chat_of(["word " * 100] * 14 + ["The question"])

        context = fit(path, system=SYSTEM, tools=[], budget=Budget(500, 100))

        assert part(context, "history")["items"] == 2
        assert context.record["left_out"]["messages"] == 12
        assert context.left_out_sentence == "12 earlier messages left out"
        truth = 12 * estimate_tokens("word " * 100)
        assert context.record["left_out"]["tokens"] == pytest.approx(truth, rel=0.1)

    def test_the_question_is_in_even_when_it_is_too_long(self) -> None:
        path = chat_of(["a", "b", "long " * 1_000])

        context = fit(path, system=SYSTEM, tools=[], budget=Budget(500, 100))

        assert [each.role for each in context.messages] == ["system", "user"]
        assert context.record["left_out"]["messages"] == 2

    def test_what_was_never_fetched_counts_as_left_out(self) -> None:
        path = chat_of(["word " * 100] * 100 + ["The question"])

        context = fit(path[:6], system=SYSTEM, tools=[], budget=Budget(10_000, 100))

        assert part(context, "history")["items"] == 4
        assert context.record["left_out"]["messages"] == 96
        assert context.record["left_out"]["tokens"] == pytest.approx(96 * estimate_tokens("word " * 100), rel=0.1)

    @given(texts, st.integers(60, 3_000))
    def test_holds_for_any_chat_and_window(self, written: list[str], window: int) -> None:
        path = chat_of(written)
        budget = Budget(window, window // 4)

        context = fit(path, system=SYSTEM, tools=[TOOL], budget=budget)

        taken = part(context, "history")["items"]
        total = sum(each["tokens"] for each in context.record["parts"])
        assert context.messages[0].role == "system"
        assert context.messages[-1] == ChatMessage.of("user", written[-1])
        assert taken % 2 == 0
        assert taken + context.record["left_out"]["messages"] == len(written) - 1
        assert taken == 0 or total <= budget.for_prompt
        assert [each.text for each in context.messages[1:]] == written[len(written) - 1 - taken :]
        if taken < len(written) - 1:
            next_exchange = tokens_of(
                ChatMessage.of("user", text) for text in written[-taken - 3 : len(written) - 1 - taken]
            )
            assert total + next_exchange > budget.for_prompt


class TestRefit:
    def prompt(self, result: str) -> list[ChatMessage]:
        call = ToolCallRequest("1", "read", "{}")
        return [
            ChatMessage.of("system", SYSTEM),
            ChatMessage.of("user", "old " * 200),
            ChatMessage.of("assistant", "older " * 200),
            ChatMessage.of("user", "The question"),
            ChatMessage.of("assistant", "", tool_calls=(call,)),
            ChatMessage.of("tool", result, tool_call_id="1", name="read"),
        ]

    def test_what_fits_stays_as_it_is(self) -> None:
        prompt = self.prompt("short")

        assert refit(prompt, model=model_with(32_000), tools=[TOOL]) == prompt

    def test_the_oldest_exchange_goes_first(self) -> None:
        prompt = self.prompt("result " * 300)

        fitted = refit(prompt, model=model_with(1_200), tools=[TOOL])

        assert fitted == [prompt[0], *prompt[3:]]

    @pytest.mark.parametrize("size", [10_000, 200_000])
    def test_then_long_results_are_shortened_and_say_so(self, size: int) -> None:
        fitted = refit(self.prompt("x, " * (size // 3)), model=model_with(4_000), tools=[TOOL])

        assert tokens_of(fitted) <= 3_000
        assert [each.role for each in fitted] == ["system", "user", "assistant", "tool"]
        assert fitted[-1].text.endswith(f" of {size // 3 * 3:,} characters are shown.]")
        assert fitted[-1].tool_call_id == "1"

    def test_what_cannot_be_helped_ends(self) -> None:
        prompt = [ChatMessage.of("system", SYSTEM), ChatMessage.of("user", "long " * 10_000)]

        assert refit(prompt, model=model_with(1_000), tools=[]) == prompt


class TestSystemPrompt:
    def test_tells_the_day_where_the_person_is(self) -> None:
        at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)

        assert "Saturday, 21 November 2026 (Asia/Tokyo)" in system_prompt(at=at, time_zone="Asia/Tokyo", tools=[])

    def test_is_the_same_all_day(self) -> None:
        prompts = {
            system_prompt(at=datetime(2026, 11, 20, hour, tzinfo=UTC), time_zone="UTC", tools=[TOOL])
            for hour in range(24)
        }

        assert len(prompts) == 1

    def test_speaks_of_tools_only_where_there_are_some(self) -> None:
        at = datetime(2026, 11, 20, tzinfo=UTC)

        assert "Tools: calculator." in system_prompt(at=at, time_zone="UTC", tools=[TOOL])
        assert "tool wherever" not in system_prompt(at=at, time_zone="UTC", tools=[])
