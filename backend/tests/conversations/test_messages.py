"""Messages over HTTP: the active path page by page, siblings, the tree, feedback, drafts."""

from decimal import Decimal
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from coda.conversations.models import Message
from coda.conversations.parts import text_part
from coda.conversations.types import AnswerEnd, NewMessage
from coda.conversations.wiring import messages, turns
from coda.core.db import Database
from coda.core.ids import new_id
from tests.callers import Caller
from tests.conversations.conftest import Chat, new_chat
from tests.conversations.test_sessions import SESSIONS, code_of


def texts_of(response: Response) -> list[str]:
    return [item["content"][0]["text"] for item in response.json()["items"]]


class TestPath:
    async def test_is_the_active_branch_oldest_first(self, client: AsyncClient, chat: Chat) -> None:
        question, answer = await chat.ask("q1", "a1")
        await chat.ask("q2 old", "a2 old", under=answer)
        second, _ = await chat.ask("q2 new", "a2 new", under=answer)

        response = await client.get(f"{SESSIONS}/{chat.id}/messages")

        assert texts_of(response) == ["q1", "a1", "q2 new", "a2 new"]
        first = response.json()["items"][0]
        assert set(first) == {
            *("id", "session_id", "parent_id", "role", "content", "status", "model", "run_id", "created_at"),
            *("siblings", "usage", "timing", "trace_id", "feedback"),
        }
        assert (first["id"], first["parent_id"], first["role"], first["status"]) == (
            str(question),
            None,
            "user",
            "complete",
        )
        third = response.json()["items"][2]["siblings"]
        assert (third["index"], third["count"], third["ids"][1]) == (1, 2, str(second))

    async def test_any_other_branch_may_be_read(self, client: AsyncClient, chat: Chat) -> None:
        _, first = await chat.ask("q1", "a1")
        old, _ = await chat.ask("old", "old answer", under=first)
        await chat.ask("new", "new answer", under=first)

        response = await client.get(f"{SESSIONS}/{chat.id}/messages", params={"leaf_id": str(old)})

        assert texts_of(response) == ["q1", "a1", "old"]

    async def test_roots_are_siblings_of_each_other(self, client: AsyncClient, chat: Chat) -> None:
        roots = [(await chat.ask(f"q{number}", "a"))[0] for number in range(3)]

        item = (await client.get(f"{SESSIONS}/{chat.id}/messages")).json()["items"][0]

        assert item["siblings"] == {"index": 2, "count": 3, "ids": [str(root) for root in roots]}

    @pytest.mark.parametrize("limit", [1, 2, 3, 5, 12, 50])
    async def test_pages_go_up_to_the_root_without_gap_or_double(
        self, client: AsyncClient, chat: Chat, limit: int
    ) -> None:
        await chat.grow(6)
        found: list[str] = []
        cursor = None
        while True:
            query = {"limit": limit} | ({"before": cursor} if cursor else {})
            page = await client.get(f"{SESSIONS}/{chat.id}/messages", params=query)
            assert len(page.json()["items"]) <= limit
            found = texts_of(page) + found
            cursor = page.json()["next_cursor"]
            if cursor is None:
                break

        roles = ("user", "assistant")
        assert found == [f"{roles[number % 2]} {number} word" for number in range(12)]

    async def test_an_empty_session_has_an_empty_page(self, client: AsyncClient, chat: Chat) -> None:
        response = await client.get(f"{SESSIONS}/{chat.id}/messages")

        assert response.json() == {"items": [], "next_cursor": None}

    async def test_an_unknown_leaf_or_one_of_another_session_is_not_found(
        self, client: AsyncClient, chat: Chat, database: Database, member: Caller
    ) -> None:
        elsewhere = await new_chat(database, member.principal.scope)
        question, _ = await elsewhere.ask("a", "b")
        for leaf_id in (uuid4(), question):
            response = await client.get(f"{SESSIONS}/{chat.id}/messages", params={"leaf_id": str(leaf_id)})
            assert (response.status_code, code_of(response)) == (404, "conversations.message_not_found")

    async def test_a_cursor_of_another_session_is_refused(
        self, client: AsyncClient, chat: Chat, database: Database, member: Caller
    ) -> None:
        elsewhere = await new_chat(database, member.principal.scope)
        await elsewhere.grow(3)
        page = await client.get(f"{SESSIONS}/{elsewhere.id}/messages", params={"limit": 2})
        await chat.ask("a", "b")

        response = await client.get(f"{SESSIONS}/{chat.id}/messages", params={"before": page.json()["next_cursor"]})

        assert (response.status_code, code_of(response)) == (422, "core.invalid_cursor")


