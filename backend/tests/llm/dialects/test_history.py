"""Prompts that every server accepts: valid arguments, ids of their own, roles in turn."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from coda.llm.dialects.dialect import CallIdForm, Dialect
from coda.llm.dialects.history import accepted_history, argument_object
from coda.llm.types import ChatMessage, ToolCallRequest


def called(*ids: str, arguments: str = "{}") -> list[ChatMessage]:
    """A turn that calls tools, and their results."""
    calls = tuple(ToolCallRequest(call_id, "now", arguments) for call_id in ids)
    results = [ChatMessage.of("tool", f"result of {call_id}", tool_call_id=call_id, name="now") for call_id in ids]
    return [ChatMessage.of("assistant", "", tool_calls=calls), *results]


def ids_of(messages: list[ChatMessage] | tuple[ChatMessage, ...]) -> tuple[list[str], list[str | None]]:
    """The ids of the calls, and those that the results name."""
    calls = [call.id for message in messages for call in message.tool_calls]
    return calls, [message.tool_call_id for message in messages if message.role == "tool"]


class TestArguments:
    @given(st.text())
    def test_are_always_a_json_object(self, text: str) -> None:
        assert isinstance(json.loads(argument_object(text)), dict)

    def test_that_are_right_stay_byte_for_byte(self) -> None:
        assert argument_object('{ "b":1, "a":2 }') == '{ "b":1, "a":2 }'

    def test_that_were_cut_can_still_be_read(self) -> None:
        assert json.loads(argument_object('{"expression":"6*7"')) == {"arguments": '{"expression":"6*7"'}

    def test_that_are_no_object_are_put_into_one(self) -> None:
        assert json.loads(argument_object("[1]")) == {"arguments": [1]}

    def test_of_a_half_character_are_sent(self) -> None:
        assert isinstance(json.loads(argument_object("\ud83d")), dict)


class TestIds:
    def test_that_repeat_over_turns_become_different(self) -> None:
        calls, results = ids_of(list(accepted_history([*called("call_0"), *called("call_0")], Dialect())))

        assert calls == results
        assert len(set(calls)) == 2
        assert calls[0] == "call_0"

    @given(st.lists(st.text(max_size=80), min_size=1, max_size=6), st.sampled_from(["any", "nine"]))
    def test_have_the_form_of_the_wire_and_results_follow_them(self, ids: list[str], form: CallIdForm) -> None:
        messages = [message for call_id in ids for message in called(call_id)]
        calls, results = ids_of(list(accepted_history(messages, Dialect(call_ids=form))))

        assert calls == results
        assert len(set(calls)) == len(ids)
        pattern = r"[A-Za-z0-9]{9}" if form == "nine" else r"[A-Za-z0-9_-]{1,64}"
        assert all(re.fullmatch(pattern, call_id) for call_id in calls)

    def test_are_the_same_each_time(self) -> None:
        dialect = Dialect(call_ids="nine")

        assert accepted_history(called("x", "y"), dialect) == accepted_history(called("x", "y"), dialect)


class TestRoles:
    def test_a_system_message_joins_the_persons_words(self) -> None:
        messages = [ChatMessage.of("system", "Be brief."), ChatMessage.of("user", "Hi")]

        (message,) = accepted_history(messages, Dialect(refuses=frozenset({"system"})))

        assert (message.role, message.text) == ("user", "Be brief.\n\nHi")

    def test_messages_of_one_role_become_one(self) -> None:
        messages = [ChatMessage.of("user", "a"), ChatMessage.of("user", "b"), ChatMessage.of("assistant", "c")]

        assert [message.text for message in accepted_history(messages, Dialect(alternates=True))] == ["a\n\nb", "c"]

    def test_calls_become_words_where_no_tools_are_taken(self) -> None:
        messages = [ChatMessage.of("user", "a"), *called("x", "y"), ChatMessage.of("user", "b")]

        accepted = accepted_history(messages, Dialect(refuses=frozenset({"tools"})))

        assert [message.role for message in accepted] == ["user", "assistant", "user"]
        assert not any(message.tool_calls or message.tool_call_id for message in accepted)
        assert "result of y" in accepted[2].text

    def test_a_usual_history_is_left_as_it_is(self) -> None:
        messages = [ChatMessage.of("system", "s"), ChatMessage.of("user", "a")]

        assert accepted_history(messages, Dialect()) is messages
