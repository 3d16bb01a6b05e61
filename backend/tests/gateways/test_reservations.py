"""What a plain call could cost at most is held before the provider is asked, and let go of when it is booked."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from openai import APIStatusError, AsyncOpenAI
from sqlalchemy import select

from coda.core.db import Database
from coda.usage.models import LedgerEntry, Reservation
from tests.callers import Caller
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer

CALLS = 50
ANSWER = Decimal("0.0008")
"""A hundred tokens at eight dollars a million: as much as each call may write."""
QUESTION: Any = [{"role": "user", "content": "hi"}]


async def holds(database: Database, caller: Caller) -> dict[Any, Reservation]:
    async with database.transaction(caller.principal.scope) as db:
        return {row.run_id: row for row in (await db.scalars(select(Reservation))).all()}


async def test_many_calls_at_once_are_each_held_and_settled(
    openai: AsyncOpenAI, database: Database, caller: Caller, module_faults: FaultServer
) -> None:
    calls = [
        asyncio.create_task(
            openai.chat.completions.create(model="openrouter/paced-n5-d100", messages=QUESTION, max_tokens=100)
        )
        for _ in range(CALLS)
    ]
    while not all(call.done() for call in calls):
        asked = len(module_faults.requests)
        assert asked <= len(await holds(database, caller))
    await asyncio.gather(*calls)

    held = await holds(database, caller)
    async with database.transaction(caller.principal.scope) as db:
        booked = {entry.source_id: entry for entry in (await db.scalars(select(LedgerEntry))).all()}
    assert len(held) == CALLS
    assert held.keys() == booked.keys()
    assert {hold.state for hold in held.values()} == {"settled"}
    assert all((hold.amount_usd or 0) > ANSWER for hold in held.values())
    assert all((booked[source].cost_usd or 0) <= (hold.amount_usd or 0) for source, hold in held.items())


async def test_a_refused_call_is_released(openai: AsyncOpenAI, database: Database, caller: Caller) -> None:
    before = await holds(database, caller)
    with pytest.raises(APIStatusError):
        await openai.chat.completions.create(model="openrouter/status-429", messages=QUESTION)

    async def is_released() -> bool:
        new = [hold for source, hold in (await holds(database, caller)).items() if source not in before]
        return [hold.state for hold in new] == ["released"]

    await until_async(is_released)