class TestFinishedAnswer:
    async def test_shows_usage_timing_and_trace(self, client: AsyncClient, chat: Chat, database: Database) -> None:
        question, _ = await chat.ask("q", "placeholder")
        answer = await chat.add("assistant", "", under=question, status="streaming")
        async with database.transaction(chat.scope) as db:
            end = AnswerEnd(
                content=[{"type": "text", "text": "409.5"}],
                status="complete",
                run_status="done",
                usage={
                    "input_tokens": 10,
                    "output_tokens": 5,
                    "reasoning_tokens": 2,
                    "cached_input_tokens": 1,
                    "cost_usd": "0.00123",
                    "confidence": "computed",
                },
                timing={"ttft_ms": 12, "total_ms": 340},
            )
            await turns(db, chat.scope).finish(answer, end)

        item = (await client.get(f"{SESSIONS}/{chat.id}/messages")).json()["items"][-1]

        assert item["content"] == [{"type": "text", "text": "409.5"}]
        assert item["usage"] == {
            "input_tokens": 10,
            "output_tokens": 5,
            "reasoning_tokens": 2,
            "cached_input_tokens": 1,
            "cost_usd": "0.00123",
            "confidence": "computed",
        }
        assert item["timing"] == {"ttft_ms": 12, "total_ms": 340}
        assert item["siblings"]["count"] == 2

    @pytest.mark.parametrize(("cost", "shown"), [(None, None), (Decimal(0), "0"), (Decimal("1.50"), "1.5")])
    async def test_an_unknown_cost_is_null_and_a_free_one_is_zero(
        self, client: AsyncClient, chat: Chat, database: Database, cost: Decimal | None, shown: str | None
    ) -> None:
        question, _ = await chat.ask("q", "placeholder")
        answer = await chat.add("assistant", "", under=question, status="streaming")
        usage = {"input_tokens": 1, "output_tokens": 1, "cost_usd": cost, "confidence": "estimated"}
        async with database.transaction(chat.scope) as db:
            await turns(db, chat.scope).finish(answer, AnswerEnd([], "stopped", "done", usage=usage))

        item = (await client.get(f"{SESSIONS}/{chat.id}/messages")).json()["items"][-1]

        assert item["usage"]["cost_usd"] == shown
        assert (item["usage"]["reasoning_tokens"], item["timing"], item["status"]) == (0, None, "stopped")

    async def test_one_that_never_reached_a_model_has_no_usage(
        self, client: AsyncClient, chat: Chat, database: Database
    ) -> None:
        question, _ = await chat.ask("q", "placeholder")
        answer = await chat.add("assistant", "", under=question, status="queued")
        async with database.transaction(chat.scope) as db:
            await turns(db, chat.scope).finish(answer, AnswerEnd([], "failed", "failed"))

        assert (await client.get(f"{SESSIONS}/{chat.id}/messages")).json()["items"][-1]["usage"] is None


class TestTree:
    async def test_has_every_message_with_parents_first(self, client: AsyncClient, chat: Chat) -> None:
        _, first = await chat.ask("x" * 300, "a1")
        _, old = await chat.ask("q2", "a2", under=first)
        await chat.ask("", "a3", under=first)
        await client.patch(f"{SESSIONS}/{chat.id}", json={"active_leaf_id": str(old)})

        tree = (await client.get(f"{SESSIONS}/{chat.id}/tree")).json()

        assert tree["active_leaf_id"] == str(old)
        assert [node["preview"] for node in tree["nodes"]] == ["x" * 120, "a1", "q2", "", "a2", "a3"]
        assert set(tree["nodes"][0]) == {"id", "parent_id", "role", "preview", "created_at"}
        known = {None}
        for node in tree["nodes"]:
            assert node["parent_id"] in known
            known.add(node["id"])

    async def test_of_an_empty_session_is_empty(self, client: AsyncClient, chat: Chat) -> None:
        assert (await client.get(f"{SESSIONS}/{chat.id}/tree")).json() == {"nodes": [], "active_leaf_id": None}


