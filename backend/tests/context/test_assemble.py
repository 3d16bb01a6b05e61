"""Assembling from the database: one bounded query, whatever the length of the chat."""

from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.assemble import AssembledContext, assemble
from coda.context.budget import budget_of
from coda.context.sources import ContextRequest
from coda.conversations.errors import MessageNotFound
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Person, Scope
from tests.context.models import model_with
from tests.conversations.conftest import Chat, new_chat


@pytest.fixture
async def chat(database: Database) -> Chat:
    return await new_chat(database, Scope(new_id(), Person(new_id())))


async def assembled(db: AsyncSession, chat: Chat, question: UUID, *, window: int | None = None) -> AssembledContext:
    return await assemble(ContextRequest(db, chat.scope, question, budget_of(model_with(window))))


class TestAssemble:
    @pytest.mark.parametrize("exchanges", [5, 600])
    async def test_one_query_fetches_what_can_fit(self, database: Database, chat: Chat, exchanges: int) -> None:
        leaf = await chat.grow(exchanges, words="some more words here " * 10)
        question = await chat.add("user", "What now?", under=leaf)
        fetched: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            fetched.append(statement)

        async with database.transaction(chat.scope) as db:
            event.listen(database.app_engine.sync_engine, "before_cursor_execute", note)
            context = await assembled(db, chat, question, window=4_000)
            event.remove(database.app_engine.sync_engine, "before_cursor_execute", note)
            rows = len(db.identity_map)

        parts = {each["kind"]: each for each in context.record["parts"]}
        assert len(fetched) == 1
        assert rows <= 100
        assert context.prompt.messages[-1].text == "What now?"
        assert parts["history"]["items"] + context.record["left_out"]["messages"] == 2 * exchanges
        assert sum(each["tokens"] for each in parts.values()) <= 3_000
        assert parts["history"]["items"] >= min(2 * exchanges, 30)

    async def test_only_the_questions_own_branch_goes_in(self, database: Database, chat: Chat) -> None:
        _, first = await chat.ask("root", "answer")
        await chat.ask("the other branch", "aside", under=first)
        question = await chat.add("user", "this branch", under=first)

        async with database.transaction(chat.scope) as db:
            context = await assembled(db, chat, question)

        assert [each.text for each in context.prompt.messages[1:]] == ["root", "answer", "this branch"]

    async def test_an_unknown_question_is_not_found(self, database: Database, chat: Chat) -> None:
        async with database.transaction(chat.scope) as db:
            with pytest.raises(MessageNotFound):
                await assembled(db, chat, new_id())
