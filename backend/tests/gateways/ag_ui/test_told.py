"""What a client has been told, and what is taken back of it."""

from typing import Any
from uuid import uuid4

import orjson

from coda.gateways.ag_ui.schemas import AgUiMessage
from coda.gateways.ag_ui.told import ToldMessages, folded, takes_back, without_answer
from coda.runs.stream import events
from coda.runs.stream.frames import FrameRenderer

QUESTION = AgUiMessage(id="q", role="user", content="Think")


def content(kind: str, message_id: str, delta: str) -> dict[str, Any]:
    return {"type": kind, "messageId": message_id, "delta": delta}


def frames(*told: Any) -> list[str]:  # noqa: ANN401 - events
    renderer = FrameRenderer(run_id=uuid4(), session_id=uuid4())
    return [renderer.event(event, seq=number) for number, event in enumerate(told, start=1)]


def test_text_that_was_reasoning_goes() -> None:
    told = ToldMessages([QUESTION])
    stream = frames(
        events.text_start("m.1"),
        content("TEXT_MESSAGE_CONTENT", "m.1", "Hmm, "),
        content("TEXT_MESSAGE_CONTENT", "m.1", "well."),
        events.text_end("m.1"),
        events.discard(["m.1"]),
    )
    for frame in stream:
        told.add(frame)

    assert [takes_back(frame) for frame in stream] == [False] * 4 + [True]
    assert told.snapshot() == {
        "type": "MESSAGES_SNAPSHOT",
        "messages": [{"id": "q", "role": "user", "content": "Think"}],
    }


def test_everything_else_stays_as_it_was_told() -> None:
    call_id = uuid4()
    stream = frames(
        *events.reasoning_start("m.1.r1", at_ms=1),
        content("REASONING_MESSAGE_CONTENT", "m.1.r1", "I look."),
        events.tool_call_start(call_id, name="look", parent_message_id="m.1"),
        {"type": "TOOL_CALL_ARGS", "toolCallId": str(call_id), "delta": '{"at":'},
        {"type": "TOOL_CALL_ARGS", "toolCallId": str(call_id), "delta": '"sky"}'},
        events.tool_call_end(call_id),
        events.tool_call_result(call_id, content='"blue"', status="done", error=None, duration_ms=1),
        events.text_start("m.2"),
        content("TEXT_MESSAGE_CONTENT", "m.2", "Blue."),
    )

    function = {"name": "look", "arguments": '{"at":"sky"}'}
    assert folded([], map(orjson.loads, stream)) == [
        {"id": "m.1.r1", "role": "reasoning", "content": "I look."},
        {
            "id": "m.1",
            "role": "assistant",
            "toolCalls": [{"id": str(call_id), "type": "function", "function": function}],
        },
        {"id": f"{call_id}.result", "role": "tool", "toolCallId": str(call_id), "content": '"blue"'},
        {"id": "m.2", "role": "assistant", "content": "Blue."},
    ]


def test_an_answer_is_left_out_with_the_results_of_its_calls() -> None:
    answer, other = uuid4(), uuid4()
    call = {"id": "c", "type": "function", "function": {"name": "look"}}
    given = [
        QUESTION,
        AgUiMessage(id=f"{other}.1", role="assistant", content="Before"),
        AgUiMessage.model_validate({"id": f"{answer}.1", "role": "assistant", "toolCalls": [call]}),
        AgUiMessage.model_validate({"id": "c.result", "role": "tool", "toolCallId": "c", "content": "x"}),
        AgUiMessage(id=f"{answer}.2.r1", role="reasoning", content="Hm"),
    ]

    assert [message.id for message in without_answer(given, answer)] == ["q", f"{other}.1"]