class TestFeedback:
    async def test_is_given_changed_and_taken_back(self, client: AsyncClient, chat: Chat) -> None:
        _, answer = await chat.ask("q", "a")
        url = f"/api/v1/messages/{answer}/feedback"

        async def shown() -> object:
            return (await client.get(f"{SESSIONS}/{chat.id}/messages")).json()["items"][-1]["feedback"]

        given = await client.put(url, json={"rating": "down", "reason": "wrong", "text": "It is 410."})
        assert given.json() == {"rating": "down", "reason": "wrong", "text": "It is 410."} == await shown()

        changed = await client.put(url, json={"rating": "up"})
        assert changed.json() == {"rating": "up", "reason": None, "text": None} == await shown()

        taken = await client.put(url, json={"rating": None})
        assert taken.status_code == 200
        assert taken.json() is None
        assert await shown() is None

    async def test_questions_are_not_rated(self, client: AsyncClient, chat: Chat) -> None:
        question, _ = await chat.ask("q", "a")

        response = await client.put(f"/api/v1/messages/{question}/feedback", json={"rating": "up"})

        assert (response.status_code, code_of(response)) == (422, "conversations.not_an_answer")

    @pytest.mark.parametrize("status", ["queued", "streaming", "waiting"])
    async def test_unfinished_answers_are_not_rated_yet(self, client: AsyncClient, chat: Chat, status: str) -> None:
        question, _ = await chat.ask("q", "a")
        answer = await chat.add("assistant", "", under=question, status=status)  # type: ignore[arg-type]  # parametrised

        response = await client.put(f"/api/v1/messages/{answer}/feedback", json={"rating": "up"})

        assert (response.status_code, code_of(response)) == (409, "conversations.answer_not_finished")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"rating": "great"},
            {"rating": "up", "reason": ""},
            {"rating": "up", "text": "x" * 4001},
            {"rating": "up", "user_id": "x"},
        ],
    )
    async def test_what_does_not_belong_there_is_422(self, client: AsyncClient, chat: Chat, body: object) -> None:
        _, answer = await chat.ask("q", "a")

        assert (await client.put(f"/api/v1/messages/{answer}/feedback", json=body)).status_code == 422


class TestDraft:
    async def test_is_kept_replaced_and_removed(self, client: AsyncClient, chat: Chat) -> None:
        url = f"{SESSIONS}/{chat.id}/draft"
        assert (await client.get(url)).json() == {"text": "", "updated_at": None}

        first = (await client.put(url, json={"text": "Dear"})).json()
        second = (await client.put(url, json={"text": "Dear Coda,\n"})).json()

        assert first["text"] == "Dear"
        assert (await client.get(url)).json() == second
        assert second["text"] == "Dear Coda,\n"
        assert second["updated_at"] > first["updated_at"]
        assert (await client.put(url, json={"text": ""})).json() == {"text": "", "updated_at": None}
        assert (await client.get(url)).json()["text"] == ""

    @pytest.mark.parametrize(
        ("draft", "sent", "left"),
        [
            ("Dear Coda", "Dear Coda", ""),
            ("  Dear Coda\n", "Dear Coda", ""),
            ("Dear Co", "Dear Coda", ""),
            ("Dear Coda, and then", "Dear Coda", "Dear Coda, and then"),
            ("Something else", "Dear Coda", "Something else"),
        ],
    )
    async def test_what_was_sent_is_no_draft_any_more(
        self, client: AsyncClient, chat: Chat, database: Database, draft: str, sent: str, left: str
    ) -> None:
        url = f"{SESSIONS}/{chat.id}/draft"
        await client.put(url, json={"text": draft})

        question = NewMessage(new_id(), "user", [text_part(sent)], "complete")
        answer = NewMessage(new_id(), "assistant", (), "queued", model="demo/coda", run_id=new_id())
        async with database.transaction(chat.scope) as db:
            await turns(db, chat.scope).ask(chat.id, question, answer, parent=None, is_next=True)

        assert (await client.get(url)).json()["text"] == left

    @pytest.mark.parametrize(
        "body", [{}, {"text": None}, {"text": "a\u0000"}, {"text": "x" * 200_001}, {"text": "", "x": 1}]
    )
    async def test_what_does_not_belong_there_is_422(self, client: AsyncClient, chat: Chat, body: object) -> None:
        assert (await client.put(f"{SESSIONS}/{chat.id}/draft", json=body)).status_code == 422


class TestTurns:
    async def test_depth_and_size_above_are_those_of_the_path(self, chat: Chat, database: Database) -> None:
        _, first = await chat.ask("four", "sixsix")
        second, _ = await chat.ask("x", "y", under=first)

        async with database.transaction(chat.scope) as db:
            message = await db.get_one(Message, (chat.scope.org_id, second))

        assert (message.depth, message.chars_above) == (2, 10)

    async def test_path_to_stops_at_characters_and_at_rows(self, chat: Chat, database: Database) -> None:
        leaf = await chat.grow(10, words="w" * 100)
        async with database.transaction(chat.scope) as db:
            found = messages(db, chat.scope)
            everything = await found.path_to(leaf, max_chars=10**9, limit=10**6)
            some = await found.path_to(leaf, max_chars=350, limit=10**6)
            few = await found.path_to(leaf, max_chars=10**9, limit=3)
            alone = await found.path_to(leaf, max_chars=0, limit=10)
            unknown = await found.path_to(new_id(), max_chars=10, limit=10)

        assert [message.depth for message in everything] == list(range(19, -1, -1))
        assert [message.depth for message in some] == [19, 18, 17, 16]
        assert [message.depth for message in few] == [19, 18, 17]
        assert [message.depth for message in alone] == [19]
        assert unknown == []
