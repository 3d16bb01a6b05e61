"""The OpenAI-compatible API, as the official Python client sees it."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from openai import (
    APIError,
    APIStatusError,
    AsyncOpenAI,
    AsyncStream,
    AuthenticationError,
    BadRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
)
from openai.types.chat import ChatCompletionChunk, ChatCompletionToolParam
from sqlalchemy import delete, func, select

from coda.access.quotas import Quotas
from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database
from coda.core.request_limits import MemoryRequestLimits
from coda.core.settings import RateLimitSettings
from coda.runs.models import Run
from coda.usage.models import LedgerEntry
from tests.callers import Caller, Town
from tests.runs.waiting import LONGEST, database_time, open_connections, until_async
from tests.simulators.faults import FaultServer

BOOKED_WITHIN = timedelta(seconds=5)
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def said(text: str) -> Any:  # noqa: ANN401 - the client's own message types
    return [{"role": "user", "content": text}]


async def entries(database: Database, caller: Caller) -> list[LedgerEntry]:
    async with database.transaction(caller.principal.scope) as db:
        return list((await db.scalars(select(LedgerEntry).order_by(LedgerEntry.created_at))).all())


async def is_booked(database: Database, caller: Caller, before: int) -> bool:
    return len(await entries(database, caller)) > before


class TestModels:
    async def test_plain_models_and_agents(self, openai: AsyncOpenAI) -> None:
        names = [model.id async for model in openai.models.list()]

        assert "demo/coda" in names
        assert "coda-agent/demo/coda" in names

    @pytest.mark.parametrize("name", ["demo/coda", "coda-agent/demo/coda"])
    async def test_one_by_its_id_and_always_the_same(self, openai: AsyncOpenAI, name: str) -> None:
        listed = {model.id: model async for model in openai.models.list()}

        assert await openai.models.retrieve(name) == listed[name] == await openai.models.retrieve(name)

    @pytest.mark.parametrize("name", ["demo/other", "nobody/nothing", "coda-agent/demo/other"])
    async def test_one_that_is_not_there(self, openai: AsyncOpenAI, name: str) -> None:
        with pytest.raises(NotFoundError) as caught:
            await openai.models.retrieve(name)

        assert caught.value.code == "model_not_found"


class TestCompletion:
    async def test_whole(self, openai: AsyncOpenAI, database: Database, caller: Caller) -> None:
        before = len(await entries(database, caller))
        answer = await openai.chat.completions.create(model="openai/o3", messages=said("count exactly"))

        assert answer.object == "chat.completion"
        assert answer.choices[0].message.content == "Counted."
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage is not None
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (120, 30, 150)
        entry = (await entries(database, caller))[before]
        assert (entry.purpose, entry.provider, entry.model) == ("api", "openai", "o3")
        assert entry.cost_usd == Decimal("0.00048")
        assert (entry.confidence, entry.price_version) == ("computed", "own prices")
        assert entry.api_key_id == caller.principal.api_key_id

    async def test_streamed_with_usage(self, openai: AsyncOpenAI) -> None:
        stream = await openai.chat.completions.create(
            model="openai/o3", messages=said("say hello"), stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]

        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == "Hello there, this is a plain answer."
        assert chunks[0].choices[0].delta.role == "assistant"
        assert chunks[-1].usage is not None
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
        assert len({chunk.id for chunk in chunks}) == 1

    async def test_streamed_without_usage(self, openai: AsyncOpenAI) -> None:
        stream = await openai.chat.completions.create(model="openai/o3", messages=said("say hello"), stream=True)

        chunks = [chunk async for chunk in stream]
        assert all(chunk.usage is None and chunk.choices for chunk in chunks)

    async def test_tools_of_the_client_go_through(self, openai: AsyncOpenAI) -> None:
        asked = said("what is the weather")
        answer = await openai.chat.completions.create(model="openai/o3", messages=asked, tools=[WEATHER])
        message = answer.choices[0].message

        assert answer.choices[0].finish_reason == "tool_calls"
        assert message.content is None
        assert message.tool_calls is not None
        call = message.tool_calls[0]
        assert call.type == "function"
        assert (call.function.name, call.function.arguments) == ("get_weather", '{"city": "Oslo"}')

        result: Any = {"role": "tool", "tool_call_id": call.id, "content": '{"degrees": 7}'}
        called: Any = message.model_dump(exclude_none=True)
        final = await openai.chat.completions.create(
            model="openai/o3", messages=[*asked, called, result], tools=[WEATHER]
        )
        assert final.choices[0].message.content == "It is 7 degrees in Oslo."

    async def test_streamed_tool_calls(self, openai: AsyncOpenAI) -> None:
        stream = await openai.chat.completions.create(
            model="openai/o3", messages=said("what is the weather"), tools=[WEATHER], stream=True
        )
        pieces = [piece async for chunk in stream for piece in chunk.choices[0].delta.tool_calls or ()]

        assert pieces[0].function is not None
        assert pieces[0].function.name == "get_weather"
        assert "".join(piece.function.arguments or "" for piece in pieces if piece.function) == '{"city": "Oslo"}'

    async def test_unknown_parameters_are_ignored(self, openai: AsyncOpenAI) -> None:
        answer = await openai.chat.completions.create(
            model="demo/coda", messages=said("hello"), user="me", extra_body={"from_the_future": {"a": 1}}
        )

        assert answer.choices[0].message.content

    async def test_content_in_parts_and_instructions_of_developers(self, openai: AsyncOpenAI) -> None:
        parts = [{"type": "text", "text": "What is 6*7?"}]
        messages: Any = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]

        answer = await openai.chat.completions.create(model="demo/coda", messages=messages)

        assert "42" in (answer.choices[0].message.content or "")

    async def test_a_limit_of_tokens(self, openai: AsyncOpenAI) -> None:
        answer = await openai.chat.completions.create(model="demo/coda", messages=said("hello"), max_tokens=10)

        assert answer.choices[0].finish_reason == "length"
        assert answer.usage is not None
        assert answer.usage.completion_tokens == 10

    async def test_reasoning_comes_along(self, openai: AsyncOpenAI) -> None:
        answer = await openai.chat.completions.create(model="demo/coda", messages=said("hello"))

        assert "demo model" in getattr(answer.choices[0].message, "reasoning_content", "")


class TestRefusals:
    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"n": 2}, "n"),
            ({"logprobs": True}, "logprobs"),
            ({"modalities": ["text", "audio"]}, "modalities"),
            ({"temperature": 9}, "temperature"),
            ({"messages": []}, "messages"),
            ({"tools": [{"type": "custom"}]}, "tools[0].type"),
            ({"messages": [{"role": "jester", "content": "x"}]}, "messages[0].role"),
            ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
            (
                {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
                "messages[0].content[0].image_url.url",
            ),
            ({"extra_body": {"functions": [{"name": "f"}]}}, "functions"),
        ],
    )
    async def test_what_is_not_supported_names_its_parameter(
        self, openai: AsyncOpenAI, more: dict[str, Any], param: str
    ) -> None:
        with pytest.raises(BadRequestError) as caught:
            await openai.chat.completions.create(**{"model": "demo/coda", "messages": said("hi"), **more})

        assert caught.value.param == param
        assert caught.value.type == "invalid_request_error"

    @pytest.mark.parametrize("model", ["nobody/nothing", "demo/other", "demo", "coda-agent/nobody/x"])
    async def test_an_unknown_model(self, openai: AsyncOpenAI, model: str) -> None:
        with pytest.raises(NotFoundError) as caught:
            await openai.chat.completions.create(model=model, messages=said("hi"))

        assert caught.value.code == "model_not_found"

    async def test_a_wrong_key(self, base_url: str) -> None:
        async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key="sk-coda-wrong", max_retries=0) as stranger:
            with pytest.raises(AuthenticationError) as caught:
                await stranger.chat.completions.create(model="demo/coda", messages=said("hi"))
        assert (caught.value.type, caught.value.code) == ("authentication_error", "invalid_api_key")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [("GET", "/v1/nothing", 404), ("POST", "/v1/nothing/at/all", 404), ("GET", "/v1/chat/completions", 405)],
    )
    async def test_what_is_not_there_is_told_in_openais_form(
        self, base_url: str, caller: Caller, method: str, path: str, status: int
    ) -> None:
        async with AsyncClient(base_url=base_url, headers=caller.headers) as client:
            answer = await client.request(method, path)

        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
        assert answer.headers["x-request-id"].startswith("req_")

    async def test_a_viewer(self, base_url: str, app: FastAPI, database: Database) -> None:
        town = Town(database, app.state.identity)
        viewer = await town.key(await town.settle(await town.found(), Role.VIEWER))
        async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=viewer.bearer, max_retries=0) as client:
            with pytest.raises(PermissionDeniedError):
                await client.chat.completions.create(model="demo/coda", messages=said("hi"))

    async def test_a_body_that_is_not_json(self, base_url: str, caller: Caller) -> None:
        async with AsyncClient() as client:
            answer = await client.post(
                f"{base_url}/v1/chat/completions",
                content=b"{",
                headers={**caller.headers, "Content-Type": "application/json"},
            )

        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_request_error"

    async def test_what_the_provider_refuses_keeps_its_meaning(self, openai: AsyncOpenAI) -> None:
        with pytest.raises(RateLimitError) as limited:
            await openai.chat.completions.create(model="openai/o3", messages=said("refuse: rate"))
        with pytest.raises(BadRequestError) as too_long:
            await openai.chat.completions.create(model="openai/o3", messages=said("refuse: window"), stream=True)
        with pytest.raises(APIStatusError) as refused:
            await openai.chat.completions.create(model="openai/o3", messages=said("refuse: key"))

        assert limited.value.code == "rate_limit_exceeded"
        assert too_long.value.code == "context_length_exceeded"
        assert refused.value.status_code == 502
        assert "canary" not in str(refused.value)

    async def test_an_error_in_the_stream_reaches_the_client(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        before = len(await entries(database, caller))
        stream = await openai.chat.completions.create(model="openrouter/cut-3", messages=said("hi"), stream=True)
        text = ""

        async def read() -> None:
            nonlocal text
            async for chunk in stream:
                text += chunk.choices[0].delta.content or ""

        with pytest.raises(APIError, match="broke in the middle"):
            await read()
        assert text == "One two three "
        await until_async(lambda: is_booked(database, caller, before))
        entry = (await entries(database, caller))[before]
        assert (entry.confidence, entry.output_tokens > 0) == ("estimated", True)


class TestLeaving:
    async def test_a_stream_that_is_left_is_booked_and_hung_up(
        self, openai: AsyncOpenAI, database: Database, caller: Caller, module_faults: FaultServer
    ) -> None:
        module_faults.hung_up.clear()
        before = len(await entries(database, caller))
        stream = await openai.chat.completions.create(
            model="openrouter/paced-n3000-d20", messages=said("hi"), stream=True
        )
        await anext(aiter(stream))
        await anext(aiter(stream))
        left_at = await database_time(database)
        await stream.close()

        await until_async(lambda: is_booked(database, caller, before))
        await asyncio.wait_for(module_faults.hung_up.wait(), LONGEST)
        entry = (await entries(database, caller))[before]
        assert entry.created_at - left_at <= BOOKED_WITHIN
        assert (entry.purpose, entry.confidence, entry.cost_usd) == ("api", "estimated", None)

    async def test_a_whole_answer_that_is_left_is_booked_and_hung_up(
        self, openai: AsyncOpenAI, database: Database, caller: Caller, module_faults: FaultServer
    ) -> None:
        module_faults.hung_up.clear()
        before, asked = len(await entries(database, caller)), len(module_faults.requests)
        asking = asyncio.create_task(
            openai.chat.completions.create(model="openrouter/paced-n3000-d20", messages=said("hi"))
        )

        async def is_asked() -> bool:
            return len(module_faults.requests) > asked

        await until_async(is_asked)
        left_at = await database_time(database)
        asking.cancel()
        await asyncio.wait({asking})

        await until_async(lambda: is_booked(database, caller, before))
        await asyncio.wait_for(module_faults.hung_up.wait(), LONGEST)
        assert (await entries(database, caller))[before].created_at - left_at <= BOOKED_WITHIN


class TestAgent:
    async def test_the_whole_agent_answers_with_its_own_tools(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        stream = await openai.chat.completions.create(
            model="coda-agent/demo/coda",
            messages=said("What is 17.5 % of 2,340?"),
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]

        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        thought = "".join(
            getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in chunks if chunk.choices
        )
        assert "**409.5**" in text
        assert "instead of guessing.\n\nThe tool has answered" in thought
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens > 0
        booked = [entry for entry in await entries(database, caller) if entry.purpose == "answer"]
        assert [entry.run_id is not None for entry in booked] == [True, True]

    async def test_what_the_caller_has_switched_off_it_does_without(
        self, openai: AsyncOpenAI, base_url: str, app: FastAPI, database: Database
    ) -> None:
        town = Town(database, app.state.identity)
        owner = await town.settle(await town.found(), Role.MEMBER)
        off = {"enabled": False, "for": "me"}
        async with AsyncClient(base_url=base_url, headers=owner.headers) as client:
            assert (await client.patch("/api/v1/tools/date_time", json=off)).status_code == 200

        asked: Any = {"model": "coda-agent/demo/coda", "messages": said("What time is it in Tokyo?")}
        with_tool = await openai.chat.completions.create(**asked)
        key = await town.key(owner)
        without = await openai.with_options(api_key=key.bearer).chat.completions.create(**asked)

        assert "do not have here" not in (with_tool.choices[0].message.content or "")
        assert "`date_time`, which I do not have here" in (without.choices[0].message.content or "")

    async def test_earlier_messages_are_kept_as_a_chat(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        messages: Any = [
            {"role": "system", "content": "Answer in English."},
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": "Hello to you."},
            {"role": "user", "content": "What is 6*7?"},
        ]
        async with database.transaction(caller.principal.scope) as db:
            await db.execute(delete(ChatSession))
        answer = await openai.chat.completions.create(model="coda-agent/demo/coda", messages=messages)

        assert "**42**" in (answer.choices[0].message.content or "")
        async with database.transaction(caller.principal.scope) as db:
            kept = (await db.scalars(select(Message).order_by(Message.depth))).all()
        assert [message.role for message in kept] == ["user", "assistant", "user", "assistant"]
        assert kept[0].content[0]["text"] == "Answer in English.\n\nhello"

    async def test_leaving_stops_the_run(self, openai: AsyncOpenAI, database: Database, caller: Caller) -> None:
        async with database.transaction(caller.principal.scope) as db:
            await db.execute(delete(ChatSession))
        stream = await openai.chat.completions.create(
            model="coda-agent/openrouter/paced-n3000-d20", messages=said("hi"), stream=True
        )
        await anext(aiter(stream))
        await stream.close()

        async def is_stopped() -> bool:
            async with database.transaction(caller.principal.scope) as db:
                return (await db.scalars(select(Run.status))).all() == ["cancelled"]

        await until_async(is_stopped)

    @pytest.mark.parametrize(
        ("more", "param"),
        [
            ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
            ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "a"}]}, "messages[0].tool_call_id"),
        ],
    )
    async def test_what_an_agent_cannot_do(self, openai: AsyncOpenAI, more: dict[str, Any], param: str) -> None:
        with pytest.raises(BadRequestError) as caught:
            await openai.chat.completions.create(**{"model": "coda-agent/demo/coda", "messages": said("hi"), **more})

        assert caught.value.param == param

    async def test_a_refused_request_leaves_no_chat_behind(
        self, openai: AsyncOpenAI, database: Database, caller: Caller
    ) -> None:
        async with database.transaction(caller.principal.scope) as db:
            before = await db.scalar(select(func.count()).select_from(ChatSession))
        with pytest.raises(NotFoundError):
            await openai.chat.completions.create(model="coda-agent/demo/nothing", messages=said("hi"))

        async with database.transaction(caller.principal.scope) as db:
            assert await db.scalar(select(func.count()).select_from(ChatSession)) == before


class TestRightsThatEnd:
    async def test_a_plain_stream_ends_with_its_key(self, app: FastAPI, base_url: str, database: Database) -> None:
        town = Town(database, app.state.identity)
        owner = await town.settle(await town.found(), Role.MEMBER)
        key = await town.key(owner)
        async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=key.bearer, max_retries=0) as client:
            stream = await client.chat.completions.create(
                model="openrouter/paced-n3000-d20", messages=said("hi"), stream=True
            )
            await anext(stream)
            await town.execute("update users set suspended_at = now() where id = :id", id=owner.principal.user_id)

            with pytest.raises(APIError, match="API key is not valid"):
                await asyncio.wait_for(_read_to_end(stream), 5)
        assert open_connections(app.state.sockets.registry, owner.principal) == 0


async def _read_to_end(stream: AsyncStream[ChatCompletionChunk]) -> None:
    async for _ in stream:
        pass


class TestQuotas:
    async def test_are_told_and_refused_in_openais_form(self, app: FastAPI, base_url: str, database: Database) -> None:
        town = Town(database, app.state.identity)
        key = await town.key(await town.settle(await town.found(), Role.MEMBER))
        usual = app.state.quotas
        app.state.quotas = Quotas(MemoryRequestLimits(), RateLimitSettings(requests_per_key=1))
        try:
            async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=key.bearer, max_retries=0) as client:
                first = await client.models.with_raw_response.list()
                with pytest.raises(RateLimitError) as refused:
                    await client.models.list()
        finally:
            app.state.quotas = usual

        assert first.headers["x-ratelimit-limit-requests"] == "1"
        assert first.headers["x-ratelimit-remaining-requests"] == "0"
        assert first.headers["x-ratelimit-reset-requests"] in ("1m0s", "1m1s", "59s")
        assert first.headers["x-ratelimit-limit-tokens"] == "50000000"
        assert refused.value.code == "rate_limit_exceeded"
        assert refused.value.type == "rate_limit_error"
        assert 0 < int(refused.value.response.headers["retry-after"]) <= 61

    async def test_tokens_that_a_model_used_are_counted(self, app: FastAPI, base_url: str, database: Database) -> None:
        town = Town(database, app.state.identity)
        key = await town.key(await town.settle(await town.found(), Role.MEMBER))
        async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=key.bearer, max_retries=0) as client:
            answer = await client.chat.completions.create(model="demo/coda", messages=said("hi"))
            after = await client.models.with_raw_response.list()

        assert answer.usage is not None
        left = int(after.headers["x-ratelimit-remaining-tokens"])
        assert left == 50_000_000 - answer.usage.total_tokens
