"""A prompt that grows beyond its window: what makes room, in which order, and what never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.context.budget import Budget
from coda.context.errors import PromptTooLong
from coda.context.prompt import Prompt, turn_item
from coda.context.segments import Item, Segment
from coda.context.shrink import DROP_OLDEST, SHORTEN_RESULTS, rule_of
from coda.llm.estimate import tokens_of
from coda.llm.types import ChatMessage, ToolCallRequest
from tests.context.paths import segment

SYSTEM = ChatMessage.of("system", "You are Coda.")
PINNED = ChatMessage.of("system", "Pinned: the launch is in May.")
QUESTION = ChatMessage.of("user", "The question")
STEER = ChatMessage.of("user", "Only the year, please.")


def history(exchanges: int, *, words: int = 200) -> Segment:
    """Exchanges in the last of which a person has sent a steer, too."""
    items = []
    for number in range(exchanges):
        messages = (
            ChatMessage.of("user", f"old {number} " * words),
            ChatMessage.of("assistant", "older " * words),
            ChatMessage.of("user", "a steer of then"),
            ChatMessage.of("assistant", "oldest " * words),
        )
        items.append(Item(messages, tokens_of(messages), 2))
    return Segment("history", 10, tuple(items), DROP_OLDEST)


def prompt(window: int, *, exchanges: int = 1) -> Prompt:
    segments = (segment("system", SYSTEM), segment("pins", PINNED), history(exchanges), segment("question", QUESTION))
    return Prompt(segments, Budget(window, window // 4))


def turn(result: str, number: int = 1) -> list[ChatMessage]:
    call = ToolCallRequest(str(number), "read", "{}")
    return [
        ChatMessage.of("assistant", "", tool_calls=(call,)),
        ChatMessage.of("tool", result, tool_call_id=str(number), name="read"),
    ]


def items(*messages: ChatMessage) -> list[Item]:
    return [turn_item(message) for message in messages]


class TestFit:
    def test_what_fits_stays_as_it_is(self) -> None:
        given_prompt, turns = prompt(32_000), turn("short")

        assert given_prompt.fit(items(*turns)).messages == [*given_prompt.messages, *turns]

    def test_the_oldest_exchanges_go_first_and_whole(self) -> None:
        turns = turn("result " * 300)

        fitted = prompt(2_600, exchanges=4).fit(items(*turns))

        kept = history(4).items[3].messages
        assert fitted.messages == [SYSTEM, PINNED, *kept, QUESTION, *turns]

    def test_what_stands_before_the_history_never_goes_for_it(self) -> None:
        fitted = prompt(1_200).fit(items(*turn("result " * 300)))

        assert list(fitted.messages[:3]) == [SYSTEM, PINNED, QUESTION]

    @pytest.mark.parametrize("size", [10_000, 200_000])
    def test_then_long_results_are_shortened_and_say_so(self, size: int) -> None:
        fitted = prompt(4_000).fit(items(*turn("x, " * (size // 3)), STEER))

        assert tokens_of(fitted.messages) <= 3_000
        assert [each.role for each in fitted.messages] == ["system", "system", "user", "assistant", "tool", "user"]
        *_, result, steer = fitted.messages
        assert result.text.endswith(f" of {size // 3 * 3:,} characters are shown.]")
        assert result.tool_call_id == "1"
        assert steer == STEER

    def test_the_longest_result_is_shortened_first(self) -> None:
        long, short = turn("x, " * 10_000), turn("y, " * 300, 2)

        fitted = prompt(4_000).fit(items(*long, *short))

        assert fitted.messages[-1] == short[-1]
        assert len(fitted.messages[-3].text) < len(long[-1].text)

    @given(st.lists(st.integers(0, 4_000), max_size=6), st.integers(200, 6_000), st.integers(0, 5))
    def test_nothing_with_priority_ever_goes(self, sizes: list[int], window: int, exchanges: int) -> None:
        turns = [message for number, size in enumerate(sizes) for message in (*turn("x," * size, number), STEER)]

        messages = prompt(window, exchanges=exchanges).fit(items(*turns)).messages

        question = len(messages) - len(turns) - 1
        assert list(messages[:2]) == [SYSTEM, PINNED]
        assert messages[question] == QUESTION
        assert (question - 2) % 4 == 0
        assert [(each.role, each.tool_call_id) for each in messages[question + 1 :]] == [
            (each.role, each.tool_call_id) for each in turns
        ]
        assert [each for each in messages[question + 1 :] if each.role == "user"] == [STEER] * len(sizes)

    @given(st.lists(st.integers(0, 4_000), max_size=6), st.integers(200, 6_000))
    def test_is_the_same_each_time(self, sizes: list[int], window: int) -> None:
        turns = [message for number, size in enumerate(sizes) for message in turn("x," * size, number)]

        assert prompt(window).fit(items(*turns)) == prompt(window).fit(items(*turns))


class TestCheck:
    def question_of(self, words: int) -> Prompt:
        return Prompt((segment("question", ChatMessage.of("user", "long " * words)),), Budget(1_000, 250))

    def test_what_no_such_model_can_read_is_refused(self) -> None:
        with pytest.raises(PromptTooLong, match="tokens long; the model reads 1,000 at most") as refused:
            self.question_of(10_000).fit([]).check()

        assert refused.value.details["window"] == 1_000
        assert refused.value.details["tokens"] > 10_000

    def test_what_perhaps_fits_is_for_the_provider_to_say(self) -> None:
        self.question_of(900).fit([]).check()

    def test_a_window_that_is_only_guessed_refuses_nothing(self) -> None:
        Prompt(self.question_of(10_000).segments, Budget(1_000, 250, is_known=False)).fit([]).check()


class TestRules:
    def test_a_plan_finds_the_rule_that_it_names(self) -> None:
        assert rule_of("drop_oldest", 1) is DROP_OLDEST
        assert rule_of("shorten_results", 1) is SHORTEN_RESULTS

    def test_a_version_of_another_release_is_the_present_one(self) -> None:
        assert rule_of("drop_oldest", 99) is DROP_OLDEST
