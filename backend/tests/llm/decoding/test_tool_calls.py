"""Tool calls, however a server numbers and names their pieces."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.llm.errors import CallFailed
from tests.llm.decoding.streams import (
    CALCULATOR,
    DONE,
    blocks_of,
    call,
    chunk_reader,
    delta,
    openai,
    pieces_of,
    read,
    said,
)

SIX = ("calculator", {"expression": "6*7"})
TWO = ("calculator", {"expression": "2+2"})
TEXT_SIX, TEXT_TWO = '{"expression":"6*7"}', '{"expression":"2+2"}'
END = delta("tool_calls") + DONE

PIECES: dict[str, tuple[str, list[tuple[str, Any]]]] = {
    "two calls with one id": (
        call("calculator", TEXT_SIX, index=0, id="x") + call("calculator", TEXT_TWO, index=1, id="x"), [SIX, TWO],
    ),
    "two calls with one id and no index": (
        call("calculator", TEXT_SIX, id="x") + call("calculator", TEXT_TWO, id="x"), [SIX, TWO],
    ),
    "two calls at one index": (
        call("calculator", "", index=0, id="a") + call(None, TEXT_SIX, index=0)
        + call("calculator", "", index=0, id="b") + call(None, TEXT_TWO, index=0), [SIX, TWO],
    ),
    "two whole calls at one index, without ids": (
        call("calculator", TEXT_SIX, index=0) + call("calculator", TEXT_TWO, index=0), [SIX, TWO],
    ),
    "neither index nor id": (call("calculator", TEXT_SIX) + call("now", "{}"), [SIX, ("now", {})]),
    "neither index nor id, in pieces": (
        call("calculator", "") + call(None, '{"expression":') + call(None, '"6*7"}')
        + call("calculator", '{"expression":') + call(None, '"2+2"}'), [SIX, TWO],
    ),
    "pieces with ids of their own": (
        call("calculator", "", index=0, id="a") + call(None, '{"expression":', index=0, id="b")
        + call(None, '"6*7"}', index=0, id="c"), [SIX],
    ),
    "pieces with ids of their own and no index": (
        call("calculator", "", id="a") + call(None, '{"expression":', id="b") + call(None, '"6*7"}', id="c"), [SIX],
    ),
    "pieces with indexes of their own": (
        call("calculator", '{"expression":', index=0, id="a") + call(None, '"6*7"}', index=1), [SIX],
    ),
    "the name in a later piece": (
        call("", "", index=0, id="a") + call("calculator", "", index=0) + call(None, TEXT_SIX, index=0), [SIX],
    ),
    "the name behind the arguments": (
        call(None, '{"expression":', index=0, id="a") + call(None, '"6*7"}', index=0)
        + call("calculator", index=0), [SIX],
    ),
    "the name in two pieces": (
        call("calcu", "", index=0, id="a") + call("lator", "", index=0) + call(None, TEXT_SIX, index=0), [SIX],
    ),
    "the name with every piece": (
        call("calculator", '{"expression":', index=0, id="a") + call("calculator", '"6*7"}', index=0, id="a"), [SIX],
    ),
    "the whole call again at its end": (
        call("calculator", '{"expression":', index=0, id="a") + call(None, '"6*7"}', index=0)
        + call("calculator", TEXT_SIX, index=0, id="a"), [SIX],
    ),
    "ever more of the arguments": (
        call("calculator", '{"expr', index=0, id="a") + call("calculator", '{"expression":"6', index=0, id="a")
        + call("calculator", TEXT_SIX, index=0, id="a"), [SIX],
    ),
    "an empty object before the arguments": (
        call("calculator", "{}", index=0, id="a") + call(None, TEXT_SIX, index=0), [SIX],
    ),
    "side by side": (
        call("calculator", "", index=0, id="a") + call("calculator", "", index=1, id="b")
        + call(None, '{"expression":', index=0) + call(None, '{"expression":', index=1)
        + call(None, '"6*7"}', index=0) + call(None, '"2+2"}', index=1), [SIX, TWO],
    ),
    "without arguments": (call("now", index=0, id="a"), [("now", {})]),
    "arguments that are nothing": (call("now", "null", index=0, id="a") + call("now", "", index=1, id="b"),
                                   [("now", None), ("now", {})]),
    "arguments as an object": (call("calculator", {"expression": "6*7"}, index=0, id="a"), [SIX]),
    "an id that is a number": (call("calculator", TEXT_SIX, index=0, id=7), [SIX]),
    "an index that is none": (call("calculator", TEXT_SIX, index="first", id="a"), [SIX]),
    "one call that is not in a list": (
        delta(tool_calls={"index": 0, "id": "a", "function": {"name": "calculator", "arguments": TEXT_SIX}}), [SIX],
    ),
    "the form before tool calls": (
        delta(function_call={"name": "calculator", "arguments": ""})
        + delta(function_call={"arguments": TEXT_SIX}), [SIX],
    ),
    "a name with a channel behind it": (
        call("calculator<|channel|>commentary", TEXT_SIX, index=0, id="a"), [SIX],
    ),
    "a channel as a piece of the name": (
        call("calculator", "", index=0, id="a") + call("<|channel|>json", "", index=0)
        + call(None, TEXT_SIX, index=0), [SIX],
    ),
    "a name in its namespace": (call("functions.calculator", TEXT_SIX, index=0, id="a"), [SIX]),
    "two names in their namespace, before their arguments": (
        call("functions.now", "", index=0, id="a") + call("functions.calculator", TEXT_SIX, index=0),
        [("now", {}), SIX],
    ),
    "a name between spaces": (call(" calculator\n", TEXT_SIX, index=0, id="a"), [SIX]),
    "a tool that nobody offered": (call("launch", "{}", index=0, id="a"), [("launch", {})]),
    "a call without any name": (call(None, "{}", index=0, id="a"), []),
}  # fmt: skip

NAMED_BY_TOOLS = {
    "the name in two pieces",
    "a name in its namespace",
    "two names in their namespace, before their arguments",
}


class TestPieces:
    @pytest.mark.parametrize("pieces", PIECES)
    def test_they_are_the_calls_that_were_meant(self, pieces: str) -> None:
        stream, calls = PIECES[pieces]
        turn = openai(stream + END)

        assert turn.failure is None
        assert turn.made == calls
        assert turn.finish == ("tool_calls" if calls else "stop")
        assert len(set(turn.ids)) == len(calls)

    def test_arguments_without_any_name_are_told(self) -> None:
        failure = openai(call("", TEXT_SIX, index=0, id="a") + END).failure

        assert isinstance(failure, CallFailed)
        assert failure.is_retryable

    def test_beside_text_they_are_nothing(self) -> None:
        turn = openai(delta(content="Six.") + call("", TEXT_SIX, index=0, id="a") + END)

        assert (turn.failure, turn.text, turn.calls) == (None, "Six.", {})

    @pytest.mark.parametrize("pieces", sorted(set(PIECES) - NAMED_BY_TOOLS))
    def test_they_are_so_where_the_tools_are_not_known(self, pieces: str) -> None:
        stream, calls = PIECES[pieces]

        assert openai(stream + END, tools=()).made == calls

    @given(st.sampled_from(sorted(PIECES)), st.lists(st.integers(0, 2000), max_size=30))
    def test_any_blocks_give_the_same(self, pieces: str, cuts: list[int]) -> None:
        stream = (PIECES[pieces][0] + END).encode()

        assert read(chunk_reader(), blocks_of(stream, cuts)).outcome == openai(stream).outcome

    def test_an_end_that_names_no_calls_is_still_theirs(self) -> None:
        assert openai(PIECES["without arguments"][0] + delta("stop") + DONE).finish == "tool_calls"

    def test_arguments_are_given_as_they_come(self) -> None:
        reader = chunk_reader()
        first = reader.feed((call("calculator", '{"expr', index=0, id="a")).encode())

        assert [each.tool_call.arguments for each in first if each.tool_call] == ['{"expr']


WRITTEN: dict[str, str] = {
    "hermes": '<tool_call>\n{"name": "calculator", "arguments": {"expression": "6*7"}}\n</tool_call>',
    "hermes without an end": '<tool_call>{"name": "calculator", "arguments": {"expression": "6*7"}}',
    "arguments as text": '<tool_call>{"name":"calculator","arguments":"{\\"expression\\":\\"6*7\\"}"}</tool_call>',
    "parameters": '<function_call>{"name": "calculator", "parameters": {"expression": "6*7"}}</function_call>',
    "qwen coder": "<tool_call>\n<function=calculator>\n<parameter=expression>\n6*7\n</parameter>\n</function>\n"
    "</tool_call>",
    "llama": '<function=calculator>{"expression": "6*7"}</function>',
    "llama, nothing else": '{"name": "calculator", "parameters": {"expression": "6*7"}}',
    "llama, as a function": '{"type": "function", "name": "calculator", "parameters": {"expression": "6*7"}}',
    "nothing else, in a block": '```json\n{"name": "calculator", "arguments": {"expression": "6*7"}}\n```',
    "mistral": '[TOOL_CALLS][{"name": "calculator", "arguments": {"expression": "6*7"}}]',
    "mistral with marks": '[TOOL_CALLS]calculator[ARGS]{"expression": "6*7"}',
    "python tag": '<|python_tag|>{"name": "calculator", "parameters": {"expression": "6*7"}}',
    "granite": '<|tool_call|>[{"name": "calculator", "arguments": {"expression": "6*7"}}]',
    "kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.calculator:0<|tool_call_argument_begin|>"
    '{"expression": "6*7"}<|tool_call_end|><|tool_calls_section_end|>',
    "deepseek": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>calculator\n```json\n"  # noqa: RUF001
    '{"expression": "6*7"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',  # noqa: RUF001
    "minimax": '<minimax:tool_call>\n<invoke name="calculator">\n<parameter name="expression">6*7</parameter>\n'
    "</invoke>\n</minimax:tool_call>",
}  # fmt: skip


class TestWrittenAsText:
    @pytest.mark.parametrize("form", WRITTEN)
    def test_it_is_a_call(self, form: str) -> None:
        turn = openai(said(WRITTEN[form]))

        assert turn.made == [SIX]
        assert (turn.text, turn.finish) == ("", "tool_calls")

    @given(st.sampled_from(sorted(WRITTEN)), st.text(max_size=5), st.lists(st.integers(0, 300), max_size=9))
    def test_any_pieces_give_the_same(self, form: str, before: str, cuts: list[int]) -> None:
        text = before + WRITTEN[form]
        pieces = pieces_of(text, cuts)

        assert openai(said(*pieces)).outcome[:3] == openai(said(text)).outcome[:3]

    @pytest.mark.parametrize("form", WRITTEN)
    def test_one_cut_anywhere_gives_the_same(self, form: str) -> None:
        text = WRITTEN[form]

        for cut in range(len(text)):
            assert openai(said(*pieces_of(text, [cut]))).made == [SIX]

    def test_words_before_and_two_calls(self) -> None:
        two = WRITTEN["hermes"].replace("6*7", "2+2")
        turn = openai(said("Let me see. ", WRITTEN["hermes"], "\n", two, "\n"))

        assert (turn.text, turn.made) == ("Let me see. ", [SIX, TWO])

    def test_a_number_is_one_where_the_tool_wants_one(self) -> None:
        turn = openai(said("<function=now><parameter=precision>3</parameter></function>"))

        assert turn.made == [("now", {"precision": 3})]

    @pytest.mark.parametrize(
        "text",
        [
            "<tool_call>not JSON</tool_call> is how it is written.",
            '<tool_call>{"name": "launch", "arguments": {}}</tool_call>',
            '{"name": "Bob", "age": 4}',
            "a < b and [TOOL",
            '```json\n{"a": 1}\n```',
            "",
        ],
    )
    def test_everything_else_stays_text(self, text: str) -> None:
        turn = openai(said(*text))

        assert (turn.text, turn.made) == (text, [])

    def test_without_tools_nothing_is_a_call(self) -> None:
        turn = openai(said(WRITTEN["hermes"]), tools=())

        assert (turn.text, turn.made) == (WRITTEN["hermes"], [])

    def test_a_call_without_an_end_is_not_held_for_ever(self) -> None:
        reader = chunk_reader((CALCULATOR,))
        long = json.dumps({"choices": [{"delta": {"content": "x" * 50_000}}]}).encode()
        given_out = [each for _ in range(9) for each in reader.feed(b"data: " + long + b"\n\n")]
        reader.feed(delta(content="<tool_call>").encode())
        held = [each for _ in range(5) for each in reader.feed(b"data: " + long + b"\n\n")]

        assert len(given_out) == 9
        assert sum(len(each.text) for each in held) > 200_000
