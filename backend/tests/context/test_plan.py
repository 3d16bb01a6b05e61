"""Prompts rebuilt from their plans, with what may have happened to the chat meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from coda.context.budget import Budget
from coda.context.prompt import turn_item
from coda.conversations.parts import notice_part, text_part
from coda.llm.types import ChatMessage
from tests.context.paths import TOOL, assembled, chat_of, part, rebuilt

WIDE = Budget(8_000, 1_000)
CHAT = ["Hi", "Hello!", "And?", "So.", "How much?"]


class TestRebuild:
    @given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=9), st.integers(300, 1_200))
    async def test_gives_the_same_prompt_whatever_the_window_has_become(self, written: list[str], window: int) -> None:
        rows = chat_of(written if len(written) % 2 else written[:-1])
        context = await assembled(rows, Budget(window, 50))
        turns = [turn_item(ChatMessage.of("tool", "x," * 400, tool_call_id="1"))]

        again = await rebuilt(context.plan, rows)

        assert again.is_as_planned
        assert again.prompt.fit(turns) == context.prompt.fit(turns)
        assert (again.record, again.question_text) == (context.record, context.question_text)

    async def test_an_answer_that_was_continued_meanwhile_says_what_it_said_then(self) -> None:
        rows = chat_of(CHAT)
        context = await assembled(rows, WIDE)
        rows[1].content = [*rows[1].content, notice_part(code="x", message="cut", details={}), text_part("And more.")]

        again = await rebuilt(context.plan, rows)

        assert again.is_as_planned
        assert again.prompt.messages == context.prompt.messages

    async def test_of_what_was_changed_the_exchange_is_left_out_and_told(self) -> None:
        rows = chat_of(CHAT)
        context = await assembled(rows, WIDE)
        rows[-2].content = [text_part("Something else")]

        again = await rebuilt(context.plan, rows)

        assert not again.is_as_planned
        assert [each.text for each in again.prompt.messages[1:]] == ["And?", "So.", "How much?"]
        assert again.record["left_out"]["messages"] == 2
        assert again.record["left_out"]["tokens"] > 0
        assert part(again, "history")["items"] == 2

    async def test_of_what_is_gone_too(self) -> None:
        rows = chat_of(CHAT)
        context = await assembled(rows, WIDE)

        again = await rebuilt(context.plan, rows[:3])

        assert not again.is_as_planned
        assert [each.text for each in again.prompt.messages[1:]] == ["And?", "So.", "How much?"]
        assert again.record["left_out"]["messages"] == 2

    async def test_another_path_is_not_taken_for_the_old_one(self) -> None:
        context = await assembled(chat_of(CHAT), WIDE)
        other = chat_of(["Hi", "Hello!", "How much?"])

        again = await rebuilt(context.plan, other)

        assert not again.is_as_planned
        assert [each.text for each in again.prompt.messages[1:]] == ["How much?"]
        assert again.record["left_out"]["messages"] == 4

    async def test_a_changed_question_is_asked_as_it_is_now(self) -> None:
        rows = chat_of(CHAT)
        context = await assembled(rows, WIDE)
        rows[0].content = [text_part("How many?")]

        again = await rebuilt(context.plan, rows)

        assert (again.is_as_planned, again.question_text) == (False, "How many?")

    async def test_without_its_text_the_system_prompt_is_of_today(self) -> None:
        rows = chat_of(CHAT)
        context = await assembled(rows, WIDE)

        again = await rebuilt(context.plan, rows, texts={})

        assert not again.is_as_planned
        assert again.prompt.messages == context.prompt.messages

    async def test_earlier_calls_stay_calls_when_the_tools_are_gone(self) -> None:
        rows = chat_of(CHAT)
        call = {"type": "tool_call", "id": "1", "name": "calculator", "arguments": {}, "status": "done", "result": 4}
        rows[1].content = [call, *rows[1].content]
        context = await assembled(rows, WIDE, tools=[TOOL])

        again = await rebuilt(context.plan, rows)

        assert not again.is_as_planned
        assert again.prompt.messages == context.prompt.messages
        assert [each.role for each in again.prompt.messages].count("tool") == 1


class TestPlan:
    async def test_holds_no_content(self) -> None:
        context = await assembled(chat_of(["secret one", "secret two", "secret three"]), WIDE, tools=[TOOL])

        stored = str(context.plan.as_dict())
        assert "secret" not in stored
        assert "You are Coda" not in stored
        (text,) = context.plan.texts.values()
        assert text == context.prompt.messages[0].text

    async def test_grows_little_with_the_chat(self) -> None:
        context = await assembled(chat_of(["word"] * 1_001), Budget(100_000, 1_000))

        assert part(context, "history")["items"] == 1_000
        assert len(str(context.plan.as_dict())) < 14_000
