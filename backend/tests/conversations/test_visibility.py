"""Who reads and changes which chats: each kind of actor against the same statements."""

import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import coda
from coda.conversations.errors import ChatSessionNotFound, MessageNotFound
from coda.conversations.schemas import FeedbackPut, MessageRead
from coda.conversations.types import SessionFilter
from coda.conversations.wiring import draft_service, message_service, session_service, sessions
from coda.core.db import Database
from coda.core.pagination import InvalidCursor
from coda.core.scope import Key, Person, Scope, ShareLink, System
from tests.callers import Caller
from tests.conversations.conftest import Chat, new_chat


async def may(database: Database, scope: Scope, session_id: UUID) -> tuple[bool, bool, bool]:
    """Whether a chat may be read, is listed, and may be changed."""
    async with database.transaction(scope) as db:
        found = await sessions(db, scope).find(session_id)
        listed = await sessions(db, scope).list_page(SessionFilter(), cursor=None, limit=50)
        locked = await sessions(db, scope).lock(session_id)
        assert await sessions(db, scope).is_writable(session_id) is (locked is not None)
    return found is not None, session_id in [one.id for one in listed], locked is not None


class TestSessions:
    async def test_are_their_owners(self, database: Database, chat: Chat, member: Caller) -> None:
        user_id, org_id = member.principal.user_id, member.principal.org_id
        for actor in (Person(user_id), Key(user_id, uuid4(), frozenset({"read"}))):
            assert await may(database, Scope(org_id, actor), chat.id) == (True, True, True)

    async def test_are_nobody_elses(self, database: Database, chat: Chat, colleague: Caller, stranger: Caller) -> None:
        for caller in (colleague, stranger):
            assert await may(database, caller.principal.scope, chat.id) == (False, False, False)

    async def test_are_seen_by_coda_itself_within_an_organization(
        self, database: Database, chat: Chat, stranger: Caller
    ) -> None:
        assert await may(database, Scope(chat.scope.org_id, System()), chat.id) == (True, True, True)
        assert await may(database, Scope(stranger.principal.org_id, System()), chat.id) == (False, False, False)

    async def test_no_other_module_compares_their_owner(self) -> None:
        code = Path(coda.__file__).parent
        comparing = {
            path.relative_to(code).as_posix()
            for path in code.rglob("*.py")
            if re.search(r"owner_id\s*(==|=\s*:|\.in_)", path.read_text())
        }
        of_tools = {"tools/sources/joined.py", "tools/sources/repository.py"}  # a source of tools has an owner too

        assert comparing - of_tools == {"conversations/visibility.py"}


@pytest.fixture
async def branches(chat: Chat) -> dict[str, UUID]:
    """A question with two answers; below the first one goes on: the path to `answer` is shared."""
    question, answer = await chat.ask("What is a thread tree?", "Messages with parents.")
    other = await chat.add("assistant", "Another answer.", under=question)
    below, last = await chat.ask("And then?", "More of it.", under=answer)
    another_root, _ = await chat.ask("Something else?", "Yes.")
    return {
        "question": question,
        "answer": answer,
        "other": other,
        "below": below,
        "last": last,
        "another root": another_root,
    }


@pytest.fixture
def link(chat: Chat, branches: dict[str, UUID]) -> Scope:
    """Somebody with a link to the first answer."""
    return Scope(chat.scope.org_id, ShareLink(chat.id, branches["answer"]))


async def path_of(database: Database, scope: Scope, chat: Chat, leaf_id: UUID) -> Sequence[MessageRead]:
    async with database.transaction(scope) as db:
        page = await message_service(db, scope).list_path(chat.id, leaf_id=leaf_id, before=None, limit=50)
    return page.items


class TestShareLink:
    async def test_reads_its_session_and_changes_nothing(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        assert await may(database, link, chat.id) == (True, True, False)
        async with database.transaction(link) as db:
            with pytest.raises(ChatSessionNotFound):
                await draft_service(db, link).save(chat.id, "a draft")
            with pytest.raises(MessageNotFound):
                await message_service(db, link).rate(branches["answer"], FeedbackPut(rating="up"))
            with pytest.raises(ChatSessionNotFound):
                await session_service(db, link).delete(chat.id)

    async def test_reads_no_other_session(self, database: Database, chat: Chat, link: Scope) -> None:
        other = await new_chat(database, chat.scope)

        assert await may(database, link, other.id) == (False, False, False)

    async def test_reads_its_path_as_if_there_were_no_other(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        items = await path_of(database, link, chat, branches["answer"])

        assert [item.id for item in items] == [branches["question"], branches["answer"]]
        assert [item.siblings.count for item in items] == [1, 1]
        assert [item.siblings.count for item in await path_of(database, chat.scope, chat, branches["answer"])] == [2, 2]

    @pytest.mark.parametrize("name", ["other", "below", "last", "another root"])
    async def test_reads_neither_other_branches_nor_what_came_after(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope, name: str
    ) -> None:
        with pytest.raises(MessageNotFound):
            await path_of(database, link, chat, branches[name])

    async def test_gets_no_further_with_the_owners_cursor(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        async with database.transaction(chat.scope) as db:
            service = message_service(db, chat.scope)
            page = await service.list_path(chat.id, leaf_id=branches["last"], before=None, limit=1)
        async with database.transaction(link) as db:
            with pytest.raises(InvalidCursor):
                await message_service(db, link).list_path(chat.id, leaf_id=None, before=page.next_cursor, limit=50)

    async def test_sees_its_path_as_the_tree(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        async with database.transaction(link) as db:
            tree = await message_service(db, link).tree(chat.id)

        assert [node.id for node in tree.nodes] == [branches["question"], branches["answer"]]

    async def test_sees_no_feedback_and_no_draft_of_the_owner(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        async with database.transaction(chat.scope) as db:
            await message_service(db, chat.scope).rate(branches["answer"], FeedbackPut(rating="down"))
            await draft_service(db, chat.scope).save(chat.id, "not sent")

        items = await path_of(database, link, chat, branches["answer"])
        async with database.transaction(link) as db:
            draft = await draft_service(db, link).read(chat.id)
        assert [item.feedback for item in items] == [None, None]
        assert draft.text == ""

    async def test_ends_with_its_session(
        self, database: Database, chat: Chat, branches: dict[str, UUID], link: Scope
    ) -> None:
        async with database.transaction(chat.scope) as db:
            await session_service(db, chat.scope).delete(chat.id)

        assert await may(database, link, chat.id) == (False, False, False)

    async def test_of_a_leaf_elsewhere_shows_nothing(
        self, database: Database, chat: Chat, branches: dict[str, UUID]
    ) -> None:
        other = await new_chat(database, chat.scope)
        mixed = Scope(chat.scope.org_id, ShareLink(other.id, branches["answer"]))

        with pytest.raises(MessageNotFound):
            await path_of(database, mixed, other, branches["answer"])
