"""LangChain, as its users point it at Coda: plain models and the agent, over both of OpenAI's wires."""

from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr

from tests.callers import Caller

PLAIN, AGENT = "openai/o3", "coda-agent/openai/o3"


class City(BaseModel):
    """A city."""

    city: str


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"7 degrees in {city}"


def chat(base_url: str, caller: Caller, model: str, **more: Any) -> ChatOpenAI:  # noqa: ANN401 - LangChain's own fields
    return ChatOpenAI(model=model, base_url=f"{base_url}/v1", api_key=SecretStr(caller.bearer), max_retries=0, **more)


@pytest.mark.parametrize("model", [PLAIN, AGENT])
@pytest.mark.parametrize("by_responses", [False, True])
class TestChat:
    async def test_an_answer(self, base_url: str, caller: Caller, model: str, by_responses: bool) -> None:
        answer = await chat(base_url, caller, model, use_responses_api=by_responses).ainvoke("say hello")

        assert answer.text == "Hello there, this is a plain answer."
        assert answer.usage_metadata is not None
        assert answer.usage_metadata["total_tokens"] > 0

    async def test_a_stream(self, base_url: str, caller: Caller, model: str, by_responses: bool) -> None:
        talking = chat(base_url, caller, model, use_responses_api=by_responses, stream_usage=True)
        whole = AIMessageChunk(content="")
        async for chunk in talking.astream("say hello"):
            assert isinstance(chunk, AIMessageChunk)
            whole += chunk

        assert whole.text == "Hello there, this is a plain answer."
        assert whole.usage_metadata is not None

    async def test_a_tool(self, base_url: str, caller: Caller, model: str, by_responses: bool) -> None:
        talking = chat(base_url, caller, model, use_responses_api=by_responses).bind_tools([get_weather])
        asked = HumanMessage("what is the weather")
        called = await talking.ainvoke([asked])
        (call,) = called.tool_calls
        result = await get_weather.ainvoke(call)
        assert isinstance(result, ToolMessage)
        answer = await talking.ainvoke([asked, called, result])

        assert (call["name"], call["args"]) == ("get_weather", {"city": "Oslo"})
        assert answer.text == "It is 7 degrees in Oslo."


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
async def test_a_structured_answer(base_url: str, caller: Caller, method: Any) -> None:  # noqa: ANN401 - a literal of LangChain's
    asking = chat(base_url, caller, PLAIN).with_structured_output(City, method=method)
    question = "name a city as an object" if method == "json_schema" else "name a city by a call"

    assert await asking.ainvoke(question) == City(city="Oslo")


async def test_a_structured_answer_of_the_agent(base_url: str, caller: Caller) -> None:
    asking = chat(base_url, caller, AGENT).with_structured_output(City, method="json_schema")

    assert await asking.ainvoke("name a city as an object") == City(city="Oslo")
