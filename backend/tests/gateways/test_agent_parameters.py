"""What a request asks of the whole agent: parameters, a form of the answer, tools of the client, a chat to go on in."""

from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from sqlalchemy import select

from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database
from tests.callers import Caller, Town
from tests.gateways.conftest import RunExample
from tests.gateways.openai_responses.test_python_client import PIXEL
from tests.simulators.faults import FaultServer

AGENT = "coda-agent/openrouter/ok"
FORM: Any = {
    "type": "json_schema",
    "json_schema": {"name": "numbers", "schema": {"type": "object", "properties": {}}, "strict": True},
}
UNREADABLE: Any = {"type": "json_schema", "json_schema": {"name": "none", "schema": {"type": "wish"}}}
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        "strict": True,
    },
}
ASKED: Any = [{"role": "user", "content": "what is the weather"}]
COUNTED = "One two three four five "


def said(text: str) -> Any:  # noqa: ANN401 - the client's own message types
    return [{"role": "user", "content": text}]


class TestParameters:
    async def test_reach_the_model(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        await openai.chat.completions.create(
            model=AGENT, messages=said("hi"), stop=["END"], seed=7, presence_penalty=0.5, frequency_penalty=-0.5,
            tools=[WEATHER], tool_choice="required", parallel_tool_calls=False, logit_bias={"1": -100}, user="me",
            extra_body={"from_the_future": 1},
        )  # fmt: skip
        sent = module_faults.requests[-1]

        assert {name: sent[name] for name in ("stop", "seed", "presence_penalty", "frequency_penalty")} == {
            "stop": ["END"], "seed": 7, "presence_penalty": 0.5, "frequency_penalty": -0.5,
        }  # fmt: skip
        assert (sent["tool_choice"], sent["parallel_tool_calls"]) == ("required", False)
        assert (sent["logit_bias"], sent["user"]) == ({"1": -100}, "me")
        assert "from_the_future" not in sent

    async def test_no_tools_where_none_are_wanted(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        await openai.chat.completions.create(model=AGENT, messages=said("hi"), tool_choice="none")

        assert module_faults.requests[-1]["tool_choice"] == "none"

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"tool_choice": "sometimes"}, "tool_choice"),
            ({"tool_choice": "required"}, "tool_choice"),
            (
                {"tool_choice": {"type": "function", "function": {"name": "calculator"}}, "tools": [WEATHER]},
                "tool_choice",
            ),
            ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
            ({"response_format": UNREADABLE}, "response_format.json_schema.schema"),
            ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
            ({"response_format": {"type": "poem"}}, "response_format"),
            ({"model": "coda-agent/demo/coda", "response_format": FORM}, "response_format"),
        ],
    )
    async def test_what_cannot_be_done_is_told_before_any_work(
        self, openai: AsyncOpenAI, module_faults: FaultServer, more: dict[str, Any], param: str
    ) -> None:
        before = len(module_faults.requests)
        with pytest.raises(BadRequestError) as refused:
            await openai.chat.completions.create(**{"model": AGENT, "messages": said("hi"), **more})

        assert refused.value.param == param
        assert len(module_faults.requests) == before
        assert "coda-run-id" not in refused.value.response.headers

    @pytest.mark.parametrize(
        "url",
        [
            "data:image/png;base64,AAAA",
            "data:image/png;base64,%%%%",
            "data:text/plain,hello",
            "http://127.0.0.1:9/x.png",
        ],
    )
    async def test_what_is_no_picture_is_refused(self, openai: AsyncOpenAI, url: str) -> None:
        messages: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
        with pytest.raises(BadRequestError) as refused:
            await openai.chat.completions.create(model=AGENT, messages=messages)

        assert refused.value.param in ("messages[0].content", "messages[0].content[0].image_url.url")

    async def test_pictures_reach_the_agent(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
        messages: Any = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]
        await openai.chat.completions.create(model=AGENT, messages=messages)

        sent = module_faults.requests[-1]["messages"][-1]["content"]
        assert [part["type"] for part in sent] == ["text", "image_url"]
        assert sent[1]["image_url"]["url"].startswith("data:image/png;base64,")


