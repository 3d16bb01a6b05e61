"""A run's stream as server-sent events."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from coda.core.ids import new_id
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ordered
from tests.runs.claims import begin, end, open_staged, stage_run
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.site import LIMITS, Site
from tests.runs.waiting import LONGEST, open_connections, until


async def get(site: Site, person: Person, run_id: object, **more: Any) -> httpx.Response:  # noqa: ANN401
    token, _ = await site.sign_in(person)
    headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
    async with httpx.AsyncClient(base_url=f"http://{site.address}", timeout=LONGEST) as client:
        return await client.get(f"/api/v1/runs/{run_id}/events", headers=headers, **more)


def events_of(body: str) -> list[dict[str, Any]]:
    """The events of a stream; each block has the event's seq as its id."""
    events = []
    for block in body.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            event = orjson.loads(lines["data"])
            assert int(lines["id"]) == event["metadata"]["coda"]["seq"]
            events.append(event)
    return events


class TestStreamRun:
    async def test_it_is_whole_and_ends(self, site: Site, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), "What is 17.5 % of 2,340?")

        response = await get(site, person, started.run["id"])

        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        stream = events_of(response.text)
        assert_ordered(stream, after=0, ended=True)
        run = await ended(person, started)
        message = await person.message(run.message_id)
        assert MessageState().apply_all(stream).parts == message.content

    async def test_it_goes_on_behind_what_was_seen(self, site: Site, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), "What is 17.5 % of 2,340?")
        run = await ended(person, started)

        by_query = events_of((await get(site, person, run.id, params={"after": 9})).text)
        by_header = events_of((await get(site, person, run.id, headers={"Last-Event-ID": "9"})).text)
        both = await get(site, person, run.id, params={"after": 9}, headers={"Last-Event-ID": "2"})

        assert by_query == by_header == events_of(both.text)
        fresh = [event["metadata"]["coda"]["seq"] for event in by_query if "replay" not in event["metadata"]["coda"]]
        assert fresh == list(range(10, run.last_seq + 1))

    @pytest.mark.parametrize("header", ["", "x", "-1", "1.5", "9" * 30])
    async def test_an_id_that_is_none_counts_as_the_beginning(
        self, site: Site, person: Person, ask: Ask, header: str
    ) -> None:
        started = await ask(await person.new_session(), "Hello")
        await ended(person, started)

        stream = events_of((await get(site, person, started.run["id"], headers={"Last-Event-ID": header})).text)

        assert stream[0]["metadata"]["coda"]["seq"] == 1

    async def test_what_is_refused(self, site: Site, person: Person) -> None:
        run = await stage_run(person)

        assert (await get(site, person, new_id())).json()["error"]["code"] == "runs.not_found"
        stranger = await new_person(site.process.database)
        assert (await get(site, stranger, run.id)).status_code == 404
        assert (await get(site, person, run.id, params={"after": -1})).status_code == 422
        async with httpx.AsyncClient(base_url=f"http://{site.address}") as client:
            assert (await client.get(f"/api/v1/runs/{run.id}/events")).status_code == 401

    async def test_a_silent_run_is_kept_alive(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        log = open_staged(site.process.log_writer, run)
        begin(log, run)
        await log.drained()
        token, _ = await site.sign_in(person)
        body = ""

        async with httpx.AsyncClient(base_url=f"http://{site.address}", timeout=LONGEST) as client:
            path, headers = f"/api/v1/runs/{run.id}/events", {"Authorization": f"Bearer {token}"}
            async with client.stream("GET", path, headers=headers) as response:
                async for text in response.aiter_text():
                    body += text
                    if body.endswith("\n\n:\n\n"):
                        end(log, run)
                        await log.drained()

        assert_ordered(events_of(body), after=0, ended=True)

    async def test_so_many_streams_at_most_and_leaving_makes_room(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        reading = [asyncio.create_task(get(site, person, run.id)) for _ in range(LIMITS.sockets_per_user)]
        registry = site.app.state.sockets.registry
        await until(lambda: open_connections(registry, person.principal) == LIMITS.sockets_per_user)

        refused = await get(site, person, run.id)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        await until(lambda: open_connections(registry, person.principal) == 0)

        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "runs.too_many_connections"
