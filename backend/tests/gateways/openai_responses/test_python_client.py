"""OpenAI's Responses API, as the official Python client sees it."""

from collections import Counter
from typing import Any, Final

import pytest
from fastapi import FastAPI
from openai import APIError, AsyncOpenAI, BadRequestError, NotFoundError, RateLimitError
from openai.types.responses import FunctionToolParam, Response, ResponseFunctionToolCall
from pydantic import BaseModel
from sqlalchemy import func, select

from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database
from coda.gateways.openai_responses.models import StoredResponse
from tests.callers import Caller, Town
from tests.gateways.conftest import RunExample
from tests.simulators.faults import FaultServer

AGENT: Final = "coda-agent/demo/coda"
QUESTION: Final = "What is 17.5 % of 2,340?"
PIXEL: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WEATHER: Final[FunctionToolParam] = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": None,
}


async def test_the_example_runs(run_example: RunExample, capsys: pytest.CaptureFixture[str]) -> None:
    await run_example("responses.py")

    told = capsys.readouterr().out
    for said in ("409.5", "468", "[the model asks for calculator]", "144", "'deleted': True"):
        assert said in told


async def kinds(stream: Any) -> list[str]:  # noqa: ANN401 - the client's own stream type
    """The events of a stream by their type, each once where it comes several times in a row."""
    seen: list[str] = []
    numbers = []
    async for event in stream:
        numbers.append(event.sequence_number)
        if not seen or seen[-1] != event.type:
            seen.append(event.type)
    assert numbers == list(range(len(numbers)))
    return [kind.removeprefix("response.") for kind in seen]


async def stored(database: Database, caller: Caller) -> int:
    async with database.transaction(caller.principal.scope) as db:
        return int(await db.scalar(select(func.count()).select_from(StoredResponse)) or 0)


class TestWhole:
    async def test_a_text(self, openai: AsyncOpenAI) -> None:
        answer = await openai.responses.create(model="openai/o3", input="count exactly", metadata={"place": "test"})

        assert (answer.output_text, answer.status, answer.object) == ("Counted.", "completed", "response")
        assert answer.usage is not None
        assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (120, 30, 150)
        assert (answer.usage.input_tokens_details.cached_tokens, answer.error) == (0, None)
        assert answer.metadata == {"place": "test"}
        assert answer.model == "openai/o3"

    async def test_reasoning_is_an_item_of_its_own(self, openai: AsyncOpenAI) -> None:
        answer = await openai.responses.create(model="openai/o3", input="think about it")

        thought, said = answer.output
        assert thought.type == "reasoning"
        assert thought.summary[0].text == "Two and two make four, I am sure."
        assert said.type == "message"
        assert said.content[0].type == "output_text"
        assert said.content[0].text == "The answer is four."

    async def test_an_answer_that_was_cut(self, openai: AsyncOpenAI) -> None:
        long: Any = [{"role": "user", "content": "Write a long text about rivers"}]
        answer = await openai.responses.create(model="demo/coda", input=long, max_output_tokens=16)

        assert answer.status == "incomplete"
        assert answer.incomplete_details is not None
        assert answer.incomplete_details.reason == "max_output_tokens"


class TestStream:
    async def test_the_events_and_their_order(self, openai: AsyncOpenAI) -> None:
        stream = await openai.responses.create(model="openai/o3", input="think about it", stream=True)

        assert await kinds(stream) == [
            "created",
            "in_progress",
            "output_item.added",
            "reasoning_summary_part.added",
            "reasoning_summary_text.delta",
            "reasoning_summary_text.done",
            "reasoning_summary_part.done",
            "output_item.done",
            "output_item.added",
            "content_part.added",
            "output_text.delta",
            "output_text.done",
            "content_part.done",
            "output_item.done",
            "completed",
        ]

    async def test_the_clients_own_accumulation(self, openai: AsyncOpenAI) -> None:
        async with openai.responses.stream(model="openai/o3", input="say hello") as stream:
            final = await stream.get_final_response()

        assert final.output_text == "Hello there, this is a plain answer."
        assert final.usage is not None

    async def test_a_tool_call(self, openai: AsyncOpenAI) -> None:
        stream = await openai.responses.create(
            model="openai/o3", input="what is the weather", tools=[WEATHER], stream=True
        )

        assert await kinds(stream) == [
            "created",
            "in_progress",
            "output_item.added",
            "function_call_arguments.delta",
            "function_call_arguments.done",
            "output_item.done",
            "completed",
        ]

    async def test_an_error_in_the_middle_is_raised(self, openai: AsyncOpenAI) -> None:
        stream = await openai.responses.create(model="openrouter/cut-3", input="hi", stream=True)
        seen: Counter[str] = Counter()

        async def read() -> None:
            async for event in stream:
                seen[event.type] += 1

        with pytest.raises(APIError, match="broke in the middle") as caught:
            await read()
        assert caught.value.code == "llm.stream_cut"
        assert seen["response.output_text.delta"] > 0
        assert seen["response.output_item.done"] == 1


