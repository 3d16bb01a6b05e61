"""A whole process around the module's database, and people who may use it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from coda.access.principal import Principal
from coda.access.roles import Role
from coda.assembly import Process, assemble
from coda.conversations.models import ChatSession, Message
from coda.core.db import Database, DatabaseUrls
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.core.settings import Settings
from coda.identity.models import User
from coda.organizations.models import Membership, Organization
from coda.runs.models import Run
from coda.runs.types import TERMINAL_STATUSES, StartedRun, StartRun
from tests.runs.site import Site, served
from tests.runs.waiting import LONGEST, until_async


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an organization of their own."""

    principal: Principal
    database: Database

    @property
    def scope(self) -> Scope:
        return self.principal.scope

    async def new_session(self) -> UUID:
        async with self.database.transaction(self.scope) as db:
            chat_session = ChatSession(org_id=self.scope.org_id, id=new_id(), owner_id=self.principal.user_id)
            db.add(chat_session)
        return chat_session.id

    async def run(self, run_id: UUID) -> Run:
        async with self.database.transaction(self.scope) as db:
            return await db.get_one(Run, (self.scope.org_id, run_id))

    async def message(self, message_id: UUID) -> Message:
        async with self.database.transaction(self.scope) as db:
            return await db.get_one(Message, (self.scope.org_id, message_id))


async def new_person(database: Database) -> Person:
    """A user who is admin of a fresh organization."""
    user_id, org_id = new_id(), new_id()
    principal = Principal(user_id, org_id, Role.ADMIN, is_operator=False, login_id=new_id())
    async with database.transaction(principal.scope) as db:
        db.add(User(id=user_id, email=f"{user_id}@example.org", name="Ada"))
        db.add(Organization(id=org_id, name="Lab", kind="shared"))
        await db.flush()
        db.add(Membership(org_id=org_id, user_id=user_id, role="admin"))
    return Person(principal, database)


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """The demo model speaks as fast as it can."""
    llm = settings.llm.model_copy(update={"demo_tokens_per_second": 0})
    return settings.model_copy(update={"llm": llm})


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[Process]:
    """A process that drives runs."""
    async with assemble(settings, database_urls) as running:
        yield running


@pytest.fixture(scope="module")
async def site(process: Process) -> AsyncIterator[Site]:
    """The process behind a real server."""
    async with served(process) as made:
        yield made


@pytest.fixture
async def person(process: Process) -> Person:
    """Somebody new."""
    return await new_person(process.database)


Ask = Callable[..., Any]


@pytest.fixture
def ask(process: Process, person: Person) -> Ask:
    """Start a run: `await ask(session_id, "question")`."""

    async def start(session_id: UUID, text: str, **more: Any) -> StartedRun:  # noqa: ANN401 - fields of StartRun
        request = StartRun(
            run_id=more.pop("run_id", None) or new_id(),
            message_id=more.pop("message_id", None),
            content=({"type": "text", "text": text},),
            **more,
        )
        return await process.run_commands.start(person.principal, session_id, request)

    return start


async def ended(person: Person, started: StartedRun, *, within: float = LONGEST) -> Run:
    """The run, once it is over."""
    run_id = UUID(started.run["id"])

    async def is_over() -> bool:
        return (await person.run(run_id)).status in TERMINAL_STATUSES

    await until_async(is_over, within=within)
    return await person.run(run_id)
