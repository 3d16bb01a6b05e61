"""How streams end and come over HTTP, whatever the server does; and that no answer is lost to its accounting."""

import asyncio
import gzip
from datetime import timedelta
from decimal import Decimal

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.ollama import Ollama
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.errors import MalformedAnswer, ProviderTimeout, ProviderUnavailable, RequestRejected, StreamCut
from coda.llm.types import ChatUsage, MeteredUsage
from coda.llm.wrappers.metering import ModelCall
from tests.llm.asking import Said, ask, question
from tests.simulators.scripted import DONE, Reply, ScriptedServer, event, says

ASKED = question("hi", model="m")
HELLO = event({"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]})
COUNTED = event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 5}})


@pytest.fixture
def adapter(http: OutboundHttp, scripted: ScriptedServer) -> OpenAIWire:
    return OpenAIWire(http, Endpoint(f"{scripted.url}/v1/chat/completions"), LlmSettings())


async def seconds(adapter: OpenAIWire) -> tuple[Said, float]:
    started = asyncio.get_running_loop().time()
    said = await ask(adapter, ASKED)
    return said, asyncio.get_running_loop().time() - started


class TestEnd:
    @pytest.mark.parametrize("then", ["silence", "heartbeats"])
    async def test_a_finished_answer_does_not_wait_for_its_connection(
        self, adapter: OpenAIWire, scripted: ScriptedServer, then: str
    ) -> None:
        scripted.begin(Reply([HELLO, COUNTED], then=then))
        said, took = await seconds(adapter)

        assert (said.text, said.finish, said.usage) == ("Hello", "stop", ChatUsage(11, 5))
        assert took < 3

    async def test_usage_that_comes_late_is_waited_for(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        scripted.begin(Reply([HELLO, ": ping\n\n", COUNTED, DONE]))
        said, took = await seconds(adapter)

        assert said.usage == ChatUsage(11, 5)
        assert took < 3

    async def test_a_connection_that_breaks_after_the_end_broke_nothing(
        self, adapter: OpenAIWire, scripted: ScriptedServer
    ) -> None:
        scripted.begin(Reply([HELLO, COUNTED], then="cut"))

        assert (await ask(adapter, ASKED)).text == "Hello"

    async def test_what_was_held_back_comes_before_the_break(
        self, adapter: OpenAIWire, scripted: ScriptedServer
    ) -> None:
        scripted.begin(Reply([event({"choices": [{"delta": {"content": "a <"}}]})], then="cut"))
        said = Said()

        async def read() -> None:
            async for delta in adapter.stream(ASKED):
                said.take(delta)

        with pytest.raises(StreamCut):
            await read()
        assert said.text == "a <"


class TestPatience:
    async def test_a_first_token_may_take_longer_than_a_later_one(
        self, http: OutboundHttp, scripted: ScriptedServer
    ) -> None:
        settings = LlmSettings(first_token_timeout=timedelta(seconds=20), idle_timeout=timedelta(milliseconds=200))
        adapter = OpenAIWire(http, Endpoint(f"{scripted.url}/v1/chat/completions"), settings)
        role = event({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
        scripted.begin(Reply([role, HELLO, DONE], before=0.5), Reply([HELLO.replace("stop", "")], then="silence"))

        assert (await ask(adapter, ASKED)).text == "Hello"
        said = Said()

        async def read() -> None:
            async for delta in adapter.stream(ASKED):
                said.take(delta)

        with pytest.raises(ProviderTimeout):
            await read()
        assert said.text == "Hello"

    async def test_a_model_that_never_begins_is_left(self, http: OutboundHttp, scripted: ScriptedServer) -> None:
        settings = LlmSettings(first_token_timeout=timedelta(milliseconds=300))
        adapter = OpenAIWire(http, Endpoint(f"{scripted.url}/v1/chat/completions"), settings)
        for reply in (Reply(before=60), Reply([": waiting\n\n"], then="silence")):
            scripted.begin(reply)
            with pytest.raises(ProviderTimeout):
                await ask(adapter, ASKED)


class TestOverHttp:
    @pytest.mark.parametrize(
        "content_type", ["application/json", "text/plain", "text/html", "application/octet-stream"]
    )
    async def test_events_by_any_name(self, adapter: OpenAIWire, scripted: ScriptedServer, content_type: str) -> None:
        scripted.begin(Reply([HELLO, DONE], headers={"Content-Type": content_type}))

        assert (await ask(adapter, ASKED)).text == "Hello"

    async def test_gzip_that_nobody_asked_for(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        packed = gzip.compress((HELLO + DONE).encode())
        scripted.begin(Reply([packed[:9], packed[9:]], headers={"Content-Encoding": "gzip"}))

        assert (await ask(adapter, ASKED)).text == "Hello"

    async def test_another_compression_is_named(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        scripted.begin(Reply([b"\x28\xb5\x2f\xfd"], headers={"Content-Encoding": "zstd"}))

        with pytest.raises(MalformedAnswer, match="zstd"):
            await ask(adapter, ASKED)

    async def test_a_packed_refusal_is_read(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        packed = gzip.compress(b'{"error": {"message": "No such tool."}}')
        scripted.begin(Reply([packed], status=400, headers={"Content-Encoding": "gzip"}))

        with pytest.raises(RequestRejected, match="No such tool"):
            await ask(adapter, ASKED)

    async def test_an_answer_that_is_an_error_tells_it(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        scripted.begin(Reply.json({"detail": "loading"}))

        with pytest.raises(ProviderUnavailable, match="loading"):
            await ask(adapter, ASKED)

    @pytest.mark.parametrize("wire", ["openai", "ollama"])
    async def test_a_redirect_within_the_host_is_followed(
        self, http: OutboundHttp, scripted: ScriptedServer, wire: str
    ) -> None:
        line = '{"message": {"content": "Hello"}, "done": true, "done_reason": "stop"}\n'
        moved = Reply(status=307, headers={"Location": "/elsewhere/chat"})
        endpoint = Endpoint(f"{scripted.url}/v1/chat/completions", {"Authorization": "Bearer k"})
        scripted.begin(moved, says("Hello") if wire == "openai" else Reply([line]))
        adapter = (OpenAIWire if wire == "openai" else Ollama)(http, endpoint, LlmSettings())

        assert (await ask(adapter, ASKED)).text == "Hello"
        assert scripted.paths == ["/v1/chat/completions", "/elsewhere/chat"]
        assert scripted.bodies[0] == scripted.bodies[1]

    async def test_a_redirect_to_another_host_is_told_and_the_key_stays(
        self, adapter: OpenAIWire, scripted: ScriptedServer
    ) -> None:
        scripted.begin(Reply(status=307, headers={"Location": "http://localhost:1/v1/chat/completions"}))

        with pytest.raises(RequestRejected, match="localhost:1"):
            await ask(adapter, ASKED)
        assert len(scripted.bodies) == 1


def metered(adapter: OpenAIWire) -> ModelCall:
    def meter(usage: ChatUsage) -> MeteredUsage:
        return MeteredUsage(usage, Decimal(1), usage.confidence, "p", "m", "h", None)

    return ModelCall(adapter, ASKED, meter)


class TestAccounting:
    @pytest.mark.parametrize(
        "counts",
        [
            {"prompt_tokens": 11, "completion_tokens": -1},
            {"prompt_tokens": 11, "completion_tokens": 2**64 - 1},
            {"prompt_tokens": 11},
        ],
    )
    async def test_an_odd_count_is_an_estimate(
        self, adapter: OpenAIWire, scripted: ScriptedServer, counts: dict[str, int]
    ) -> None:
        scripted.begin(says("Hello, you there.", usage=counts))
        call = metered(adapter)

        assert await call.text() == "Hello, you there."
        found = call.metered()
        assert found is not None
        assert (found.usage.input_tokens, found.usage.output_tokens, found.confidence) == (11, 5, "estimated")

    async def test_an_answer_without_a_word_has_no_output(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        scripted.begin(says("", usage={"prompt_tokens": 11, "completion_tokens": 0}))
        call = metered(adapter)
        await call.text()

        found = call.metered()
        assert found is not None
        assert (found.usage, found.confidence) == (ChatUsage(11, 0), "provider-reported")

    async def test_text_that_was_a_thought_is_no_text(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        scripted.begin(says("Let me see.</think>Four.", usage={}))
        call = metered(adapter)

        assert await call.text() == "Four."
        found = call.metered()
        assert found is not None
        assert found.usage.reasoning_tokens == 3
