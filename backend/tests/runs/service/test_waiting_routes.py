"""Waiting runs over HTTP and the socket: edit, remove, send, and what other tabs hear of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from coda.core.settings import Settings
from tests.runs.conftest import Person
from tests.runs.control import LONG, paced
from tests.runs.site import Line, Site
from tests.runs.waiting import LONGEST


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Slow enough to be queued behind; few may queue."""
    return paced(settings, tokens_per_second=400, max_queued_per_user=3)


@pytest.fixture
async def http(site: Site, person: Person) -> AsyncIterator[AsyncClient]:
    """The person's HTTP client."""
    token, _ = await site.sign_in(person)
    headers = {"Authorization": f"Bearer {token}"}
    async with AsyncClient(base_url=f"http://{site.address}", headers=headers, timeout=LONGEST) as client:
        yield client


async def begin(http: AsyncClient, person: Person) -> tuple[UUID, str]:
    """A session with an answer under way that is held until it is stopped."""
    session_id = await person.new_session()
    accepted = await ask(http, session_id, LONG)
    run_id = accepted["run"]["id"]
    assert (await http.post(f"/api/v1/runs/{run_id}/pause")).status_code == 202
    return session_id, run_id


async def ask(http: AsyncClient, session_id: UUID, question: str, *, expect: int = 202) -> Any:  # noqa: ANN401 - JSON
    body = {"message": {"content": question}, "model": "demo/coda"}
    response = await http.post(f"/api/v1/sessions/{session_id}/runs", json=body)
    assert response.status_code == expect, response.text
    return response.json()


async def heard(line: Line, run_id: str, change: str) -> None:
    """Read until a note tells of this change."""
    wanted = {"op": "note", "topic": "run", "id": run_id, "change": change}
    async with asyncio.timeout(LONGEST):
        while wanted not in line.notes:
            await line.read()


class TestHttp:
    async def test_edit_then_remove(self, http: AsyncClient, person: Person) -> None:
        session_id, above = await begin(http, person)
        waiting = (await ask(http, session_id, "First words"))["run"]
        path = f"/api/v1/runs/{waiting['id']}"

        edited = await http.patch(path, json={"content": [{"type": "text", "text": "Better words"}]})
        removed = [(await http.delete(path)).status_code for _ in range(2)]

        assert waiting["queue"] == {"position": 1, "waits_for": "answer"}
        assert edited.status_code == 200
        assert edited.json()["message"]["content"] == [{"type": "text", "text": "Better words"}]
        assert removed == [204, 204]
        assert (await http.get(path)).status_code == 404
        await http.post(f"/api/v1/runs/{above}/cancel")

    async def test_nothing_to_ask_is_refused(self, http: AsyncClient, person: Person) -> None:
        session_id, above = await begin(http, person)
        waiting = (await ask(http, session_id, "First words"))["run"]

        response = await http.patch(f"/api/v1/runs/{waiting['id']}", json={"content": "  "})

        assert (response.status_code, response.json()["error"]["code"]) == (422, "runs.nothing_to_answer")
        await http.post(f"/api/v1/runs/{above}/cancel")

    async def test_paused_shows_and_goes(self, http: AsyncClient, person: Person) -> None:
        _, above = await begin(http, person)

        paused = (await http.get(f"/api/v1/runs/{above}")).json()["paused"]
        resumed = (await http.post(f"/api/v1/runs/{above}/resume")).json()["run"]["paused"]

        assert (paused, resumed) == (True, False)
        await http.post(f"/api/v1/runs/{above}/cancel")

    async def test_a_person_may_queue_only_so_many(self, http: AsyncClient, person: Person) -> None:
        session_id, above = await begin(http, person)
        for _ in range(3):
            await ask(http, session_id, "One more")

        body = {"message": {"content": "One too many"}, "model": "demo/coda"}
        response = await http.post(f"/api/v1/sessions/{session_id}/runs", json=body)

        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (429, "runs.too_many_queued")
        assert error["details"]["position"] == 4
        assert response.headers["retry-after"] == str(error["details"]["retry_after"])
        async with person.database.transaction(person.scope) as db:
            count = await db.scalar(text("select count(*) from messages where session_id = :id"), {"id": session_id})
        assert count == 8
        await http.post(f"/api/v1/runs/{above}/cancel")


class TestSocket:
    async def test_a_refused_start_does_not_end_what_is_followed(self, site: Site, person: Person) -> None:
        request = {"session_id": await person.new_session(), "run_id": str(uuid4()), "model": "demo/coda"}
        async with site.line(person) as line:
            await line.ask("start", **request, message={"content": LONG})
            await line.ask("pause", run_id=request["run_id"])
            refused = await line.ask("start", **request, message={"content": "Something else"})
            await line.ask("resume", run_id=request["run_id"])

            assert refused["error"]["code"] == "runs.id_taken"
            stream = await line.until_end(str(request["run_id"]))

        assert [event["metadata"]["coda"]["seq"] for event in stream] == list(range(1, len(stream) + 1))

    async def test_other_tabs_hear_of_it(self, site: Site, person: Person) -> None:
        session_id = await person.new_session()
        async with site.line(person) as mine, site.line(person) as other:
            question = {"content": LONG}
            first = await mine.ask("start", session_id=session_id, message=question, model="demo/coda")
            above = first["run"]["id"]
            await mine.ask("pause", run_id=above)
            waiting = [
                (await mine.ask("start", session_id=session_id, message={"content": "Hello"}, run_id=uuid4()))["run"]
                for _ in range(2)
            ]
            edited = await mine.ask("edit", run_id=waiting[0]["id"], content="Hello again")
            removed = await mine.ask("remove", run_id=waiting[1]["id"])
            await heard(other, waiting[0]["id"], "queued")
            await heard(other, waiting[0]["id"], "edited")
            await heard(other, waiting[1]["id"], "removed")
            await mine.ask("cancel", run_id=above)
            await heard(other, waiting[0]["id"], "held")
            sent = await other.ask("resume", run_id=waiting[0]["id"])
            await mine.until_end(waiting[0]["id"])

        assert edited["message"]["content"] == [{"type": "text", "text": "Hello again"}]
        assert removed == {"op": "ack", "ref": removed["ref"]}
        assert sent["run"]["id"] == waiting[0]["id"]

    async def test_a_begun_run_is_refused(self, site: Site, person: Person) -> None:
        session_id = await person.new_session()
        async with site.line(person) as line:
            first = await line.ask("start", session_id=session_id, message={"content": LONG}, model="demo/coda")
            run_id = first["run"]["id"]
            await line.ask("pause", run_id=run_id)
            while not line.events:
                await line.read()
            refused = [
                await line.ask("edit", run_id=run_id, content="Hello again"),
                await line.ask("remove", run_id=run_id),
            ]
            await line.ask("cancel", run_id=run_id)

        assert [reply["error"]["code"] for reply in refused] == ["runs.already_started"] * 2
