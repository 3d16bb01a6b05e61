"""What goes into a prompt and what stays out, over chats of any shape."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.context.budget import Budget
from coda.context.sources.system import system_prompt
from coda.llm.estimate import estimate_tokens, tokens_of
from coda.llm.types import ChatMessage
from tests.context.paths import TOOL, assembled, chat_of, part

SYSTEM = tokens_of([ChatMessage.of("system", system_prompt(at=datetime.now(UTC), time_zone="UTC", tools=[]))])

texts = st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=15).map(
    lambda found: found if len(found) % 2 else found[:-1]
)


def budget_beside_system(room: int) -> Budget:
    """A window with so much room for everything but the system prompt."""
    return Budget(SYSTEM + room + 100, 100)


class TestChoose:
    async def test_a_short_chat_goes_in_whole(self) -> None:
        context = await assembled(chat_of(["Hi", "Hello!", "How much?"]), Budget(8_000, 1_000), tools=[TOOL])

        system, *rest = context.prompt.messages
        assert system.text.startswith("You are Coda")
        assert [(each.role, each.text) for each in rest] == [
            ("user", "Hi"),
            ("assistant", "Hello!"),
            ("user", "How much?"),
        ]
        assert context.record["left_out"] == {"messages": 0, "tokens": 0}
        assert context.question_text == "How much?"
        assert [(each["kind"], each["items"]) for each in context.record["parts"]] == [
            ("system", 1),
            ("history", 2),
            ("tools", 1),
            ("question", 1),
        ]

    async def test_what_does_not_fit_is_told(self) -> None:
        path = chat_of(["word " * 100] * 14 + ["The question"])

        context = await assembled(path, budget_beside_system(400))

        assert part(context, "history")["items"] == 2
        assert context.record["left_out"]["messages"] == 12
        truth = 12 * estimate_tokens("word " * 100)
        assert context.record["left_out"]["tokens"] == pytest.approx(truth, rel=0.1)

    async def test_the_question_is_in_even_when_it_is_too_long(self) -> None:
        path = chat_of(["a", "b", "long " * 1_000])

        context = await assembled(path, budget_beside_system(400))

        assert [each.role for each in context.prompt.messages] == ["system", "user"]
        assert context.record["left_out"]["messages"] == 2

    async def test_what_was_never_fetched_counts_as_left_out(self) -> None:
        path = chat_of(["word " * 100] * 100 + ["The question"])

        context = await assembled(path[:6], Budget(10_000, 100))

        assert part(context, "history")["items"] == 4
        assert context.record["left_out"]["messages"] == 96
        assert context.record["left_out"]["tokens"] == pytest.approx(96 * estimate_tokens("word " * 100), rel=0.1)

    @given(texts, st.integers(60, 3_000))
    async def test_holds_for_any_chat_and_window(self, written: list[str], room: int) -> None:
        budget = budget_beside_system(room)

        context = await assembled(chat_of(written), budget, tools=[TOOL])

        taken = part(context, "history")["items"]
        total = sum(each["tokens"] for each in context.record["parts"])
        messages = context.prompt.messages
        assert messages[0].role == "system"
        assert messages[-1] == ChatMessage.of("user", written[-1])
        assert taken % 2 == 0
        assert taken + context.record["left_out"]["messages"] == len(written) - 1
        assert taken == 0 or total <= budget.for_prompt
        assert [each.text for each in messages[1:]] == written[len(written) - 1 - taken :]
        if taken < len(written) - 1:
            next_exchange = tokens_of(
                ChatMessage.of("user", text) for text in written[-taken - 3 : len(written) - 1 - taken]
            )
            assert total + next_exchange > budget.for_prompt


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
