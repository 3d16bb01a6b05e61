"""Where a person's files are shown."""

from typing import Any
from uuid import UUID

from httpx import AsyncClient

from coda.conversations.models import ChatSession, MessageFile
from coda.conversations.parts import text_part
from coda.conversations.types import NewMessage
from coda.conversations.wiring import turns
from coda.core.db import Database
from coda.core.ids import new_id
from tests.callers import Caller, Town
from tests.files.conftest import FILES, sent


async def show(
    database: Database, town: Town, whose: Caller, file_id: str, *, times: int = 1
) -> tuple[UUID, list[UUID]]:
    """A chat with messages that show a file; gives its id and theirs, the newest first."""
    person, session_id = whose.principal, new_id()
    row = ChatSession(org_id=person.org_id, id=session_id, owner_id=person.user_id, title="Plans")
    await town.add(person.scope, row)
    shown = []
    for _ in range(times):
        async with database.transaction(person.scope) as db:
            message = NewMessage(new_id(), "user", [text_part("Look")], "complete")
            added = await turns(db, person.scope).add(session_id, message, parent=None)
        await town.add(person.scope, MessageFile(org_id=person.org_id, message_id=added.id, file_id=UUID(file_id)))
        shown.append(added.id)
    return session_id, shown[::-1]


async def listed(client: AsyncClient) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in (await client.get(FILES)).json()["items"]}


async def test_the_newest_messages_that_show_them_are_told(
    client: AsyncClient, database: Database, town: Town, member: Caller
) -> None:
    shown, unused = await sent(client, b"shown"), await sent(client, b"unused")
    session_id, messages = await show(database, town, member, shown["id"], times=7)
    found = await listed(client)

    assert found[shown["id"]]["uses"] == 7
    assert found[shown["id"]]["used_in"] == [
        {"session_id": str(session_id), "title": "Plans", "message_id": str(message_id)} for message_id in messages[:5]
    ]
    assert (found[unused["id"]]["uses"], found[unused["id"]]["used_in"]) == (0, [])


async def test_chats_of_others_and_deleted_ones_are_not(
    client: AsyncClient, database: Database, town: Town, member: Caller, colleague: Caller
) -> None:
    file = await sent(client, b"shown elsewhere")
    await show(database, town, colleague, file["id"])
    deleted, _ = await show(database, town, member, file["id"])
    await town.execute("update chat_sessions set deleted_at = now() where id = :id", id=deleted)

    assert (await listed(client))[file["id"]]["uses"] == 0


async def test_one_that_is_shown_may_be_deleted(
    client: AsyncClient, database: Database, town: Town, member: Caller
) -> None:
    """Its messages stay, and say that it is gone."""
    file = await sent(client, b"shown")
    await show(database, town, member, file["id"])

    assert (await client.delete(f"{FILES}/{file['id']}")).status_code == 204
    assert (await client.get(f"{FILES}/{file['id']}")).status_code == 410
    assert file["id"] not in await listed(client)