class TestForm:
    @pytest.mark.parametrize("is_streamed", [False, True])
    async def test_is_asked_for_once_no_tool_can_be_called(
        self, openai: AsyncOpenAI, module_faults: FaultServer, is_streamed: bool
    ) -> None:
        before = len(module_faults.requests)
        asked: Any = {"model": AGENT, "messages": said("count"), "response_format": FORM, "stream": is_streamed}
        answer = await openai.chat.completions.create(**asked)
        if is_streamed:
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in answer])
        else:
            text = answer.choices[0].message.content
            assert COUNTED in answer.choices[0].message.reasoning_content
        first, last = module_faults.requests[before:]

        assert text == COUNTED
        assert "response_format" not in first
        assert first["tools"]
        assert last["response_format"] == FORM
        assert last["tool_choice"] == "none"
        assert last["messages"][-1]["role"] == "user"

    async def test_without_tools_it_takes_one_call(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        before = len(module_faults.requests)
        answer = await openai.chat.completions.create(
            model=AGENT, messages=said("count"), response_format=FORM, tool_choice="none"
        )

        assert answer.choices[0].message.content == COUNTED
        assert [sent["response_format"] for sent in module_faults.requests[before:]] == [FORM]


class TestClientTools:
    async def test_the_answer_waits_for_their_results(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        asked: Any = {"model": "coda-agent/openai/o3", "tools": [WEATHER]}
        first = await openai.chat.completions.with_raw_response.create(messages=ASKED, **asked)
        called = (await _parsed(first)).choices[0]
        (call,) = called.message.tool_calls

        assert called.finish_reason == "tool_calls"
        assert (call.function.name, call.function.arguments) == ("get_weather", '{"city": "Oslo"}')

        result = {"role": "tool", "tool_call_id": call.id, "content": "7 degrees"}
        going_on = [*ASKED, called.message.model_dump(exclude_none=True), result]
        second = await openai.chat.completions.with_raw_response.create(messages=going_on, **asked)
        final = await _parsed(second)

        assert final.choices[0].message.content == "It is 7 degrees in Oslo."
        assert final.choices[0].finish_reason == "stop"
        assert first.headers["coda-session-id"] == second.headers["coda-session-id"]
        async with database.transaction(caller.principal.scope) as db:
            kept = await db.scalars(select(Message).where(Message.session_id == first.headers["coda-session-id"]))
            parts = [part for message in kept for part in message.content if part["type"] == "tool_call"]
        assert [(part["status"], part["result"]) for part in parts] == [("done", "7 degrees")]

        again = await openai.chat.completions.create(messages=going_on, **asked)
        assert again.choices[0].message.content == "It is 7 degrees in Oslo."

        later = [*going_on, {"role": "assistant", "content": "It is 7 degrees in Oslo."}, *said("say hello")]
        assert (await openai.chat.completions.create(messages=later, **asked)).choices[0].message.content

    async def test_streamed(self, openai: AsyncOpenAI) -> None:
        stream: Any = await openai.chat.completions.create(
            model="coda-agent/openai/o3", messages=ASKED, tools=[WEATHER], stream=True
        )
        choices = [chunk.choices[0] async for chunk in stream]
        calls = [call for choice in choices for call in choice.delta.tool_calls or ()]

        assert [(call.index, call.function.name) for call in calls] == [(0, "get_weather")]
        assert calls[0].id
        assert choices[-1].finish_reason == "tool_calls"

    async def test_a_result_that_nobody_waits_for(self, openai: AsyncOpenAI) -> None:
        call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
        result = {"role": "tool", "tool_call_id": "call_1", "content": "x"}
        messages: Any = [*ASKED, {"role": "assistant", "tool_calls": [call]}, result]
        with pytest.raises(BadRequestError) as refused:
            await openai.chat.completions.create(model="coda-agent/openai/o3", messages=messages, tools=[WEATHER])

        assert refused.value.param == "messages[2].tool_call_id"

    async def test_somebody_else_cannot_give_the_result(self, openai: AsyncOpenAI, town: Town, base_url: str) -> None:
        asked: Any = {"model": "coda-agent/openai/o3", "tools": [WEATHER]}
        called: Any = (await openai.chat.completions.create(messages=ASKED, **asked)).choices[0].message
        result: Any = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "x"}
        other = await _other(town)
        with pytest.raises(BadRequestError):
            await openai.with_options(api_key=other.bearer).chat.completions.create(
                messages=[*ASKED, called.model_dump(exclude_none=True), result], **asked
            )

    async def test_a_client_that_asks_on_instead(self, openai: AsyncOpenAI) -> None:
        asked: Any = {"model": "coda-agent/openai/o3", "tools": [WEATHER]}
        first = await openai.chat.completions.with_raw_response.create(messages=ASKED, **asked)
        session = {"Coda-Session-Id": first.headers["coda-session-id"]}
        answer = await openai.chat.completions.create(messages=said("say hello"), extra_headers=session, **asked)

        assert answer.choices[0].message.content == "Hello there, this is a plain answer."


class TestOrigin:
    async def test_a_chat_tells_by_which_wire_it_was_begun(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        chat = await openai.chat.completions.with_raw_response.create(model=AGENT, messages=said("hi"))
        response = await openai.responses.with_raw_response.create(model=AGENT, input="hi")
        ids = [answer.headers["coda-session-id"] for answer in (chat, response)]
        async with database.transaction(caller.principal.scope) as db:
            origins = {str(row.id): row.origin for row in await db.scalars(select(ChatSession))}

        assert [origins[each] for each in ids] == ["openai", "responses"]


class TestGoingOnInAChat:
    @pytest.mark.parametrize("where", ["header", "metadata"])
    async def test_the_question_goes_below_the_last_answer(
        self, openai: AsyncOpenAI, module_faults: FaultServer, where: str
    ) -> None:
        first = await openai.chat.completions.with_raw_response.create(model=AGENT, messages=said("first"))
        session_id = first.headers["coda-session-id"]
        named: Any = {
            "header": {"extra_headers": {"Coda-Session-Id": session_id}},
            "metadata": {"metadata": {"session_id": session_id}},
        }
        second = await openai.chat.completions.with_raw_response.create(
            model=AGENT, messages=said("second"), **named[where]
        )

        assert second.headers["coda-session-id"] == session_id
        sent = [message["content"] for message in module_faults.requests[-1]["messages"][1:]]
        assert sent == ["first", COUNTED, "second"]

    @pytest.mark.parametrize("session_id", ["nothing", "019c9e00-0000-7000-8000-00000000d001"])
    async def test_a_chat_that_is_not_there(self, openai: AsyncOpenAI, session_id: str) -> None:
        with pytest.raises(NotFoundError):
            await openai.chat.completions.create(
                model=AGENT, messages=said("hi"), extra_headers={"Coda-Session-Id": session_id}
            )

    async def test_a_chat_of_somebody_else(self, openai: AsyncOpenAI, town: Town) -> None:
        first = await openai.chat.completions.with_raw_response.create(model=AGENT, messages=said("first"))
        other = await _other(town)
        with pytest.raises(NotFoundError):
            await openai.with_options(api_key=other.bearer).chat.completions.create(
                model=AGENT,
                messages=said("hi"),
                extra_headers={"Coda-Session-Id": first.headers["coda-session-id"]},
            )

    async def test_a_plain_model_keeps_no_chat(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(BadRequestError) as refused:
            await openai.chat.completions.create(
                model="openrouter/ok", messages=said("hi"), extra_headers={"Coda-Session-Id": "x"}
            )

        assert refused.value.param == "Coda-Session-Id"


async def test_the_example_runs(run_example: RunExample, capsys: pytest.CaptureFixture[str]) -> None:
    example = await run_example("chat_completions.py")
    example["CLIENT"].close()

    shown = capsys.readouterr().out  # among our own log lines
    told = {line.partition(": ")[0]: line for line in shown.splitlines()}
    assert "409.5" in told["agent"]
    assert "42" in told["same chat"]
    assert "144" in told["with a tool of one's own"]


async def _other(town: Town) -> Caller:
    return await town.key(await town.settle(await town.found(), Role.MEMBER))


async def _parsed(raw: Any) -> Any:  # noqa: ANN401 - the client's own types
    return raw.parse()