class TestTools:
    async def test_a_loop_with_the_clients_tools(self, openai: AsyncOpenAI) -> None:
        asked: list[Any] = [{"role": "user", "content": "what is the weather"}]
        answer = await openai.responses.create(model="openai/o3", input=asked, tools=[WEATHER])
        call = answer.output[0]
        assert isinstance(call, ResponseFunctionToolCall)
        assert (call.name, call.arguments) == ("get_weather", '{"city": "Oslo"}')

        result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": '{"degrees": 7}'}
        going_on = [*asked, call, result]
        final = await openai.responses.create(model="openai/o3", input=going_on, tools=[WEATHER])
        assert final.output_text == "It is 7 degrees in Oslo."

    async def test_the_loop_by_previous_response(self, openai: AsyncOpenAI) -> None:
        answer = await openai.responses.create(model="openai/o3", input="what is the weather", tools=[WEATHER])
        call = answer.output[0]
        assert isinstance(call, ResponseFunctionToolCall)

        final = await openai.responses.create(
            model="openai/o3",
            previous_response_id=answer.id,
            input=[{"type": "function_call_output", "call_id": call.call_id, "output": '{"degrees": 7}'}],
            tools=[WEATHER],
        )
        assert final.output_text == "It is 7 degrees in Oslo."
        assert final.previous_response_id == answer.id

    async def test_a_structured_answer(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        class Place(BaseModel):
            name: str

        with pytest.raises(ValueError, match="Place"):  # the simulated model answers in plain words
            await openai.responses.parse(model="openrouter/ok", input="where", text_format=Place)

        asked = module_faults.requests[-1]["response_format"]
        assert (asked["type"], asked["json_schema"]["name"]) == ("json_schema", "Place")
        assert asked["json_schema"]["schema"]["properties"] == {"name": {"title": "Name", "type": "string"}}


class TestParameters:
    async def test_what_is_asked_reaches_the_model(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        await openai.responses.create(
            model="openrouter/ok",
            instructions="Be short.",
            input=[
                {"role": "developer", "content": "Be polite."},
                {"role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            ],
            temperature=0.5,
            top_p=0.9,
            max_output_tokens=64,
            reasoning={"effort": "low"},
            tools=[WEATHER],
            tool_choice={"type": "function", "name": "get_weather"},
            parallel_tool_calls=False,
        )

        asked = module_faults.requests[-1]
        assert [message["role"] for message in asked["messages"]] == ["system", "system", "user"]
        assert asked["messages"][0]["content"] == "Be short."
        assert (asked["temperature"], asked["top_p"], asked["parallel_tool_calls"]) == (0.5, 0.9, False)
        assert asked["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
        assert asked["tools"][0]["function"]["name"] == "get_weather"
        assert "store" not in asked

    async def test_a_picture_reaches_the_model(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        text = {"type": "input_text", "text": "What is this?"}
        picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"}
        asked: Any = [{"role": "user", "content": [text, picture]}]
        await openai.responses.create(model="openrouter/ok", input=asked)

        sent = module_faults.requests[-1]["messages"][-1]["content"]
        assert [part["type"] for part in sent] == ["text", "image_url"]
        assert sent[1]["image_url"]["url"].endswith(PIXEL)

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
            ({"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}, "tools[0].type"),
            ({"tool_choice": {"type": "web_search"}}, "tool_choice"),
            ({"tool_choice": {"type": "allowed_tools", "tools": 5}}, "tool_choice.tools"),
            ({"tool_choice": {"type": "allowed_tools", "tools": [{"name": []}]}}, "tool_choice.tools[0].name"),
            ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
            ({"include": 5}, "include"),
            ({"truncation": []}, "truncation"),
            ({"background": True}, "background"),
            ({"model": AGENT, "background": True, "store": False}, "background"),
            ({"conversation": "conv_1"}, "conversation"),
            ({"prompt": {"id": "pmpt_1"}}, "prompt"),
            ({"top_logprobs": 3}, "top_logprobs"),
            ({"include": ["message.output_text.logprobs"]}, "include"),
            ({"truncation": "auto"}, "truncation"),
            ({"text": {"format": {"type": "grammar"}}}, "text.format"),
            ({"temperature": 9}, "temperature"),
            ({"input": [{"role": "jester", "content": "x"}]}, "input[0].role"),
            ({"input": [{"type": "computer_call_output"}]}, "input[0].type"),
            ({"input": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "input[0].content[0].type"),
            ({"input": [{"type": "item_reference", "id": "msg_unknown"}]}, "input[0].id"),
        ],
    )
    async def test_what_is_not_supported_names_its_parameter(
        self, openai: AsyncOpenAI, more: dict[str, Any], param: str
    ) -> None:
        with pytest.raises(BadRequestError) as caught:
            await openai.responses.create(**{"model": "demo/coda", "input": "hi", **more})

        assert caught.value.param == param

    async def test_a_form_that_is_none(self, openai: AsyncOpenAI) -> None:
        form: Any = {"type": "json_schema", "name": "none", "schema": {"type": "wish"}}
        with pytest.raises(BadRequestError) as refused:
            await openai.responses.create(model="openai/o3", input="hi", text={"format": form})

        assert refused.value.param == "text.format.schema"

    async def test_conversations_are_told_to_be_elsewhere(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(NotFoundError, match="previous_response_id"):
            await openai.conversations.create()

    async def test_errors_of_the_provider(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(RateLimitError):
            await openai.responses.create(model="openai/o3", input="refuse: rate")
        with pytest.raises(BadRequestError) as too_long:
            await openai.responses.create(model="openai/o3", input="refuse: window", stream=True)
        with pytest.raises(NotFoundError) as unknown:
            await openai.responses.create(model="nobody/nothing", input="hi")

        assert too_long.value.code == "context_length_exceeded"
        assert unknown.value.code == "model_not_found"


class TestStored:
    async def test_a_conversation_goes_on(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        first = await openai.responses.create(model="openrouter/ok", input="One", instructions="Only now.")
        second = await openai.responses.create(model="openrouter/ok", input="Two", previous_response_id=first.id)
        await openai.responses.create(model="openrouter/ok", input="Three", previous_response_id=second.id)

        said = [(message["role"], message["content"]) for message in module_faults.requests[-1]["messages"]]
        assert [role for role, _ in said] == ["user", "assistant", "user", "assistant", "user"]
        assert [text for role, text in said if role == "user"] == ["One", "Two", "Three"]

    async def test_it_is_found_listed_and_forgotten(self, openai: AsyncOpenAI) -> None:
        made = await openai.responses.create(model="openai/o3", input="say hello")

        found = await openai.responses.retrieve(made.id)
        assert isinstance(found, Response)
        assert (found.id, found.output_text) == (made.id, made.output_text)
        (item,) = (await openai.responses.input_items.list(made.id)).data
        assert item.type == "message"

        await openai.responses.delete(made.id)
        for gone in (openai.responses.retrieve, openai.responses.delete):
            with pytest.raises(NotFoundError):
                await gone(made.id)
        with pytest.raises(NotFoundError) as caught:
            await openai.responses.create(model="openai/o3", input="hi", previous_response_id=made.id)
        assert caught.value.param == "previous_response_id"

    async def test_a_chain_with_a_hole_is_not_continued(self, openai: AsyncOpenAI) -> None:
        first = await openai.responses.create(model="openai/o3", input="say hello")
        second = await openai.responses.create(model="openai/o3", input="say hello", previous_response_id=first.id)
        await openai.responses.delete(first.id)

        with pytest.raises(NotFoundError):
            await openai.responses.create(model="openai/o3", input="hi", previous_response_id=second.id)

    async def test_items_are_found_by_their_ids(self, openai: AsyncOpenAI, module_faults: FaultServer) -> None:
        first = await openai.responses.create(model="openrouter/ok", input="One")
        reference: Any = {"type": "item_reference", "id": first.output[0].id}
        await openai.responses.create(model="openrouter/ok", input=[{"role": "user", "content": "One"}, reference])

        assert module_faults.requests[-1]["messages"][1]["role"] == "assistant"
        assert module_faults.requests[-1]["messages"][1]["content"]

    async def test_nothing_is_kept_where_that_was_asked(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        before = await stored(database, caller)
        answer = await openai.responses.create(model="openai/o3", input="say hello", store=False)

        assert await stored(database, caller) == before
        with pytest.raises(NotFoundError):
            await openai.responses.retrieve(answer.id)

    async def test_a_colleague_does_not_find_it(
        self, openai: AsyncOpenAI, base_url: str, app: FastAPI, database: Database, caller: Caller
    ) -> None:
        made = await openai.responses.create(model="openai/o3", input="say hello")
        town = Town(database, app.state.identity)
        other = await town.key(await town.settle(caller.principal.org_id, Role.MEMBER))

        async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=other.bearer, max_retries=0) as colleague:
            with pytest.raises(NotFoundError):
                await colleague.responses.retrieve(made.id)
            with pytest.raises(NotFoundError):
                await colleague.responses.delete(made.id)
            with pytest.raises(NotFoundError):
                await colleague.responses.create(model="openai/o3", input="hi", previous_response_id=made.id)
            reference: Any = {"type": "item_reference", "id": made.output[0].id}
            with pytest.raises(BadRequestError):
                await colleague.responses.create(model="openai/o3", input=[reference])


class TestAgent:
    async def test_a_chat_goes_on_behind_its_answer(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        first = await openai.responses.create(model=AGENT, input=QUESTION)
        assert "409.5" in first.output_text
        second = await openai.responses.create(model=AGENT, input="And 20 % of it?", previous_response_id=first.id)
        assert second.status == "completed"
        other = await openai.responses.create(model=AGENT, input="And 30 % of it?", previous_response_id=first.id)

        async with database.transaction(caller.principal.scope) as db:
            rows = (await db.scalars(select(StoredResponse).where(StoredResponse.session_id.is_not(None)))).all()
            mine = [row for row in rows if row.body["id"] in (first.id, second.id, other.id)]
            (session_id,) = {row.session_id for row in mine}
            messages = (await db.scalars(select(Message).where(Message.session_id == session_id))).all()
        answers = {row.body["id"]: row.message_id for row in mine}
        below = [message for message in messages if message.parent_id == answers[first.id]]
        assert len(messages) == 6
        assert {message.role for message in below} == {"user"}
        assert len(below) == 2

    async def test_a_tool_of_the_client(self, openai: AsyncOpenAI) -> None:
        agent = "coda-agent/openai/o3"
        asked = await openai.responses.create(model=agent, input="what is the weather", tools=[WEATHER])
        call = asked.output[-1]
        assert isinstance(call, ResponseFunctionToolCall)
        assert (call.name, call.arguments) == ("get_weather", '{"city": "Oslo"}')

        result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": '{"degrees": 7}'}
        final = await openai.responses.create(
            model=agent, previous_response_id=asked.id, input=[result], tools=[WEATHER]
        )
        assert final.output_text == "It is 7 degrees in Oslo."

    async def test_a_chat_of_coda_goes_on(self, openai: AsyncOpenAI) -> None:
        first = await openai.responses.with_raw_response.create(model=AGENT, input=QUESTION)
        session_id = first.headers["Coda-Session-Id"]
        second = await openai.responses.with_raw_response.create(
            model=AGENT, input=QUESTION, extra_headers={"Coda-Session-Id": session_id}
        )
        third = await openai.responses.with_raw_response.create(
            model=AGENT, input=QUESTION, metadata={"session_id": session_id}
        )

        assert {answer.headers["Coda-Session-Id"] for answer in (second, third)} == {session_id}

    async def test_streamed(self, openai: AsyncOpenAI) -> None:
        stream = await openai.responses.create(model=AGENT, input=QUESTION, stream=True)
        seen = await kinds(stream)

        assert seen[:2] == ["created", "in_progress"]
        assert seen[-1] == "completed"
        assert "reasoning_summary_text.delta" in seen

    async def test_what_a_plain_model_said_comes_along(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        plain = await openai.responses.create(model="openai/o3", input="say hello")
        agent = await openai.responses.create(model=AGENT, input=QUESTION, previous_response_id=plain.id)
        back = await openai.responses.create(model="openai/o3", input="say hello", previous_response_id=agent.id)

        assert back.output_text == "Hello there, this is a plain answer."
        async with database.transaction(caller.principal.scope) as db:
            row = (await db.scalars(select(StoredResponse).where(StoredResponse.body["id"].astext == agent.id))).one()
            count = select(func.count()).select_from(Message).where(Message.session_id == row.session_id)
            assert await db.scalar(count) == 4

    async def test_a_deleted_chat_takes_its_responses_along(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        made = await openai.responses.create(model=AGENT, input=QUESTION)
        async with database.transaction(caller.principal.scope) as db:
            row = (await db.scalars(select(StoredResponse).where(StoredResponse.body["id"].astext == made.id))).one()
            chat_session = await db.get_one(ChatSession, (row.org_id, row.session_id))
            chat_session.deleted_at = func.now()

        with pytest.raises(NotFoundError):
            await openai.responses.retrieve(made.id)
