"""Who reads and commands which runs: they are as visible as their chats."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from coda.assembly import Process
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Scope, ShareLink, System
from coda.runs.errors import RunNotFound
from coda.runs.models import Run, RunStep
from coda.runs.repository import RunRepository, StepRepository
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.hub.mailbox import Mailbox
from tests.runs.conftest import Person, new_person


@dataclass(frozen=True, slots=True)
class Branch:
    """A finished answer and its run."""

    message_id: UUID
    run_id: UUID


async def answer(person: Person, session_id: UUID) -> Branch:
    """An answer of its own root, with one step."""
    branch, org_id = Branch(new_id(), new_id()), person.scope.org_id
    made = {"org_id": org_id, "session_id": session_id}
    async with person.database.transaction(person.scope) as db:
        db.add(Message(**made, id=branch.message_id, role="assistant", status="complete", run_id=branch.run_id))
        await db.flush()
        run = {"user_id": person.principal.user_id, "root_run_id": branch.run_id, "request_hash": b""}
        db.add(Run(**made, **run, id=branch.run_id, message_id=branch.message_id, status="finished", model="demo/coda"))
        await db.flush()
        context: dict[str, Any] = {"context": {"parts": []}}
        step = RunStep(org_id=org_id, id=new_id(), run_id=branch.run_id, root_run_id=branch.run_id, data=context)
        step.kind, step.name, step.status = "node", "prepare#1", "done"
        db.add(step)
    return branch


async def seen(database: Database, scope: Scope, run_id: UUID) -> dict[str, bool]:
    """What a scope gets of a run."""
    async with database.transaction(scope) as db:
        runs, steps = RunRepository(db, scope), StepRepository(db, scope)
        return {
            "found": await runs.find(run_id) is not None,
            "commanded": await runs.find_writable(run_id) is not None,
            "locked": await runs.lock(run_id) is not None,
            "steps": bool(await steps.list_steps(run_id, after=0, limit=10)),
            "context": await steps.find_context(run_id) is not None,
        }


NOTHING = dict.fromkeys(("found", "commanded", "locked", "steps", "context"), False)
READING = NOTHING | dict.fromkeys(("found", "steps", "context"), True)
ALL = dict.fromkeys(NOTHING, True)


@pytest.fixture
async def session_id(person: Person) -> UUID:
    return await person.new_session()


class TestRuns:
    async def test_are_those_of_who_owns_the_chat(self, database: Database, person: Person, session_id: UUID) -> None:
        branch = await answer(person, session_id)

        assert await seen(database, person.scope, branch.run_id) == ALL
        assert await seen(database, (await new_person(database)).scope, branch.run_id) == NOTHING

    async def test_follow_the_chat_to_another_owner(self, database: Database, person: Person, session_id: UUID) -> None:
        branch = await answer(person, session_id)
        async with database.transaction(person.scope) as db:
            chat_session = await db.get_one(ChatSession, (person.scope.org_id, session_id))
            chat_session.owner_id = new_id()

        assert await seen(database, person.scope, branch.run_id) == NOTHING
        async with database.transaction(person.scope) as db:
            assert await RunRepository(db, person.scope).list_own(status=None, cursor=None, limit=10) == []

    async def test_are_seen_by_coda_itself(self, database: Database, person: Person, session_id: UUID) -> None:
        branch = await answer(person, session_id)

        assert await seen(database, Scope(person.scope.org_id, System()), branch.run_id) == ALL

    async def test_of_the_shared_path_are_read_by_the_link_and_no_others(
        self, process: Process, database: Database, person: Person, session_id: UUID
    ) -> None:
        shared, other = await answer(person, session_id), await answer(person, session_id)
        link = Scope(person.scope.org_id, ShareLink(session_id, shared.message_id))

        assert await seen(database, link, shared.run_id) == READING
        assert await seen(database, link, other.run_id) == NOTHING
        streams: RunStreams = process.streams
        assert (await streams.read_run(link, shared.run_id))["id"] == str(shared.run_id)
        with pytest.raises(RunNotFound):
            await streams.attach(link, other.run_id, after=0, mailbox=Mailbox())
