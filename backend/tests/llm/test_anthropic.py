"""Anthropic, and Gemini, through LiteLLM: what it costs, how long its answers may be, what it refuses."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.available import AvailableModels
from coda.llm.describe import ModelDescriptions
from coda.llm.errors import MalformedAnswer, ProviderBusy
from coda.llm.gateway import Gateway, ResolvedModel
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address
from coda.llm.types import ChatMessage, ChatRequest
from tests.simulators.scripted import Reply, ScriptedServer

UNKNOWN = "claude-not-known-yet"


def events(*chunks: dict[str, Any]) -> Reply:
    """A stream of Anthropic's wire."""
    return Reply([f"event: {chunk['type']}\ndata: {json.dumps(chunk)}\n\n" for chunk in chunks])


def says(text: str) -> Reply:
    usage = {"input_tokens": 50, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "x", "usage": usage}
    return events(
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}},
        {"type": "message_stop"},
    )


def model(
    http: OutboundHttp, server: ScriptedServer, name: str, prices: Path | None = None, kind: str = "anthropic"
) -> ResolvedModel:
    settings = LlmSettings(max_tries=1)
    address = Address(kind, "Its title", KINDS[kind], source="test", base_url=server.url, key="k")
    provider = ProviderFactory(http, settings).build(address)
    available = AvailableModels([provider], ModelDescriptions(PriceBook(prices), settings))
    gateway = Gateway(None, settings)  # type: ignore[arg-type]  # nothing is looked up
    return gateway.open_from(available, f"{kind}/{name}")


REQUEST = ChatRequest("", [ChatMessage.of("user", "Hello?")])


async def test_an_own_price_is_what_it_costs(http: OutboundHttp, scripted: ScriptedServer, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps({"anthropic/claude-sonnet-4-5": {"input": 1000, "output": 1000}}))
    scripted.begin(says("Hello."))
    call = model(http, scripted, "claude-sonnet-4-5", prices).stream(REQUEST)

    assert await call.text() == "Hello."
    metered = call.metered()
    assert metered is not None
    assert (metered.cost_usd, metered.confidence) == (Decimal("0.057"), "computed")


async def test_an_unknown_model_may_write_long_answers(http: OutboundHttp, scripted: ScriptedServer) -> None:
    scripted.begin(says("Hello."))
    await model(http, scripted, UNKNOWN).stream(REQUEST).text()

    assert scripted.bodies[0]["max_tokens"] == 32_000


async def test_a_limit_that_is_too_high_for_it_is_lowered_once(http: OutboundHttp, scripted: ScriptedServer) -> None:
    said = "max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for this model"
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
    scripted.begin(answer=lambda asked: says("Hi.") if asked["max_tokens"] <= 8192 else Reply.json(body, status=400))
    opened = model(http, scripted, UNKNOWN)

    assert [await opened.stream(REQUEST).text() for _ in range(2)] == ["Hi.", "Hi."]
    assert [body["max_tokens"] for body in scripted.bodies] == [32_000, 8192, 8192]


async def test_how_long_to_wait_is_told(http: OutboundHttp, scripted: ScriptedServer) -> None:
    body = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}
    scripted.begin(Reply.json(body, status=429, **{"Retry-After": "90"}))

    with pytest.raises(ProviderBusy) as caught:
        await model(http, scripted, UNKNOWN).stream(REQUEST).text()

    assert caught.value.retry_after == 90


START: dict[str, Any] = {
    "type": "message_start",
    "message": {
        "id": "m", "type": "message", "role": "assistant", "content": [], "model": "x", "usage": {"input_tokens": 5},
    },
}  # fmt: skip
EMPTY = {
    "a page": Reply(["<html>Sign in</html>"], 200, {"Content-Type": "text/html"}),
    "nothing": Reply([]),
    "a body that is no stream": Reply.json({"content": [{"type": "text", "text": "Hello."}]}),
    "a beginning": events(START),
    "usage that is none": events({**START, "message": {**START["message"], "usage": None}}),
}


@pytest.mark.parametrize("empty", EMPTY)
async def test_what_is_no_answer_is_none(http: OutboundHttp, scripted: ScriptedServer, empty: str) -> None:
    scripted.begin(EMPTY[empty])

    with pytest.raises(MalformedAnswer):
        await model(http, scripted, UNKNOWN).stream(REQUEST).text()


async def test_how_long_to_wait_is_told_in_the_body_too(http: OutboundHttp, scripted: ScriptedServer) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}]
    body = {"error": {"code": 429, "message": "Slow.", "status": "RESOURCE_EXHAUSTED", "details": details}}
    scripted.begin(Reply.json(body, status=429))

    with pytest.raises(ProviderBusy) as caught:
        await model(http, scripted, "gemini-2.5-flash", kind="gemini").stream(REQUEST).text()

    assert caught.value.retry_after == 2.5
