"""Tools of the client beside the agent's own: a call that is required is one of them, and its result is plain text."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI

from coda.core.settings import Settings
from tests.simulators.scripted import DONE, Reply, ScriptedServer, event, says

AGENT = "coda-agent/openai/m"
TOOL: Any = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}}}
NAMED: Any = {"type": "function", "function": {"name": "look_up"}}
ASKED: Any = [{"role": "user", "content": "Look it up"}]
RESULT = 'Line "one"\nLine two'


@pytest.fixture(scope="module")
async def aimock() -> AsyncIterator[ScriptedServer]:
    """OpenAI is scripted here."""
    async with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """So few steps that a model which only calls Coda's own tools comes to the cap."""
    return settings.model_copy(update={"runs": settings.runs.model_copy(update={"max_steps": 2})})


def calls(name: str, arguments: str = "{}") -> Reply:
    piece = {"index": 0, "id": "c", "function": {"name": name, "arguments": arguments}}
    end = {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}
    return Reply([event({"choices": [{"delta": {"tool_calls": [piece]}}]}), event(end), DONE])


def asked(provider: ScriptedServer) -> list[dict[str, Any]]:
    """What was asked for answers; titles are asked for without tools."""
    return [body for body in provider.bodies if "tools" in body]


class TestRequired:
    @pytest.mark.parametrize("choice", ["required", NAMED])
    async def test_it_is_not_used_up_by_tools_that_the_client_does_not_see(
        self,
        openai: AsyncOpenAI,
        aimock: ScriptedServer,
        choice: Any,  # noqa: ANN401 - the client's own type
    ) -> None:
        aimock.begin(calls("calculator", '{"expression":"6*7"}'), calls("look_up"))
        answer: Any = await openai.chat.completions.create(
            model=AGENT, messages=ASKED, tools=[TOOL], tool_choice=choice
        )

        assert [call.function.name for call in answer.choices[0].message.tool_calls or ()] == ["look_up"]
        assert [body["tool_choice"] for body in asked(aimock)] == [choice, choice]

    async def test_once_it_was_made_the_answer_may_end(self, openai: AsyncOpenAI, aimock: ScriptedServer) -> None:
        aimock.begin(calls("look_up"), says("Done."))
        more: Any = {"model": AGENT, "tools": [TOOL], "tool_choice": "required"}
        first = await openai.chat.completions.create(messages=ASKED, **more)
        answer = await openai.chat.completions.create(messages=going_on(first), **more)

        assert answer.choices[0].message.content == "Done."
        assert "tool_choice" not in asked(aimock)[-1]

    async def test_at_a_cap_only_the_clients_tools_are_offered(
        self, openai: AsyncOpenAI, aimock: ScriptedServer
    ) -> None:
        own = [calls("calculator", f'{{"expression":"{number}+1"}}') for number in range(2)]
        aimock.begin(*own, calls("look_up"))
        answer = await openai.chat.completions.create(model=AGENT, messages=ASKED, tools=[TOOL], tool_choice="required")

        assert answer.choices[0].finish_reason == "tool_calls"
        assert [tool["function"]["name"] for tool in asked(aimock)[-1]["tools"]] == ["look_up"]

    async def test_a_model_that_never_makes_it_comes_to_an_end(
        self, openai: AsyncOpenAI, aimock: ScriptedServer
    ) -> None:
        aimock.begin(answer=lambda body: calls("calculator", f'{{"expression":"{len(body["messages"])}+1"}}'))
        await openai.chat.completions.create(model=AGENT, messages=ASKED, tools=[TOOL], tool_choice="required")

        assert len(asked(aimock)) <= 4


class TestResult:
    async def test_the_model_reads_it_as_it_was_given_now_and_later(
        self, openai: AsyncOpenAI, aimock: ScriptedServer
    ) -> None:
        aimock.begin(calls("look_up"), says("Done."), says("Again."))
        more: Any = {"model": AGENT, "tools": [TOOL]}
        first = await openai.chat.completions.with_raw_response.create(messages=ASKED, **more)
        await openai.chat.completions.create(messages=going_on(first.parse()), **more)
        session = {"Coda-Session-Id": first.headers["coda-session-id"]}
        await openai.chat.completions.create(messages=ASKED, extra_headers=session, **more)

        told = [
            message["content"]
            for body in asked(aimock)[1:]
            for message in body["messages"]
            if message["role"] == "tool"
        ]
        assert told == [RESULT, RESULT]


def going_on(answer: Any) -> Any:  # noqa: ANN401 - the client's own types
    """The conversation with the result of the call that it ends with."""
    message = answer.choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": RESULT}
    return [*ASKED, message.model_dump(exclude_none=True), result]
