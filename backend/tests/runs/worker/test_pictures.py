"""Pictures on their way to a model: their bytes go out with the request, and lie in no prompt, plan or part."""

import asyncio
import base64
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.conversations.parts import text_part, wanted_part
from coda.core.db import DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.files.errors import FileGone, FileNotFound
from coda.files.types import KeptFile
from coda.files.wiring import file_service
from coda.llm.errors import ImagesRefused
from coda.runs.models import Run
from coda.runs.types import StartRun
from tests.runs.conftest import Person, ended, new_person
from tests.simulators.scripted import Reply, ScriptedServer, says

MODEL = "openai/m"
REFUSED = Reply.json({"error": {"message": "This model does not support image input"}}, status=400)


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[ScriptedServer]:
    async with ScriptedServer() as server:
        server.models = {"object": "list", "data": [{"id": name, "max_model_len": 8192} for name in ("m", "blind")]}
        yield server


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls, provider: ScriptedServer) -> AsyncIterator[Process]:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{provider.url}/v1"}
    async with assemble(Settings.model_validate(own), database_urls) as running:
        yield running


def pixels(form: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    target = BytesIO()
    Image.effect_noise(size, 50).save(target, form)
    return target.getvalue()


async def upload(process: Process, person: Person, content: bytes, name: str = "chart.png") -> KeptFile:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return await process.files.uploads.take(person.scope, name=name, chunks=chunks(), at_most=len(content))


async def answered(
    process: Process, person: Person, session_id: UUID, *content: dict[str, Any], model: str = MODEL
) -> Run:
    request = StartRun(run_id=new_id(), message_id=None, content=content, model=model)
    return await ended(person, await process.run_commands.start(person.principal, session_id, request))


def shown(body: dict[str, Any]) -> list[str]:
    """The pictures that a request shows, by their URLs."""
    contents = [message["content"] for message in body["messages"] if isinstance(message["content"], list)]
    return [part["image_url"]["url"] for content in contents for part in content if part["type"] == "image_url"]


def words(body: dict[str, Any]) -> str:
    return str([message["content"] for message in body["messages"] if message["role"] == "user"])


async def test_a_picture_is_shown_and_kept_by_reference(
    process: Process, person: Person, provider: ScriptedServer
) -> None:
    provider.begin(says("A chart."))
    session_id, file = await person.new_session(), await upload(process, person, pixels())
    note = await upload(process, person, b"a,b\n1,2\n", "table.csv")
    content = (text_part("What is this?"), wanted_part(file.id, alt="sales"), wanted_part(note.id))
    run = await answered(process, person, session_id, *content)

    assert run.status == "finished"
    (url,) = shown(provider.bodies[0])
    assert Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).size == (64, 48)
    assert "not read by you: table.csv" in words(provider.bodies[0])
    assert "sales" in words(provider.bodies[0])
    async with process.database.transaction(person.scope) as db:
        asked = await db.scalar(text("select content from messages where role = 'user'"))
        stored = await db.scalar(text("select string_agg(plan::text, '') from run_prompts"))
        links = set(await db.scalars(text("select file_id from message_files")))
        title = await db.scalar(text("select title from chat_sessions"))
    assert title == "What is this?"
    assert [part["type"] for part in asked] == ["text", "image", "file"]
    assert (asked[1]["width"], asked[1]["height"], asked[1]["alt"]) == (64, 48, "sales")
    assert links == {file.id, note.id}
    assert "base64" not in stored


async def test_a_large_one_goes_out_small(process: Process, person: Person, provider: ScriptedServer) -> None:
    provider.begin(says("Large."))
    large = await asyncio.to_thread(pixels, "JPEG", (3_000, 1_500))
    file = await upload(process, person, large, "photo.jpg")
    await answered(process, person, await person.new_session(), wanted_part(file.id))

    (url,) = shown(provider.bodies[0])
    assert url.startswith("data:image/jpeg;base64,")
    assert Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))).size == (2_048, 1_024)


async def test_a_later_question_shows_it_again_until_it_is_deleted(
    process: Process, person: Person, provider: ScriptedServer
) -> None:
    provider.begin(says("A chart."))
    session_id, file = await person.new_session(), await upload(process, person, pixels())
    await answered(process, person, session_id, text_part("What is this?"), wanted_part(file.id))
    await answered(process, person, session_id, text_part("Are you sure?"))
    assert len(shown(provider.bodies[-1])) == 1

    async with process.database.transaction(person.scope) as db:
        await file_service(db, person.scope).delete(file.id)
    await answered(process, person, session_id, text_part("And now?"))

    assert shown(provider.bodies[-1]) == []
    assert "has been deleted: chart.png" in words(provider.bodies[-1])


class TestRefused:
    async def test_what_is_not_ones_own(self, process: Process, person: Person) -> None:
        other, session_id = await new_person(process.database), await person.new_session()
        theirs, gone = await upload(process, other, pixels()), await upload(process, person, pixels())
        async with process.database.transaction(person.scope) as db:
            await file_service(db, person.scope).delete(gone.id)

        for file_id in (theirs.id, uuid4()):
            with pytest.raises(FileNotFound):
                await answered(process, person, session_id, wanted_part(file_id))
        with pytest.raises(FileGone):
            await answered(process, person, session_id, wanted_part(gone.id))

    async def test_a_model_that_sees_nothing_is_not_asked(self, process: Process, person: Person) -> None:
        file = await upload(process, person, pixels())

        with pytest.raises(ImagesRefused):
            await answered(process, person, await person.new_session(), wanted_part(file.id), model="demo/coda")

    async def test_a_refusal_is_remembered_and_what_was_shown_before_is_left_out(
        self, process: Process, person: Person, provider: ScriptedServer
    ) -> None:
        blind, session_id = "openai/blind", await person.new_session()
        file = await upload(process, person, pixels())
        provider.begin(says("A chart."))
        await answered(process, person, session_id, text_part("What is this?"), wanted_part(file.id))

        provider.begin(REFUSED, says("I go by what was said."))
        run = await answered(process, person, session_id, text_part("More?"), model=blind)
        assert run.status == "finished"
        assert [len(shown(body)) for body in provider.bodies] == [1, 0]
        parts = list((await person.message(run.message_id)).content)
        assert [part["details"] for part in parts if part["type"] == "notice"] == [{"left_out": ["images"]}]

        provider.begin(says("Still blind."))
        await answered(process, person, session_id, text_part("Again?"), model=blind)
        assert [len(shown(body)) for body in provider.bodies] == [0]
        assert "which you cannot see: chart.png" in words(provider.bodies[0])
        with pytest.raises(ImagesRefused):
            await answered(process, person, session_id, wanted_part(file.id), model=blind)
