"""Chat sessions over HTTP: create, list, change, delete, restore; and who may."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response

from coda.conversations.wiring import sessions
from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.stream.hub.port import Note
from coda.usage.types import Confidence, UsageRecord, UsageSource
from coda.usage.wiring import ledger
from tests.callers import Caller, Town
from tests.conversations.conftest import Chat, new_chat

SESSIONS = "/api/v1/sessions"


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


def titles_of(response: Response) -> list[str]:
    return [item["title"] for item in response.json()["items"]]


async def book(
    database: Database,
    caller: Caller,
    session_id: UUID,
    cost: Decimal | None,
    *,
    purpose: str = "answer",
    confidence: Confidence = "computed",
) -> None:
    scope, user_id = caller.principal.scope, caller.principal.user_id
    record = UsageRecord("openai", "o3", "api.openai.com", 100, 20, 5, 50, cost, confidence, "v1")
    async with database.transaction(scope) as db:
        await ledger(db, scope).book(UsageSource(new_id(), user_id, purpose, session_id=session_id), record)


class TestOrigin:
    async def test_a_key_begins_chats_of_programs(self, client: AsyncClient, town: Town, member: Caller) -> None:
        key = await town.key(member)
        made = await client.post(SESSIONS, headers=key.headers)

        assert made.json()["origin"] == "api"

    async def test_only_those_that_were_asked_for_are_listed(
        self, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        key = await town.key(member)
        await client.post(SESSIONS, json={"title": "Mine"})
        for title in ("Theirs", "Pinned"):
            made = await client.post(SESSIONS, json={"title": title}, headers=key.headers)
        await client.patch(f"{SESSIONS}/{made.json()['id']}", json={"pinned": True})

        async def listed(**query: str | bool | list[str]) -> list[str]:
            return titles_of(await client.get(SESSIONS, params=query))

        assert set(await listed()) == {"Mine", "Theirs", "Pinned"}
        assert await listed(origin="app") == ["Mine"]
        assert await listed(origin="app", pins=True) == ["Pinned", "Mine"]
        assert await listed(origin=["api", "openai"]) == ["Pinned", "Theirs"]
        assert await listed(origin="openai") == []
        assert (await client.get(SESSIONS, params={"origin": "nowhere"})).status_code == 422

    async def test_their_pages_are_of_their_own(self, client: AsyncClient, town: Town, member: Caller) -> None:
        key = await town.key(member)
        for number in range(3):
            await client.post(SESSIONS, json={"title": f"Mine {number}"})
            await client.post(SESSIONS, json={"title": f"Theirs {number}"}, headers=key.headers)
        query: dict[str, Any] = {"origin": "app", "pins": True, "limit": 2}
        first = await client.get(SESSIONS, params=query)
        second = await client.get(SESSIONS, params={**query, "cursor": first.json()["next_cursor"]})

        assert titles_of(first) + titles_of(second) == ["Mine 2", "Mine 1", "Mine 0"]
        assert second.json()["next_cursor"] is None


class TestCreate:
    async def test_gives_an_empty_session(self, client: AsyncClient) -> None:
        response = await client.post(SESSIONS)

        assert response.status_code == 201
        body = response.json()
        assert set(body) == {
            "id", "title", "pinned", "active_leaf_id", "created_at", "updated_at", "run_status", "origin",
        }  # fmt: skip
        assert body["origin"] == "app"
        assert (body["title"], body["pinned"], body["active_leaf_id"], body["run_status"]) == (None, False, None, None)
        assert body["created_at"].endswith("Z")

    async def test_takes_id_and_title_from_the_caller(self, client: AsyncClient, heard: list[Note]) -> None:
        session_id = str(uuid4())

        response = await client.post(SESSIONS, json={"id": session_id, "title": "  My plan "})

        assert (response.json()["id"], response.json()["title"]) == (session_id, "My plan")
        assert [(note.topic, str(note.id), note.change) for note in heard] == [("session", session_id, "created")]

    async def test_the_same_id_again_gives_the_session_that_exists(
        self, client: AsyncClient, heard: list[Note]
    ) -> None:
        session_id = str(uuid4())
        await client.post(SESSIONS, json={"id": session_id, "title": "First"})

        again = await client.post(SESSIONS, json={"id": session_id, "title": "Second"})

        assert again.status_code == 201
        assert again.json()["title"] == "First"
        assert len(heard) == 1

    async def test_an_id_of_a_colleague_is_refused_and_changes_nothing(
        self, client: AsyncClient, database: Database, colleague: Caller
    ) -> None:
        theirs = await new_chat(database, colleague.principal.scope, title="Theirs")

        response = await client.post(SESSIONS, json={"id": str(theirs.id), "title": "Mine"})

        assert response.status_code == 409
        assert code_of(response) == "conversations.session_id_taken"
        response = await client.get(f"{SESSIONS}/{theirs.id}", headers=colleague.headers)
        assert response.json()["title"] == "Theirs"

    async def test_an_id_of_another_organization_is_as_free_as_any(
        self, client: AsyncClient, database: Database, stranger: Caller
    ) -> None:
        theirs = await new_chat(database, stranger.principal.scope, title="Theirs")

        assert (await client.post(SESSIONS, json={"id": str(theirs.id)})).status_code == 201

    async def test_a_deleted_sessions_id_is_refused(self, client: AsyncClient, chat: Chat) -> None:
        await client.delete(f"{SESSIONS}/{chat.id}")

        assert (await client.post(SESSIONS, json={"id": str(chat.id)})).status_code == 409

    @pytest.mark.parametrize(
        "body",
        [{"title": ""}, {"title": "x" * 201}, {"title": "a\u0000b"}, {"id": "1"}, {"owner_id": str(uuid4())}, []],
    )
    async def test_what_does_not_belong_there_is_422(self, client: AsyncClient, body: object) -> None:
        assert (await client.post(SESSIONS, json=body)).status_code == 422


class TestList:
    async def test_pinned_first_then_by_last_change(
        self, client: AsyncClient, database: Database, member: Caller
    ) -> None:
        scope = member.principal.scope
        chats = [await new_chat(database, scope, title=f"chat {number}") for number in range(5)]
        for chat in (chats[1], chats[3]):
            await client.patch(f"{SESSIONS}/{chat.id}", json={"pinned": True})
        async with database.transaction(scope) as db:
            await sessions(db, scope).set_run_status(chats[0].id, "done")

        response = await client.get(SESSIONS)

        assert titles_of(response) == ["chat 3", "chat 1", "chat 0", "chat 4", "chat 2"]
        assert response.json()["next_cursor"] is None
        assert [item["pinned"] for item in response.json()["items"]] == [True, True, False, False, False]

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
    async def test_pages_hold_every_session_once(
        self, client: AsyncClient, database: Database, member: Caller, limit: int
    ) -> None:
        chats = [await new_chat(database, member.principal.scope, title=str(number)) for number in range(7)]
        for chat in chats[2:5]:
            await client.patch(f"{SESSIONS}/{chat.id}", json={"pinned": True})

        seen, cursor = [], None
        while True:
            query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
            page = await client.get(SESSIONS, params=query)
            assert len(page.json()["items"]) <= limit
            seen += titles_of(page)
            cursor = page.json()["next_cursor"]
            if cursor is None:
                break

        assert seen == ["4", "3", "2", "6", "5", "1", "0"]

    async def test_words_are_found_in_titles_and_messages(
        self, client: AsyncClient, database: Database, member: Caller
    ) -> None:
        scope = member.principal.scope
        await new_chat(database, scope, title="Lisbon trip")
        asked = await new_chat(database, scope, title="Other")
        await asked.ask("Where is the Alfama?", "In Lisbon, near the river.")
        await new_chat(database, scope, title="100% wool_coat")

        async def find(q: str) -> list[str]:
            return titles_of(await client.get(SESSIONS, params={"q": q}))

        assert await find("lisbon") == ["Other", "Lisbon trip"]
        assert await find("LISBON river") == ["Other"]
        assert await find("lisbon Trip") == ["Lisbon trip"]
        assert await find("%") == ["100% wool_coat"]
        assert await find("l_c") == ["100% wool_coat"]
        assert await find("type") == []
        assert len(await find(" ")) == 3

    async def test_a_hit_says_where_the_words_stand(
        self, client: AsyncClient, database: Database, member: Caller
    ) -> None:
        scope = member.principal.scope
        await new_chat(database, scope, title="Lisbon trip")
        asked = await new_chat(database, scope, title="Other")
        early, _ = await asked.ask("Is Lisbon old?", "Yes.")
        long = f"{'So: ' * 40}in Lisbon\n\nalong the river, {'far ' * 80}"
        _, both = await asked.ask("And where does one walk?", long)
        await asked.ask("Is Lisbon 100% steep?", "No.")

        async def hits(q: str) -> list[Any]:
            return [item["hit"] for item in (await client.get(SESSIONS, params={"q": q})).json()["items"]]

        [hit] = await hits("lisbon RIVER")
        assert (hit["message_id"], hit["role"]) == (str(both), "assistant")
        assert hit["snippet"].startswith("…")
        assert "So: in Lisbon along the river, far far" in hit["snippet"]
        assert hit["snippet"].endswith("…")
        assert [hit and hit["snippet"] for hit in await hits("lisbon")] == ["Is Lisbon 100% steep?", None]
        assert [hit["snippet"] for hit in await hits("0% steep")] == ["Is Lisbon 100% steep?"]
        assert (await hits("old"))[0] == {"message_id": str(early), "role": "user", "snippet": "Is Lisbon old?"}
        assert [item["hit"] for item in (await client.get(SESSIONS)).json()["items"]] == [None, None]

    async def test_others_and_deleted_ones_are_not_there(
        self, client: AsyncClient, database: Database, chat: Chat, colleague: Caller, stranger: Caller
    ) -> None:
        for caller in (colleague, stranger):
            theirs = await new_chat(database, caller.principal.scope, title="needle")
            await theirs.ask("needle", "needle")
        await client.delete(f"{SESSIONS}/{chat.id}")

        assert titles_of(await client.get(SESSIONS)) == []
        assert titles_of(await client.get(SESSIONS, params={"q": "needle"})) == []

    @pytest.mark.parametrize(
        "query",
        [
            {"cursor": "nonsense"},
            {"cursor": "MDAwMS0wMS0wMVQwMDowMDowMCswMDowMHxmb28"},
            {"limit": 0},
            {"limit": 201},
            {"q": "x" * 201},
            {"q": "a\u0000b"},
        ],
    )
    async def test_a_query_that_makes_no_sense_is_422(self, client: AsyncClient, query: dict[str, str]) -> None:
        assert (await client.get(SESSIONS, params=query)).status_code == 422


class TestUsage:
    async def used(self, client: AsyncClient, chat: Chat) -> dict[str, Any]:
        usage: dict[str, Any] = (await client.get(f"{SESSIONS}/{chat.id}")).json()["usage"]
        return usage

    async def test_all_model_calls_of_a_session_are_summed(
        self, client: AsyncClient, chat: Chat, member: Caller, database: Database
    ) -> None:
        nothing = await self.used(client, chat)
        await book(database, member, chat.id, Decimal("0.0010"))
        await book(database, member, chat.id, Decimal("0.0002"), purpose="title", confidence="estimated")
        await book(database, member, new_id(), Decimal(5))

        assert (nothing["calls"], nothing["cost_usd"], nothing["confidence"]) == (0, "0", None)
        assert await self.used(client, chat) == {
            "calls": 2,
            "input_tokens": 200,
            "output_tokens": 40,
            "reasoning_tokens": 10,
            "cached_input_tokens": 100,
            "cost_usd": "0.0012",
            "unpriced_calls": 0,
            "confidence": "estimated",
        }

    async def test_an_unknown_price_is_told_and_never_nothing(
        self, client: AsyncClient, chat: Chat, member: Caller, database: Database
    ) -> None:
        await book(database, member, chat.id, None)
        unpriced = await self.used(client, chat)
        await book(database, member, chat.id, Decimal("0.25"))
        partly = await self.used(client, chat)

        assert (unpriced["cost_usd"], unpriced["unpriced_calls"]) == (None, 1)
        assert (partly["cost_usd"], partly["unpriced_calls"]) == ("0.25", 1)


class TestChange:
    async def test_rename_and_pin(self, client: AsyncClient, chat: Chat, heard: list[Note]) -> None:
        before = (await client.get(f"{SESSIONS}/{chat.id}")).json()

        changed = (await client.patch(f"{SESSIONS}/{chat.id}", json={"title": "New", "pinned": True})).json()

        assert (changed["title"], changed["pinned"]) == ("New", True)
        assert changed["updated_at"] == before["updated_at"]
        assert (await client.get(f"{SESSIONS}/{chat.id}")).json() == changed | {"usage": before["usage"]}
        assert [(note.id, note.change) for note in heard] == [(chat.id, "updated")]

    async def test_what_is_left_out_stays(self, client: AsyncClient, chat: Chat) -> None:
        _, answer = await chat.ask("a", "b")
        await client.patch(f"{SESSIONS}/{chat.id}", json={"title": "T", "pinned": True})

        same = (await client.patch(f"{SESSIONS}/{chat.id}", json={})).json()

        assert (same["title"], same["pinned"], same["active_leaf_id"]) == ("T", True, str(answer))
        assert (await client.patch(f"{SESSIONS}/{chat.id}", json={"pinned": False})).json()["pinned"] is False

    async def test_an_inner_message_means_its_newest_leaf(self, client: AsyncClient, chat: Chat) -> None:
        root, first = await chat.ask("root", "first")
        _, old_leaf = await chat.ask("old", "old answer", under=first)
        middle, new_leaf = await chat.ask("new", "new answer", under=first)
        other_root, other_leaf = await chat.ask("other root", "other answer")

        for shown, leaf in (
            (root, new_leaf),
            (first, new_leaf),
            (middle, new_leaf),
            (old_leaf, old_leaf),
            (other_root, other_leaf),
        ):
            response = await client.patch(f"{SESSIONS}/{chat.id}", json={"active_leaf_id": str(shown)})
            assert response.json()["active_leaf_id"] == str(leaf)

    async def test_null_shows_no_branch(self, client: AsyncClient, chat: Chat) -> None:
        await chat.ask("a", "b")

        response = await client.patch(f"{SESSIONS}/{chat.id}", json={"active_leaf_id": None})

        assert response.json()["active_leaf_id"] is None
        assert (await client.get(f"{SESSIONS}/{chat.id}/messages")).json() == {"items": [], "next_cursor": None}

    async def test_a_message_of_another_session_is_not_found(
        self, client: AsyncClient, chat: Chat, database: Database, member: Caller
    ) -> None:
        elsewhere = await new_chat(database, member.principal.scope)
        question, _ = await elsewhere.ask("a", "b")

        response = await client.patch(f"{SESSIONS}/{chat.id}", json={"active_leaf_id": str(question)})

        assert response.status_code == 404
        assert code_of(response) == "conversations.message_not_found"

    @pytest.mark.parametrize(
        "body",
        [{"title": ""}, {"title": "  "}, {"org_id": str(uuid4())}, {"run_status": "done"}, {"pinned": "perhaps"}],
    )
    async def test_other_fields_are_refused(self, client: AsyncClient, chat: Chat, body: object) -> None:
        assert (await client.patch(f"{SESSIONS}/{chat.id}", json=body)).status_code == 422


class TestDelete:
    async def test_hides_everything_until_restored(self, client: AsyncClient, chat: Chat, heard: list[Note]) -> None:
        _, answer = await chat.ask("a", "b")
        url = f"{SESSIONS}/{chat.id}"

        assert (await client.delete(url)).status_code == 204

        for response in (
            await client.get(url),
            await client.patch(url, json={"title": "x"}),
            await client.delete(url),
            await client.get(f"{url}/messages"),
            await client.get(f"{url}/tree"),
            await client.get(f"{url}/draft"),
            await client.put(f"{url}/draft", json={"text": "x"}),
            await client.put(f"/api/v1/messages/{answer}/feedback", json={"rating": "up"}),
        ):
            assert response.status_code == 404

        restored = await client.post(f"{url}/restore")
        assert restored.status_code == 200
        assert restored.json()["active_leaf_id"] == str(answer)
        assert len((await client.get(f"{url}/messages")).json()["items"]) == 2
        assert [note.change for note in heard] == ["deleted", "created"]

    async def test_restoring_what_is_there_changes_nothing(self, client: AsyncClient, chat: Chat) -> None:
        assert (await client.post(f"{SESSIONS}/{chat.id}/restore")).json()["id"] == str(chat.id)


class TestOthers:
    @pytest.fixture(params=["colleague", "stranger", "nobody"])
    async def other(self, request: pytest.FixtureRequest, colleague: Caller, stranger: Caller) -> dict[str, str]:
        return {"colleague": colleague.headers, "stranger": stranger.headers}.get(request.param, {})

    async def test_find_nothing_by_any_route(self, client: AsyncClient, chat: Chat, other: dict[str, str]) -> None:
        _, answer = await chat.ask("secret", "secret")
        client.headers.pop("Authorization")
        url, unknown = f"{SESSIONS}/{chat.id}", f"{SESSIONS}/{uuid4()}"
        message, unknown_message = f"/api/v1/messages/{answer}/feedback", f"/api/v1/messages/{uuid4()}/feedback"

        for method, mine, theirs, body in (
            ("GET", url, unknown, None),
            ("PATCH", url, unknown, {"title": "taken over"}),
            ("PATCH", url, unknown, {"active_leaf_id": str(answer)}),
            ("DELETE", url, unknown, None),
            ("POST", f"{url}/restore", f"{unknown}/restore", None),
            ("GET", f"{url}/messages", f"{unknown}/messages", None),
            ("GET", f"{url}/messages?leaf_id={answer}", f"{unknown}/messages?leaf_id={answer}", None),
            ("GET", f"{url}/tree", f"{unknown}/tree", None),
            ("GET", f"{url}/draft", f"{unknown}/draft", None),
            ("PUT", f"{url}/draft", f"{unknown}/draft", {"text": "x"}),
            ("PUT", message, unknown_message, {"rating": "down"}),
        ):
            real = await client.request(method, mine, json=body, headers=other)
            none = await client.request(method, theirs, json=body, headers=other)
            assert (real.status_code, code_of(real)) == (none.status_code, code_of(none))
            assert real.status_code == (404 if other else 401)
            assert "secret" not in real.text

    async def test_a_viewer_reads_but_does_not_write(
        self, client: AsyncClient, database: Database, viewer: Caller
    ) -> None:
        own = await new_chat(database, viewer.principal.scope)
        _, answer = await own.ask("a", "b")
        url = f"{SESSIONS}/{own.id}"

        for path in (SESSIONS, url, f"{url}/messages", f"{url}/tree", f"{url}/draft"):
            assert (await client.get(path, headers=viewer.headers)).status_code == 200
        for method, path, body in (
            ("POST", SESSIONS, {}),
            ("PATCH", url, {"title": "x"}),
            ("DELETE", url, None),
            ("POST", f"{url}/restore", None),
            ("PUT", f"{url}/draft", {"text": "x"}),
            ("PUT", f"/api/v1/messages/{answer}/feedback", {"rating": "up"}),
        ):
            assert (await client.request(method, path, json=body, headers=viewer.headers)).status_code == 403


class TestTitles:
    async def test_a_generated_title_never_replaces_a_persons(
        self, client: AsyncClient, chat: Chat, database: Database
    ) -> None:
        async def generate(title: str) -> bool:
            async with database.transaction(chat.scope) as db:
                return await sessions(db, chat.scope).set_generated_title(chat.id, title)

        assert await generate("Made")
        assert (await client.get(f"{SESSIONS}/{chat.id}")).json()["title"] == "Made"

        await client.patch(f"{SESSIONS}/{chat.id}", json={"title": "Mine"})

        assert not await generate("Made again")
        assert (await client.get(f"{SESSIONS}/{chat.id}")).json()["title"] == "Mine"

    async def test_an_unknown_session_gets_none(self, database: Database, member: Caller) -> None:
        async with database.transaction(member.principal.scope) as db:
            assert not await sessions(db, member.principal.scope).set_generated_title(UUID(int=new_id().int), "x")
