"""Streams of a model that says nothing for long: open at once, never silent, and over as soon as the client leaves."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from openai import APIError, AsyncOpenAI
from sqlalchemy import select

from coda.core.db import Database
from coda.gateways.streaming.event_stream import StreamPace
from coda.runs.models import Run
from coda.usage.models import LedgerEntry
from tests.callers import Caller
from tests.runs.waiting import LONGEST, until_async
from tests.simulators.faults import FaultServer

SILENT = "openrouter/slow-3600000"
SetPace = Callable[[StreamPace], None]
AT_ONCE = StreamPace(first_moment=timedelta(0), keep_alive=timedelta(milliseconds=20))


def question(model: str) -> Any:  # noqa: ANN401 - the client's own message types
    return {"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": True}


@pytest.fixture(autouse=True)
def _at_once(app: FastAPI) -> None:
    app.state.stream_pace = AT_ONCE


@pytest.mark.parametrize("prefix", ["", "coda-agent/"])
class TestSilentModel:
    async def test_the_stream_opens_and_shows_that_it_lives(self, base_url: str, caller: Caller, prefix: str) -> None:
        async with (
            AsyncClient(base_url=base_url, headers=caller.headers, timeout=LONGEST) as client,
            client.stream("POST", "/v1/chat/completions", json=question(f"{prefix}{SILENT}")) as answer,
        ):
            lines = answer.aiter_lines()
            first = await anext(lines)
            comments = [line async for line in _first(lines, 6) if line]

        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert '"role":"assistant"' in first
        assert comments == [": still working"] * len(comments)
        assert comments

    async def test_a_client_that_leaves_ends_the_call_at_once_and_is_booked(
        self, openai: AsyncOpenAI, database: Database, caller: Caller, module_faults: FaultServer, prefix: str
    ) -> None:
        module_faults.hung_up.clear()
        booked, asked = await _booked(database, caller), len(module_faults.requests)
        stream = await openai.chat.completions.create(**question(f"{prefix}{SILENT}"))
        await until_async(lambda: _is(len(module_faults.requests) > asked))
        await stream.close()

        await asyncio.wait_for(module_faults.hung_up.wait(), LONGEST)
        await until_async(lambda: _more_booked(database, caller, booked))
        if prefix:
            await until_async(lambda: _none_runs(database, caller))


class TestErrorsInAStream:
    @pytest.mark.parametrize("prefix", ["", "coda-agent/"])
    async def test_the_client_raises_them(self, openai: AsyncOpenAI, prefix: str) -> None:
        stream = await openai.chat.completions.create(**question(f"{prefix}openrouter/cut-0"))
        with pytest.raises(APIError, match="broke in the middle") as raised:
            _ = [chunk async for chunk in stream]

        assert (raised.value.code, raised.value.type) == ("llm.stream_cut", "server_error")

    async def test_a_comment_is_no_chunk(self, openai: AsyncOpenAI) -> None:
        stream = await openai.chat.completions.create(**question("openrouter/slow-200"))
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        assert text == "One two three four five "


async def _first(lines: Any, count: int) -> Any:  # noqa: ANN401 - httpx's iterator of lines
    for _ in range(count):
        yield await anext(lines)


async def _is(condition: bool) -> bool:
    return condition


async def _booked(database: Database, caller: Caller) -> int:
    async with database.transaction(caller.principal.scope) as db:
        return len((await db.scalars(select(LedgerEntry.source_id))).all())


async def _more_booked(database: Database, caller: Caller, before: int) -> bool:
    return await _booked(database, caller) > before


async def _none_runs(database: Database, caller: Caller) -> bool:
    async with database.transaction(caller.principal.scope) as db:
        return set(await db.scalars(select(Run.status))) == {"cancelled"}
