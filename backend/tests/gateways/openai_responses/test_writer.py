"""Deltas as events and as the response object, and input items as messages."""

from typing import Any
from uuid import UUID

import pytest

from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.openai_responses.ids import ItemPlace, item_id, key_of, place_of, response_id
from coda.gateways.openai_responses.items import chat_messages
from coda.gateways.openai_responses.requests import ResponsesRequest
from coda.gateways.openai_responses.writer import ResponseWriter
from coda.llm.types import ChatDelta, ToolCallDelta

KEY = UUID("019c9e00-0000-7000-8000-00000000a001")


def written(*deltas: ChatDelta, streams: bool = True) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    writer = ResponseWriter(KEY, {}, streams=streams)
    events = [event for delta in deltas for event in writer.read(delta)]
    return [*events, *writer.close()], writer.whole(None)


def call(index: int, *, name: str | None = None, arguments: str = "") -> ChatDelta:
    return ChatDelta(tool_call=ToolCallDelta(index, f"call_{index}" if name else None, name, arguments))


class TestWriter:
    def test_calls_side_by_side(self) -> None:
        events, body = written(
            ChatDelta(text="I look."),
            call(0, name="look", arguments='{"a"'),
            call(1, name="hear", arguments="{}"),
            call(0, arguments=":1}"),
            ChatDelta(finish="tool_calls"),
        )

        assert [item["type"] for item in body["output"]] == ["message", "function_call", "function_call"]
        assert [item["arguments"] for item in body["output"][1:]] == ['{"a":1}', "{}"]
        assert [item["call_id"] for item in body["output"][1:]] == ["call_0", "call_1"]
        done = [event["output_index"] for event in events if event["type"] == "response.output_item.done"]
        assert done == [0, 1, 2]
        pieces = [event for event in events if event["type"] == "response.function_call_arguments.delta"]
        assert [(event["output_index"], event["delta"]) for event in pieces] == [(1, '{"a"'), (2, "{}"), (1, ":1}")]

    def test_text_that_was_reasoning(self) -> None:
        deltas = (ChatDelta(text="Hmm."), ChatDelta(retracts_text=True), ChatDelta(text="Four.", finish="stop"))

        whole = written(*deltas, streams=False)[1]["output"]
        assert [item["type"] for item in whole] == ["reasoning", "message"]
        assert written(*deltas)[1]["output"][0]["content"][0]["text"] == "Hmm.Four."

    def test_nothing_said(self) -> None:
        events, body = written(ChatDelta(finish="stop"))

        assert (events, body["output"], body["status"]) == ([], [], "completed")

    def test_what_was_cut_off(self) -> None:
        events, body = written(ChatDelta(text="One two", finish="length"))

        assert events[-1]["item"]["status"] == "incomplete"
        assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})


class TestIds:
    def test_an_item_leads_to_its_response(self) -> None:
        assert key_of(response_id(KEY)) == KEY
        assert place_of(item_id("function_call", KEY, 3)) == ItemPlace(KEY, 3)

    @pytest.mark.parametrize("text", ["", "resp_", "resp_x", f"msg_{KEY.hex}", "msg_" + "g" * 32 + "00", "x" * 500])
    def test_what_is_no_id(self, text: str) -> None:
        assert key_of(text) is None
        assert place_of(text) is None


class TestItems:
    def test_calls_and_what_was_said_are_one_message(self) -> None:
        items: list[dict[str, Any]] = [
            {"role": "user", "content": "Look"},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look."}]},
            {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
            {"type": "function_call", "call_id": "2", "name": "hear", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": "blue"},
            {"type": "function_call_output", "call_id": "2", "output": [{"type": "input_text", "text": "loud"}]},
        ]

        messages = chat_messages(items)
        assert [message["role"] for message in messages] == ["user", "assistant", "tool", "tool"]
        assert [one["id"] for one in messages[1]["tool_calls"]] == ["1", "2"]

    def test_pictures_and_files(self) -> None:
        picture = {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"}
        file = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}
        (message,) = chat_messages([{"role": "user", "content": [picture, file]}])

        assert message["content"] == [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,AAAA", "filename": "a.pdf"}},
        ]

    def test_allowed_tools_are_the_only_ones(self) -> None:
        tools = [{"type": "function", "name": name} for name in ("look", "hear")]
        choice = {"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "hear"}]}
        asked = ResponsesRequest.model_validate(
            {"model": "demo/coda", "input": "x", "tools": tools, "tool_choice": choice}
        )

        chat = asked.as_chat([{"role": "user", "content": "x"}])
        assert [tool.function.name for tool in chat.tools or ()] == ["hear"]
        assert chat.tool_choice == "required"

    @pytest.mark.parametrize("item", [{"type": "function_call", "call_id": "1", "name": "x"}, {"role": "user"}, {}])
    def test_what_is_incomplete(self, item: dict[str, Any]) -> None:
        with pytest.raises(InvalidParameter):
            chat_messages([item])
