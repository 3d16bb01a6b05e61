"""Runs whose stream cannot be opened once they have begun: nobody would read them, so they end."""

import asyncio
from dataclasses import replace
from typing import NoReturn

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from coda.access.roles import Role
from coda.core.db import Database
from coda.gateways.answers.runner import AgentRequest, AgentRunner
from coda.gateways.answers.wiring import agent_runner
from coda.llm.types import ChatMessage, ChatRequest
from coda.runs.models import Run
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.types import RunKey
from tests.callers import Caller, Town
from tests.runs.waiting import until, until_async

SLOW = "openrouter/paced-n2000-d20"


class HubAway(MemoryHub):
    """One that cannot be reached, and is found to be so at once, or after a long time."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how
        self.is_asked = asyncio.Event()

    async def subscribe(self, key: RunKey, mailbox: Mailbox) -> NoReturn:
        self.is_asked.set()
        if self._how == "hangs":
            await asyncio.Event().wait()
        raise ConnectionError


@pytest.mark.parametrize("how", ["hangs", "fails"])
async def test_the_run_ends(app: FastAPI, database: Database, town: Town, how: str) -> None:
    caller: Caller = await town.key(await town.settle(await town.found(), Role.MEMBER))
    hub = HubAway(how)
    streams = RunStreams(database, hub, app.state.settings.runs)
    agents: AgentRunner = replace(agent_runner(app.state), streams=streams)
    chat = ChatRequest(model=SLOW, messages=[ChatMessage.of("user", "Count")])
    asking = asyncio.create_task(agents.start(caller.principal, AgentRequest(chat, SLOW, "openai")))
    await until(lambda: hub.is_asked.is_set() or asking.done())
    if how == "hangs":
        asking.cancel()
    await asyncio.wait([asking])

    async def is_stopped() -> bool:
        async with database.transaction(caller.principal.scope) as db:
            return await db.scalar(select(Run.status)) == "cancelled"

    assert asking.cancelled() or isinstance(asking.exception(), ConnectionError)
    await until_async(is_stopped)
