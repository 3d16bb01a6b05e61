"""How the messages of a client and the stored thread come together."""

from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from sqlalchemy import select

from coda.access.roles import Role
from coda.conversations.models import ChatSession, Message
from coda.conversations.parts import text_of
from coda.core.db import Database
from tests.callers import Caller, Town

MODEL: Final = {"model": "demo/coda"}


class Site:
    """Posts inputs of one person, and reads their threads."""

    def __init__(self, url: str, caller: Caller, database: Database) -> None:
        self._url, self._caller, self._database = url, caller, database

    async def post(self, given: dict[str, Any]) -> Response:
        async with AsyncClient(timeout=30) as client:
            return await client.post(f"{self._url}/ag-ui", json=given, headers=self._caller.headers)

    async def run(self, thread: str, *messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - fields of an input
        """The events of a run."""
        given = {"threadId": thread, "runId": str(uuid4()), "messages": messages, "forwardedProps": MODEL, **more}
        answer = await self.post(given)
        assert answer.status_code == 200, answer.text
        lines = (line for line in answer.text.splitlines() if line.startswith("data: "))
        return [orjson.loads(line.removeprefix("data: ")) for line in lines]

    async def origin(self, session_id: UUID) -> str:
        async with self._database.transaction(self._caller.principal.scope) as db:
            found = await db.scalar(select(ChatSession.origin).where(ChatSession.id == session_id))
        return str(found)

    async def tree(self, session_id: UUID) -> list[tuple[str, str | None]]:
        """What stands in a thread: each text with the one above it."""
        async with self._database.transaction(self._caller.principal.scope) as db:
            query = select(Message).where(Message.session_id == session_id).order_by(Message.created_at, Message.id)
            rows = {row.id: row for row in await db.scalars(query)}
        above = {row.id: text_of(rows[row.parent_id].content) if row.parent_id else None for row in rows.values()}
        return [(text_of(row.content), above[row.id]) for row in rows.values() if row.role == "user"]


@pytest.fixture
def site(base_url: str, caller: Caller, database: Database) -> Site:
    return Site(base_url, caller, database)


def user(text: str, message_id: str | None = None) -> dict[str, Any]:
    return {"id": message_id or uuid4().hex, "role": "user", "content": text}


def answer_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The last text of a run, as its client keeps it."""
    text = [event for event in events if event["type"] == "TEXT_MESSAGE_CONTENT"]
    last = text[-1]["messageId"]
    content = "".join(event["delta"] for event in text if event["messageId"] == last)
    return {"id": last, "role": "assistant", "content": content}


def session_of(events: list[dict[str, Any]]) -> UUID:
    return UUID(events[0]["metadata"]["coda"]["session_id"])


class TestThreads:
    async def test_ids_are_the_clients_own(self, site: Site) -> None:
        events = await site.run("a thread", user("Hello"))

        assert {event["threadId"] for event in events if "threadId" in event} == {"a thread"}
        assert session_of(await site.run("a thread", user("Hello again"))) == session_of(events)

    async def test_a_uuid_is_the_session_itself(self, site: Site) -> None:
        thread = uuid4()

        assert session_of(await site.run(str(thread), user("Hello"))) == thread
        assert await site.origin(thread) == "ag_ui"

    async def test_somebody_elses_thread_is_another_one(
        self, site: Site, base_url: str, app: FastAPI, database: Database, caller: Caller
    ) -> None:
        thread = str(uuid4())
        mine = session_of(await site.run(thread, user("Hello")))
        town = Town(database, app.state.identity)
        other = await town.key(await town.settle(caller.principal.org_id, Role.MEMBER))
        theirs = session_of(await Site(base_url, other, database).run(thread, user("Hello")))

        assert mine != theirs

    async def test_a_question_goes_below_the_answer_that_was_seen_last(self, site: Site) -> None:
        first, second = user("One"), user("Two")
        seen = answer_of(await site.run("branches", first))
        events = await site.run("branches", first, seen, second)
        await site.run("branches", first, seen, user("Three"))

        tree = await site.tree(session_of(events))
        assert [text for text, _ in tree] == ["One", "Two", "Three"]
        assert tree[1][1] == tree[2][1]

    async def test_a_client_that_sends_its_newest_message_alone(self, site: Site) -> None:
        await site.run("short", user("One"))
        events = await site.run("short", user("Two"))

        assert [above is None for _, above in await site.tree(session_of(events))] == [True, False]

    async def test_a_client_with_ids_of_its_own_is_understood_by_what_was_said(self, site: Site) -> None:
        first = user("One")
        seen = answer_of(await site.run("renamed", first))
        await site.run("renamed", first, seen, user("What is 3 + 4?"))
        renamed = {**seen, "id": "their own"}
        events = await site.run("renamed", {**first, "id": "theirs"}, renamed, user("Three"))

        tree = await site.tree(session_of(events))
        assert tree[2] == ("Three", tree[1][1])

    async def test_the_same_question_is_answered_again_and_another_stands_beside_it(self, site: Site) -> None:
        question = user("One")
        await site.run("again", question)
        events = await site.run("again", question)
        await site.run("again", {**question, "content": "Another"})

        assert await site.tree(session_of(events)) == [("One", None), ("Another", None)]

    async def test_what_the_client_brings_is_kept(self, site: Site) -> None:
        call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": "sky"}'}}
        brought: list[dict[str, Any]] = [
            {"id": "s", "role": "system", "content": "Be short."},
            {"id": "u1", "role": "user", "content": "Look"},
            {"id": "a1", "role": "assistant", "toolCalls": [call]},
            {"id": "t1", "role": "tool", "toolCallId": "c1", "content": "blue"},
            {"id": "a2", "role": "assistant", "content": "It is blue."},
        ]
        events = await site.run("brought", *brought, user("What is 3 + 4?"))

        tree = await site.tree(session_of(events))
        assert tree == [("Look", None), ("What is 3 + 4?", "It is blue.")]


class TestRuns:
    async def test_the_same_run_id_is_one_run(self, site: Site) -> None:
        question, run_id = user("One"), str(uuid4())
        first = await site.run("once", question, runId=run_id)
        second = await site.run("once", question, runId=run_id)

        assert answer_of(first) == answer_of(second)
        assert await site.tree(session_of(first)) == [("One", None)]

    async def test_another_question_under_the_same_run_id_is_refused(self, site: Site) -> None:
        run_id = str(uuid4())
        await site.run("taken", user("One"), runId=run_id)
        given = {"threadId": "taken", "runId": run_id, "messages": [user("Two")]}

        answer = await site.post(given)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "runs.id_taken")

    async def test_context_and_state_reach_the_model(self, site: Site, module_faults: Any) -> None:  # noqa: ANN401 - a simulator
        await site.run(
            "context",
            {"id": "s", "role": "system", "content": "Be short."},
            user("One"),
            forwardedProps={"model": "openrouter/ok"},
            context=[{"description": "The page", "value": "orders"}],
            state={"selected": 7},
        )

        asked = module_faults.requests[-1]["messages"]
        assert [message["content"] for message in asked if message["role"] == "user"] == ["One"]
        for told in ("Be short.", "The page: orders", '{"selected":7}'):
            assert told in asked[0]["content"]

    async def test_a_run_goes_on_when_its_client_leaves(self, site: Site, base_url: str, caller: Caller) -> None:
        run_id = str(uuid4())
        given: dict[str, Any] = {
            "threadId": "left",
            "runId": run_id,
            "messages": [user("One")],
            "forwardedProps": {"model": "openrouter/paced-n40-d20"},
        }
        async with AsyncClient(timeout=30) as client:
            async with client.stream("POST", f"{base_url}/ag-ui", json=given, headers=caller.headers) as answer:
                await anext(answer.aiter_lines())
            again = await site.run("left", *given["messages"], runId=run_id, forwardedProps=given["forwardedProps"])

        assert again[-1]["type"] == "RUN_FINISHED"
        assert answer_of(again)["content"].count(" ") == 40

    @pytest.mark.parametrize(
        "messages",
        [
            [],
            [{"id": "a", "role": "assistant", "content": "?"}],
            [{"id": "u", "role": "user", "content": " "}],
            [{"id": "u", "role": "user", "content": None}],
            [{"id": "u", "role": "user", "content": [{"type": "audio", "source": {}}]}],
        ],
    )
    async def test_what_cannot_be_run(self, site: Site, messages: list[Any]) -> None:
        answer = await site.post({"threadId": "t", "runId": "r", "messages": messages})

        assert answer.status_code == 422


async def test_a_model_that_is_not_there_leaves_no_chat(site: Site, caller: Caller, base_url: str) -> None:
    thread = str(uuid4())
    refused = await site.post(
        {"threadId": thread, "runId": str(uuid4()), "messages": [user("Hi")], "forwardedProps": {"model": "nope/x"}}
    )

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "llm.model_not_found")
    async with AsyncClient(timeout=30) as client:
        found = await client.get(f"{base_url}/api/v1/sessions/{thread}", headers=caller.headers)
    assert found.status_code == 404


async def test_a_question_is_no_longer_than_by_any_other_way(site: Site) -> None:
    refused = await site.post(
        {"threadId": "long", "runId": str(uuid4()), "messages": [user("x" * 200_001)], "forwardedProps": MODEL}
    )

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "ag_ui.question_too_long")
