"""The OpenAI wire where servers misbehave or differ."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from coda.core.guarded_http import OutboundHttp, Reach
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.openai_body import chat_body
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.adapters.streams import deltas_of
from coda.llm.dialects.dialect import Dialect
from coda.llm.errors import (
    MalformedAnswer,
    ProviderBusy,
    ProviderTimeout,
    ProviderUnavailable,
    ProviderUnreachable,
    StreamCut,
)
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest, ToolSpec
from tests.llm.asking import Said, ask, question
from tests.simulators.faults import FaultServer

PATIENT = LlmSettings()
IMPATIENT = LlmSettings(
    first_token_timeout=timedelta(milliseconds=600),
    idle_timeout=timedelta(milliseconds=300),
    connect_timeout=timedelta(seconds=2),
)


def wire(http: OutboundHttp, faults: FaultServer, settings: LlmSettings = PATIENT, **more: Any) -> OpenAIWire:  # noqa: ANN401 - fields of Endpoint
    return OpenAIWire(http, Endpoint(f"{faults.url}/v1/chat/completions", **more), settings)


class TestDifferences:
    @pytest.mark.parametrize("model", ["ok", "no-done", "comments", "whole", "usage-each"])
    async def test_the_answer_is_the_same(self, http: OutboundHttp, faults: FaultServer, model: str) -> None:
        said = await ask(wire(http, faults), question("hi", model=model))

        assert said.text == "One two three four five "
        assert said.finish == "stop"
        assert said.usage is not None
        assert (said.usage.input_tokens, said.usage.output_tokens) == (11, 5)

    async def test_no_usage_is_none(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="no-usage"))

        assert said.usage is None

    async def test_content_in_parts(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="parts"))

        assert (said.reasoning, said.text) == ("hm", "done")

    async def test_tool_calls_without_an_index(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="calls-without-index"))

        assert said.calls == {0: ToolCallRequest("a", "first", "{}"), 1: ToolCallRequest("b", "second", '{"x":1}')}

    async def test_reasoning_counted_beside_the_output_is_added(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="xai-usage"))

        assert said.usage is not None
        assert (said.usage.output_tokens, said.usage.reasoning_tokens) == (12, 7)

    async def test_a_server_that_does_not_know_stream_options(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="no-stream-options"))

        assert said.text == "One two three four five "
        assert ["stream_options" in request for request in faults.requests] == [True, False]

    async def test_a_slow_first_byte_is_waited_for(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="slow-400"))

        assert said.text == "One two three four five "

    async def test_an_empty_answer_is_an_answer(self, http: OutboundHttp, faults: FaultServer) -> None:
        said = await ask(wire(http, faults), question("hi", model="empty"))

        assert (said.text, said.finish) == ("", "stop")

    async def test_the_connection_is_used_again(self, http: OutboundHttp, faults: FaultServer) -> None:
        for _ in range(3):
            await ask(wire(http, faults), question("hi", model="ok"))

        assert len(faults.connections) == 1


class TestFaults:
    @pytest.mark.parametrize(
        ("model", "error", "text"),
        [
            ("cut-3", StreamCut, "One two three "),
            ("malformed-3", MalformedAnswer, "One two three "),
            ("error-3", ProviderUnavailable, "One two three "),
            ("stall-3", ProviderTimeout, "One two three "),
            ("slow-2000", ProviderTimeout, ""),
        ],
    )
    async def test_what_came_is_kept_and_the_fault_is_told(
        self, http: OutboundHttp, faults: FaultServer, model: str, error: type[Exception], text: str
    ) -> None:
        said = Said()

        async def read() -> None:
            async for delta in wire(http, faults, IMPATIENT).stream(question("hi", model=model)):
                said.take(delta)

        with pytest.raises(error):
            await read()
        assert said.text == text

    async def test_retry_after_is_read(self, http: OutboundHttp, faults: FaultServer) -> None:
        with pytest.raises(ProviderBusy) as caught:
            await ask(wire(http, faults), question("hi", model="status-429-retry-7"))

        assert caught.value.retry_after == 7
        assert caught.value.as_dict()["details"] == {"retry_after": 7}

    async def test_an_address_out_of_reach_is_not_connected(self, http: OutboundHttp, faults: FaultServer) -> None:
        with pytest.raises(ProviderUnreachable):
            await ask(wire(http, faults, reach=Reach.PUBLIC), question("hi", model="ok"))

        assert faults.requests == []

    async def test_the_key_never_shows(self, http: OutboundHttp, faults: FaultServer) -> None:
        adapter = wire(http, faults, headers={"Authorization": "Bearer sk-canary"}, secret="Refused by the")

        with pytest.raises(ProviderUnavailable) as caught:
            await ask(adapter, question("hi", model="status-503"))

        assert "Refused by the" not in caught.value.message
        assert faults.headers[0]["Authorization"] == "Bearer sk-canary"
        assert "sk-canary" not in repr(adapter.__dict__)


class TestEndingEarly:
    async def test_cancelling_hangs_up_at_once(self, http: OutboundHttp, faults: FaultServer) -> None:
        first = asyncio.Event()

        async def read() -> None:
            async for _ in wire(http, faults).stream(question("hi", model="paced-n3000-d20")):
                first.set()

        reading = asyncio.create_task(read())
        await asyncio.wait_for(first.wait(), 60)
        reading.cancel()

        await asyncio.wait_for(faults.hung_up.wait(), 30)

    async def test_closing_hangs_up_at_once(self, http: OutboundHttp, faults: FaultServer) -> None:
        async with aclosing(deltas_of(wire(http, faults), question("hi", model="paced-n3000-d20"))) as deltas:
            await anext(deltas)

        await asyncio.wait_for(faults.hung_up.wait(), 30)


class TestBody:
    def test_only_what_was_asked_for_is_sent(self) -> None:
        body = chat_body(ChatRequest("m", [ChatMessage.of("user", "hi")]), Dialect())

        assert body == {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def test_everything_that_can_be_asked_for(self) -> None:
        call = ToolCallRequest("c1", "add", '{"a": 1}')
        request = ChatRequest(
            "m",
            [
                ChatMessage.of("system", "Be brief."),
                ChatMessage.of("assistant", "", tool_calls=(call,)),
                ChatMessage.of("tool", "2", tool_call_id="c1", name="add"),
            ],
            tools=[ToolSpec("add", "Adds.", {"type": "object"})],
            tool_choice="auto",
            max_output_tokens=9,
            temperature=0.0,
            top_p=0.5,
            stop=["."],
            reasoning_effort="low",
            seed=4,
            extra={"service_tier": "flex"},
        )

        body = chat_body(request, Dialect("max_completion_tokens", {"usage": {"include": True}}))

        assert body["max_completion_tokens"] == 9
        assert (body["temperature"], body["top_p"], body["stop"], body["seed"]) == (0.0, 0.5, ["."], 4)
        assert body["usage"] == {"include": True}
        assert body["service_tier"] == "flex"
        assert body["reasoning_effort"] == "low"
        assert body["tools"][0]["function"]["name"] == "add"
        assert body["messages"][1] == {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}],
        }
        assert body["messages"][2] == {"role": "tool", "content": "2", "name": "add", "tool_call_id": "c1"}
