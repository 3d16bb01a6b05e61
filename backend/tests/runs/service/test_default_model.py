"""The model of a run that names none: the chat's last one, the person's last one, else the server's setting."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from tests.runs.conftest import Ask, Person, ended
from tests.simulators.scripted import ScriptedServer


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        server.models = {"data": [{"id": "a"}, {"id": "set"}]}
        yield server


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls, provider: ScriptedServer) -> AsyncIterator[Process]:
    own = {"openai_base_url": f"{provider.url}/v1", "default_model": "openai/set"}
    async with assemble(Settings.model_validate(settings.model_dump() | own), database_urls) as running:
        yield running


async def model_of(ask: Ask, person: Person, session_id: UUID) -> str:
    started = await ask(session_id, "Hello")
    await ended(person, started)
    return str(started.run["model"])


class TestDefaultModel:
    async def test_of_somebody_who_has_used_none_is_what_was_set(self, ask: Ask, person: Person) -> None:
        assert await model_of(ask, person, await person.new_session()) == "openai/set"

    async def test_of_a_new_chat_is_what_answered_the_person_last(self, ask: Ask, person: Person) -> None:
        first = await person.new_session()
        await ended(person, await ask(first, "Hello", model="demo/coda"))

        assert await model_of(ask, person, await person.new_session()) == "demo/coda"
        await ended(person, await ask(await person.new_session(), "Hello", model="openai/a"))
        assert await model_of(ask, person, await person.new_session()) == "openai/a"
        assert await model_of(ask, person, first) == "demo/coda"
