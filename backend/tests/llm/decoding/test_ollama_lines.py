"""Ollama's wire, as its versions and the proxies before it speak it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.llm.errors import MalformedAnswer, ProviderUnavailable, StreamCut
from coda.llm.types import ChatUsage
from tests.llm.decoding.streams import blocks_of, line_reader, ollama, read

END = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop",
       "prompt_eval_count": 26, "eval_count": 9}  # fmt: skip


def line(content: Any = "", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    return {"message": {"role": "assistant", "content": content, **fields}, "done": False}


def test_text_thinking_and_usage() -> None:
    turn = ollama(line(thinking="Let me see."), line("Fo"), line("ur."), END)

    assert (turn.reasoning, turn.text, turn.finish) == ("Let me see.", "Four.", "stop")
    assert turn.usage == ChatUsage(26, 9)


def test_the_whole_text_in_the_last_line_is_not_said_twice() -> None:
    turn = ollama(line("Fo"), line("ur."), {**END, "message": {"content": "Four."}})

    assert turn.text == "Four."


def test_the_whole_answer_in_one_line() -> None:
    assert ollama({**END, "message": {"content": "Four."}}).text == "Four."


def test_content_in_parts() -> None:
    assert ollama(line([{"type": "text", "text": "Four."}]), END).text == "Four."


def test_thinking_in_tags() -> None:
    turn = ollama(line("<think>Let me see."), line("</think>"), line("Four."), END)

    assert (turn.reasoning, turn.text) == ("Let me see.", "Four.")


@pytest.mark.parametrize("reason", ["load", "unload"])
def test_a_model_that_was_only_loaded_gave_no_answer(reason: str) -> None:
    failure = ollama({**END, "done_reason": reason}).failure

    assert type(failure) is MalformedAnswer
    assert "loaded" in failure.message


@pytest.mark.parametrize("counts", [{}, {"prompt_eval_count": 0, "eval_count": None}, {"prompt_eval_count": -1}])
def test_counts_that_are_missing_are_nothing(counts: dict[str, Any]) -> None:
    end = {key: value for key, value in END.items() if not key.endswith("count")}

    assert ollama(line("Four."), {**end, **counts}).usage == ChatUsage(0, 0)


def test_calls_are_whole_and_told_apart() -> None:
    call = {"function": {"name": "calculator", "arguments": {"expression": "6*7"}}}
    turn = ollama(line(tool_calls=[call, {"id": "x", **call}]), line(tool_calls=[{"id": "x", **call}]), END)

    assert turn.made == [("calculator", {"expression": "6*7"})] * 3
    assert len(set(turn.ids)) == 3
    assert turn.finish == "tool_calls"


def test_an_error_in_the_middle_is_told() -> None:
    failure = ollama(line("Fo"), {"error": "llama runner process has terminated"}).failure

    assert type(failure) is ProviderUnavailable
    assert "llama runner" in failure.message


@given(st.lists(st.integers(0, 2000), max_size=30))
def test_any_blocks_give_the_same(cuts: list[int]) -> None:
    lines = [line(thinking="hm"), line("Fo"), line("ü😀"), line(tool_calls=[{"function": {"name": "now"}}]), END]
    stream = "\n".join(json.dumps(each, ensure_ascii=False) for each in lines).encode()

    assert read(line_reader(), blocks_of(stream, cuts)).outcome == ollama(*lines).outcome


def test_what_has_no_end_was_cut() -> None:
    turn = ollama(line("Fo"))

    assert (turn.text, type(turn.failure)) == ("Fo", StreamCut)
