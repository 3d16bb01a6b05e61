"""Answers whose model calls tools of added sources, from the request to the server and back."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.runs.waiting import until_async
from tests.simulators.mcp_servers import HostileServer, ToolServer
from tests.simulators.scripted import DONE, Reply, ScriptedServer, event, says
from tests.tools.sources.conftest import Panel, body_of


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedServer]:
    """A model that calls the first tool of a source, and says what came back."""
    async with ScriptedServer() as server:
        server.begin(answer=_answer)
        yield server


def _answer(body: dict[str, Any]) -> Reply:
    names = [tool["function"]["name"] for tool in body.get("tools", ()) if "__" in tool["function"]["name"]]
    last = body["messages"][-1]
    if last["role"] == "tool" or not names:
        return says(f"It gave {last['content']}")
    name = min(names)
    piece = {"index": 0, "id": "c", "function": {"name": name, "arguments": json.dumps(ARGUMENTS.get(name, {}))}}
    return Reply(
        [
            event({"choices": [{"delta": {"tool_calls": [piece]}}]}),
            event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
            DONE,
        ]
    )


ARGUMENTS = {"the-box__add": {"a": 2, "b": 3}}


async def ask(panel: Panel, provider: ScriptedServer) -> str:
    """The text of an agent's answer."""
    client, headers = panel.client, panel.caller.headers
    connection = {
        "kind": "openai_compatible", "name": "rack", "base_url": f"{provider.url}/v1", "for": "organization",
    }  # fmt: skip
    body_of(await client.post("/api/v1/connections", headers=headers, json=connection))

    async def is_listed() -> bool:
        models = body_of(await client.get("/v1/models", headers=headers))["data"]
        return any(model["id"] == "coda-agent/rack/m" for model in models)

    await until_async(is_listed)
    question = {"model": "coda-agent/rack/m", "messages": [{"role": "user", "content": "What is 2 + 3?"}]}
    answer = body_of(await client.post("/v1/chat/completions", headers=headers, json=question))
    return str(answer["choices"][0]["message"]["content"])


async def test_a_model_is_told_of_a_tool_and_reads_what_its_server_answers(
    panels: dict[str, Panel], server: ToolServer, provider: ScriptedServer
) -> None:
    await panels["boss"].add(server.url)
    server.methods.clear()

    assert '{"sum":5}' in await ask(panels["boss"], provider)
    assert server.methods == ["tools/call"]


async def test_an_answer_goes_on_where_the_server_dies_in_the_middle_of_a_call(
    panels: dict[str, Panel], provider: ScriptedServer
) -> None:
    async with HostileServer().serving() as hostile:
        hostile.tools = [{"name": "go", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}]
        await panels["boss"].add(f"{hostile.url}/dies")

        assert "tools.source_unreachable" in await ask(panels["boss"], provider)
        assert hostile.calls == 1
