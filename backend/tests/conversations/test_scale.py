"""A chat of 10,000 messages costs a page what a chat of ten does: same queries, same rows touched."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.wiring import message_service, messages
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Person, Scope
from tests.conversations.conftest import Chat, new_chat

LONG, SHORT, PAGE = 5_000, 5, 10
_TOUCHED = text("""
    select coalesce(sum(idx_tup_fetch), 0) as by_index, coalesce(sum(seq_tup_read), 0) as by_scan
      from pg_stat_xact_user_tables where relname = 'messages'
""")


@dataclass(frozen=True, slots=True)
class Cost:
    """What some work cost: statements, and rows of `messages` that were read."""

    statements: int
    by_index: int
    by_scan: int


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    engine = database.app_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def cost_of(database: Database, scope: Scope, work: Callable[[AsyncSession], Awaitable[Any]]) -> Cost:
    async with database.transaction(scope) as db:
        before = (await db.execute(_TOUCHED)).one()
        with statements_of(database) as seen:
            await work(db)
        after = (await db.execute(_TOUCHED)).one()
    return Cost(len(seen), int(after.by_index - before.by_index), int(after.by_scan - before.by_scan))


@pytest.fixture(scope="module")
async def chats(database: Database) -> dict[int, tuple[Chat, UUID]]:
    """A chat of 10,000 messages and one of ten, with their leaves."""
    scope = Scope(new_id(), Person(new_id()))
    made = {}
    for exchanges in (LONG, SHORT):
        chat = await new_chat(database, scope)
        made[exchanges] = chat, await chat.grow(exchanges)
    return made


async def both(
    database: Database, chats: dict[int, tuple[Chat, UUID]], work: Callable[[AsyncSession, Chat, UUID], Awaitable[Any]]
) -> tuple[Cost, Cost]:
    costs = []
    for exchanges in (LONG, SHORT):
        chat, leaf = chats[exchanges]

        async def here(db: AsyncSession, chat: Chat = chat, leaf: UUID = leaf) -> None:
            await work(db, chat, leaf)

        costs.append(await cost_of(database, chat.scope, here))
    return costs[0], costs[1]


class TestPage:
    async def test_the_newest_page(self, database: Database, chats: dict[int, tuple[Chat, UUID]]) -> None:
        async def work(db: AsyncSession, chat: Chat, _leaf: UUID) -> None:
            page = await message_service(db, chat.scope).list_path(chat.id, leaf_id=None, before=None, limit=PAGE)
            assert len(page.items) == PAGE

        long, short = await both(database, chats, work)

        assert long.statements == short.statements == 4
        assert long.by_scan == 0
        assert long.by_index <= 6 * PAGE

    async def test_a_page_in_the_middle(self, database: Database, chats: dict[int, tuple[Chat, UUID]]) -> None:
        chat, _ = chats[LONG]
        async with database.transaction(chat.scope) as db:
            service = message_service(db, chat.scope)
            page = await service.list_path(chat.id, leaf_id=None, before=None, limit=200)
            for _ in range(9):
                page = await service.list_path(chat.id, leaf_id=None, before=page.next_cursor, limit=200)

        async def work(db: AsyncSession) -> None:
            found = await message_service(db, chat.scope).list_path(
                chat.id, leaf_id=None, before=page.next_cursor, limit=PAGE
            )
            assert len(found.items) == PAGE

        cost = await cost_of(database, chat.scope, work)

        assert cost.statements == 4
        assert cost.by_scan == 0
        assert cost.by_index <= 6 * PAGE

    async def test_the_history_for_a_prompt(self, database: Database, chats: dict[int, tuple[Chat, UUID]]) -> None:
        async def work(db: AsyncSession, chat: Chat, leaf: UUID) -> None:
            found = await messages(db, chat.scope).path_to(leaf, max_chars=160, limit=1_000)
            assert len(found) <= PAGE

        long, short = await both(database, chats, work)

        assert long.statements == short.statements == 1
        assert long.by_scan == 0
        assert long.by_index <= 4 * PAGE

    async def test_adding_a_message(self, database: Database, chats: dict[int, tuple[Chat, UUID]]) -> None:
        async def work(db: AsyncSession, chat: Chat, leaf: UUID) -> None:
            assert await messages(db, chat.scope).find(chat.id, leaf) is not None

        long, short = await both(database, chats, work)

        assert long == short

    async def test_following_a_root_down_reads_each_message_once(
        self, database: Database, chats: dict[int, tuple[Chat, UUID]]
    ) -> None:
        chat, leaf = chats[LONG]
        async with database.transaction(chat.scope) as db:
            found = messages(db, chat.scope)
            root = (await found.path_to(leaf, max_chars=10**9, limit=10**6))[-1]

        async def work(db: AsyncSession) -> None:
            assert await messages(db, chat.scope).newest_leaf(chat.id, root.id) == leaf

        cost = await cost_of(database, chat.scope, work)

        assert cost.by_scan == 0
        assert cost.by_index <= 2 * 2 * LONG
