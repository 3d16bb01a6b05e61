"""Runs over sockets: start, follow, stop; several watchers; slow and lost ones."""

import asyncio
import socket
from typing import Any
from uuid import UUID

import orjson

from coda.core.ids import new_id
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ordered
from tests.runs.claims import begin, end, open_staged, say, stage_run
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.site import LIMITS, Line, Site
from tests.runs.waiting import LONGEST

QUESTION = "What is 17.5 % of 2,340?"
WORDS, WORD = 600, 20_000
"""More than the kernel's buffers and a mailbox hold."""


async def start(line: Line, person: Person, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a frame
    request = {"session_id": await person.new_session(), "run_id": new_id(), "message": {"content": QUESTION}}
    return await line.ask("start", **{**request, **more})


class TestStart:
    async def test_the_ack_comes_first_and_then_the_whole_stream(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            ack = await start(line, person)
            stream = await line.until_end(ack["run"]["id"])

        first = next(kind for kind in line.order if kind != "note")
        assert first == "ack"
        assert ack["run"]["status"] == "queued"
        assert ack["message"]["role"] == "user"
        assert ack["assistant"]["status"] == "queued"
        assert_ordered(stream, after=0, ended=True)
        message = await person.message(UUID(ack["assistant"]["id"]))
        assert MessageState().apply_all(stream).parts == message.content

    async def test_the_same_request_again_is_the_same_run(self, site: Site, person: Person) -> None:
        request = {
            "session_id": await person.new_session(),
            "run_id": new_id(),
            "message": {"id": new_id(), "content": QUESTION},
        }
        async with site.line(person) as line:
            first = await line.ask("start", **request)
            stream = await line.until_end(first["run"]["id"])
        async with site.line(person) as line:
            second = await line.ask("start", **request)
            again = await line.until_end(second["run"]["id"])
            other = await line.ask("start", **{**request, "message": {"content": "Something else"}})

        assert first["run"]["id"] == second["run"]["id"]
        assert first["assistant"]["id"] == second["assistant"]["id"]
        assert again == stream
        assert other["error"]["code"] == "runs.id_taken"

    async def test_an_id_of_another_organization_is_as_free_as_any(self, site: Site, person: Person) -> None:
        theirs = await stage_run(await new_person(person.database))
        async with site.line(person) as line:
            ack = await start(line, person, run_id=theirs.id)
            assert_ordered(await line.until_end(ack["run"]["id"]), after=0, ended=True)

        assert ack["run"]["id"] == str(theirs.id)

    async def test_notes_reach_the_persons_other_tabs(self, site: Site, person: Person) -> None:
        stranger = await new_person(site.process.database)
        async with site.line(person) as line, site.line(person) as other, site.line(stranger) as foreign:
            await asyncio.gather(*(each.ask("ping") for each in (line, other, foreign)))
            ack = await start(line, person)
            async with asyncio.timeout(LONGEST):
                while ("run", "finished") not in [(note["topic"], note["change"]) for note in other.notes]:
                    await other.read()
            assert (await foreign.ask("ping"))["op"] == "pong"

        assert {note["id"] for note in other.notes if note["topic"] == "run"} == {ack["run"]["id"]}
        assert {note["id"] for note in other.notes if note["topic"] == "session"} == {ack["run"]["session_id"]}
        assert foreign.notes == []


class TestAttach:
    async def test_two_watchers_get_the_same_bytes(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        log = open_staged(site.process.log_writer, run)
        async with site.line(person) as one, site.line(person) as other:
            await asyncio.gather(one.ask("attach", run_id=run.id), other.ask("attach", run_id=run.id))
            begin(log, run)
            for word in range(20):
                say(log, run, f"{word} ")
                await log.drained()
            end(log, run)
            await log.drained()
            await asyncio.gather(one.until_end(str(run.id)), other.until_end(str(run.id)))

        assert one.events == other.events
        assert _joined(one.texts) == _joined(other.texts)
        assert_ordered(one.events, after=0, ended=True)

    async def test_a_follower_can_leave_and_come_back(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        log = open_staged(site.process.log_writer, run)
        async with site.line(person) as line:
            ack = await line.ask("attach", run_id=run.id)
            assert ack["run"]["id"] == str(run.id)
            begin(log, run)
            say(log, run, "heard ")
            await log.drained()
            seen = 4
            async with asyncio.timeout(LONGEST):
                while len(line.events) < seen:
                    await line.read()
            await line.ask("detach", run_id=run.id)
            say(log, run, "missed ")
            await log.drained()
            await line.ask("ping")
            assert len(line.events) == seen
            await line.ask("attach", run_id=run.id, after=seen)
            end(log, run)
            await log.drained()
            stream = await line.until_end(str(run.id))

        replayed = [event for event in stream[seen:] if event["metadata"]["coda"].get("replay")]
        assert [event["type"] for event in replayed] == ["RUN_STARTED", "STEP_STARTED", "TEXT_MESSAGE_START"]
        state = MessageState().apply_all(stream)
        assert state.parts == [{"type": "text", "text": "heard missed "}]
        assert state.status == "complete"

    async def test_somebody_elses_run_is_not_there(self, site: Site, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), QUESTION)
        async with site.line(await new_person(site.process.database)) as line:
            for op in ("attach", "detach", "cancel"):
                assert (await line.ask(op, run_id=started.run["id"]))["error"]["code"] == "runs.not_found"
        await ended(person, started)
        assert line.events == []

    async def test_so_many_runs_at_most(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            for _ in range(LIMITS.runs_per_socket):
                assert (await line.ask("attach", run_id=(await stage_run(person)).id))["op"] == "ack"
            run = await stage_run(person)
            assert (await line.ask("attach", run_id=run.id))["error"]["code"] == "runs.too_many_followed"


class TestCancel:
    async def test_the_run_ends_and_keeps_what_it_said(self, site: Site, person: Person) -> None:
        async with site.line(person) as line:
            ack = await start(line, person)
            reply = await line.ask("cancel", run_id=ack["run"]["id"])
            assert reply["run"]["id"] == ack["run"]["id"]
            await line.ask("cancel", run_id=ack["run"]["id"])
            stream = await line.until_end(ack["run"]["id"])

        assert stream[-1]["outcome"]["type"] in ("cancelled", "success")


class TestDropping:
    async def test_dropping_at_every_kth_event_changes_nothing(self, site: Site, person: Person) -> None:
        for k in (1, 4):
            async with site.line(person) as steady:
                run_id = str(new_id())
                ack, dropped = await asyncio.gather(
                    start(steady, person, run_id=run_id), dropping_every(site, person, run_id, k)
                )
                stream = await steady.until_end(run_id)

            message = await person.message(UUID(ack["assistant"]["id"]))
            assert dropped.visible() == MessageState().apply_all(stream).visible()
            assert dropped.parts == message.content


class TestASlowReader:
    async def test_is_dropped_and_the_run_is_not_slowed(self, site: Site, person: Person) -> None:
        run = await stage_run(person)
        log = open_staged(site.process.log_writer, run)
        async with site.line(person) as quick, site.line(person, sock=small_socket(site), max_queue=1) as slow:
            await asyncio.gather(quick.ask("attach", run_id=run.id), slow.ask("attach", run_id=run.id))
            reading = asyncio.create_task(quick.until_end(str(run.id)))
            slow.connection.transport.pause_reading()
            begin(log, run)
            for _ in range(WORDS):
                say(log, run, "x" * WORD)
                await asyncio.wait_for(log.drained(), LONGEST)
            end(log, run)
            await log.drained()
            stream = await reading
            slow.connection.transport.resume_reading()
            assert await slow.close_code() == 4408

        whole = MessageState().apply_all(stream)
        assert len(whole.parts[0]["text"]) == WORDS * WORD
        state = MessageState().apply_all(slow.events)
        assert state.status != "complete"
        async with site.line(person) as line:
            await line.ask("attach", run_id=run.id, after=state.last_seq)
            state.apply_all(await line.until_end(str(run.id)))
        assert state.visible() == whole.visible()


def small_socket(site: Site) -> socket.socket:
    """A connected socket whose kernel takes little in advance."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    host, port = site.address.split(":")
    connection.connect((host, int(port)))
    return connection


async def dropping_every(site: Site, person: Person, run_id: str, k: int) -> MessageState:
    """A client whose connection is cut after every k new events, and who comes back with what it has."""
    state = MessageState()
    token, _ = await site.sign_in(person)
    async with asyncio.timeout(LONGEST):
        while state.status not in ("complete", "failed", "stopped"):
            async with site.line(token=token) as line:
                reply = await line.ask("attach", run_id=run_id, after=state.last_seq)
                if reply["op"] == "error":  # not started yet
                    continue
                until = state.last_seq + k
                while state.last_seq < until and state.status not in ("complete", "failed", "stopped"):
                    for event in line.events:
                        if state.last_seq < until:
                            state.apply(event)
                    line.events.clear()
                    if state.last_seq < until and state.status != "complete":
                        await line.read()
                line.connection.transport.abort()
    return state


def _joined(texts: list[str]) -> bytes:
    """The events of a socket's messages, however they were put together."""
    events: list[Any] = []
    for text in texts:
        value = orjson.loads(text)
        events += value if isinstance(value, list) else [value]
    return orjson.dumps([event for event in events if "op" not in event])
