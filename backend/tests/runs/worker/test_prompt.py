"""The prompt of an answer is the same, byte for byte, for whoever goes on with it, whatever became of its chat."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.conversations.parts import text_part
from coda.conversations.wiring import messages
from coda.core.db import DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.llm.continuation import CONTINUE_REQUEST
from coda.runs.repository import PromptRepository, StepRepository
from tests.conversations.conftest import Chat, new_chat
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.control import assert_as_stored, expire_lease, frames_of, over
from tests.runs.waiting import until, until_async
from tests.simulators.recorder import Recorder, calling, saying

MODEL = "openai/recorder"
TOOLS = calling(("calculator", {"expression": "6*7"}), ("calculator", {"expression": "6*"}))
WORDS = "some words that were said before " * 12
STEER = "Say it in one word."
_MOVE = text("update users set time_zone = 'Pacific/Kiritimati' where id = :id")
_PLANS = text("select count(*) from run_prompts")
_TEXTS = text("select count(*) from prompt_texts")
_FORGET_PLAN = text("delete from run_prompts where root_run_id = :id")


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Recorder]:
    async with Recorder() as server:
        yield server


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls, provider: Recorder) -> AsyncIterator[Process]:
    own = settings.model_dump() | {"openai_api_key": "sk-test", "openai_base_url": f"{provider.url}/v1"}
    async with assemble(Settings.model_validate(own), database_urls) as running:
        yield running


@pytest.fixture
async def chat(person: Person) -> Chat:
    """A chat longer than the model's window."""
    return await new_chat(person.database, person.scope, title="Long")


async def asked(ask: Ask, chat: Chat, exchanges: int = 100) -> tuple[UUID, UUID]:
    """A question at the end of a long chat: the run, and the last answer above it."""
    leaf = await chat.grow(exchanges, words=WORDS)
    started = await ask(chat.id, "And what now?", parent_id=leaf, model=MODEL)
    return UUID(started.run["id"]), leaf


async def lose(process: Process, run_id: UUID) -> None:
    """The worker has died, as far as anybody can tell."""
    await expire_lease(process, run_id)
    process.dispatcher.wake()


async def rewrite(chat: Chat, message_id: UUID, *, adds: str = "", says: str | None = None) -> None:
    """A message becomes another one."""
    async with chat.database.transaction(chat.scope) as db:
        repository = messages(db, chat.scope)
        message = await repository.find(chat.id, message_id)
        assert message is not None
        content = list(message.content) if says is None else [text_part(says)]
        await repository.rewrite(message, [*content, text_part(adds)] if adds else content)


async def change_everything(chat: Chat, person: Person, provider: Recorder, *, leaf: UUID) -> None:
    """What may happen around an answer while nobody writes it."""
    await chat.ask("another root", "beside it all")
    await chat.add("user", "a sibling of the question", under=leaf)
    await rewrite(chat, leaf, adds="It was cut, and is continued now.")
    provider.window = 2_048
    async with chat.database.transaction(chat.scope) as db:
        await db.execute(_MOVE, {"id": person.principal.user_id})


async def cut(process: Process, person: Person, run_id: UUID, *, steer: str) -> None:
    """Stop an answer, with a steer that nobody has read."""
    await process.run_commands.steer(person.principal, run_id, steer)
    await process.run_commands.cancel(person.principal, run_id)
    assert (await over(person, run_id)).status == "cancelled"


async def continued(process: Process, person: Person, run_id: UUID) -> None:
    """Continue a cut answer to its end."""
    run = await process.run_commands.continue_run(person.principal, run_id)
    assert (await over(person, UUID(run["id"]))).status == "finished"


class TestTakenOver:
    @pytest.fixture(autouse=True)
    def _window(self, provider: Recorder) -> None:
        provider.window = 8_192

    async def test_after_the_first_model_call_the_second_is_the_same(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(TOOLS, saying("It is ", "42."))
        provider.hold(2)
        run_id, leaf = await asked(ask, chat)
        await until(lambda: len(provider.bodies) == 2)

        await change_everything(chat, person, provider, leaf=leaf)
        await lose(process, run_id)
        run = await over(person, run_id)

        assert run.status == "finished"
        assert len(provider.bodies) == 3
        assert provider.bodies[2] == provider.bodies[1]
        sent = provider.messages(3)
        assert "(UTC)" in sent[0]["content"]
        assert sent[1]["content"].startswith("user ")
        assert [each["role"] for each in sent[-4:]] == ["user", "assistant", "tool", "tool"]
        assert '"error"' in sent[-1]["content"]
        await assert_as_stored(process, person, [run_id])

    async def test_within_the_first_model_call_it_is_the_same_again(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(saying("It is ", "42."))
        provider.hold(1)
        run_id, leaf = await asked(ask, chat)
        await until_async(lambda: _has_spoken(process, person, run_id))

        await change_everything(chat, person, provider, leaf=leaf)
        await lose(process, run_id)
        run = await over(person, run_id)

        assert run.status == "finished"
        assert provider.bodies == [provider.bodies[0]] * 2
        assert len(provider.messages(1)) > 20

    async def test_what_is_gone_is_left_out_and_told(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(TOOLS, saying("It is ", "42."))
        provider.hold(2)
        run_id, leaf = await asked(ask, chat, exchanges=3)
        await until(lambda: len(provider.bodies) == 2)

        await rewrite(chat, leaf, says="I never said that.")
        await lose(process, run_id)
        await over(person, run_id)

        before, after = provider.messages(2), provider.messages(3)
        assert after == [*before[:5], *before[7:]]
        told = [
            each["value"] for each in await frames_of(process, person, run_id) if each.get("name") == "coda.context"
        ]
        assert [each["left_out"]["messages"] for each in told] == [0, 2]
        async with chat.database.transaction(chat.scope) as db:
            assert await StepRepository(db, chat.scope).find_context(run_id) == told[-1]

    async def test_a_run_from_before_plans_were_kept_goes_on_as_it_can(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(TOOLS, saying("It is ", "42."))
        provider.hold(2)
        run_id, _ = await asked(ask, chat, exchanges=3)
        await until(lambda: len(provider.bodies) == 2)
        async with chat.database.transaction(chat.scope) as db:
            await db.execute(_FORGET_PLAN, {"id": run_id})

        await lose(process, run_id)

        assert (await over(person, run_id)).status == "finished"
        assert provider.bodies[2] == provider.bodies[1]


class TestContinued:
    async def test_the_next_run_of_an_answer_reads_what_the_first_has_read(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.window = 8_192
        provider.begin(saying("It is "), saying("42."))
        provider.finish[1] = "length"
        run_id, leaf = await asked(ask, chat)
        assert (await over(person, run_id)).status == "finished"

        await change_everything(chat, person, provider, leaf=leaf)
        continued = await process.run_commands.continue_run(person.principal, run_id)
        assert (await over(person, UUID(continued["id"]))).status == "finished"

        first, second = provider.messages(1), provider.messages(2)
        said = [{"role": "assistant", "content": "It is "}, {"role": "user", "content": CONTINUE_REQUEST}]
        assert second == [*first, *said]

    async def test_a_steer_that_came_before_the_first_word_is_read(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(saying("It is "), saying("42."))
        provider.hold(1, after=0)
        run_id, _ = await asked(ask, chat, exchanges=1)
        await until(lambda: len(provider.bodies) == 1)
        await cut(process, person, run_id, steer=STEER)

        await continued(process, person, run_id)

        assert provider.messages(2) == [*provider.messages(1), {"role": "user", "content": STEER}]

    async def test_a_steer_keeps_its_place_over_a_take_over_and_another_cut(
        self, process: Process, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(saying("It is ", "not"), TOOLS, saying("It is ", "42."), saying("42."))
        provider.hold(1)
        provider.hold(3)
        provider.hold(4)
        run_id, _ = await asked(ask, chat, exchanges=1)
        await until_async(lambda: _has_spoken(process, person, run_id))
        await cut(process, person, run_id, steer=STEER)

        second = UUID((await process.run_commands.continue_run(person.principal, run_id))["id"])
        await until(lambda: len(provider.bodies) == 3)
        await lose(process, second)
        await until(lambda: len(provider.bodies) == 4)
        await cut(process, person, second, steer="And quickly.")
        await continued(process, person, second)

        said = [{"role": "assistant", "content": "It is "}, {"role": "user", "content": STEER}]
        assert provider.messages(2) == [*provider.messages(1), *said]
        assert provider.bodies[3] == provider.bodies[2]
        before, after = provider.messages(4), provider.messages(5)
        assert after[: len(before)] == before
        assert after[-1] == {"role": "user", "content": "And quickly."}


class TestPlan:
    async def test_is_kept_once_for_an_answer_and_its_text_once_for_an_organization(
        self, process: Process, ask: Ask, person: Person, provider: Recorder, chat: Chat
    ) -> None:
        provider.begin(saying("42."))
        for _ in range(3):
            run_id, _ = await asked(ask, chat, exchanges=1)
            await over(person, run_id)

        async with chat.database.transaction(chat.scope) as db:
            assert (await db.execute(_PLANS)).scalar_one() == 3
            assert (await db.execute(_TEXTS)).scalar_one() == 1
            assert await PromptRepository(db, chat.scope).find_plan(run_id) is not None
        other = (await new_person(process.database)).scope
        async with chat.database.transaction(other) as db:
            assert (await db.execute(_PLANS)).scalar_one() == 0
            assert (await db.execute(_TEXTS)).scalar_one() == 0
            assert await PromptRepository(db, other).find_plan(run_id) is None


class TestTooLong:
    async def test_what_no_such_model_can_read_is_not_sent(
        self, person: Person, ask: Ask, provider: Recorder, chat: Chat
    ) -> None:
        provider.window = 8_192
        provider.begin(saying("42."))
        started = await ask(chat.id, "long " * 30_000, parent_id=None, model=MODEL, message_id=new_id())
        run = await ended(person, started)

        assert run.error is not None
        assert (run.status, run.error["code"]) == ("failed", "context.prompt_too_long")
        assert run.error["details"]["window"] == 8_192
        assert provider.bodies == []
        assert (await person.message(run.message_id)).status == "failed"


async def _has_spoken(process: Process, person: Person, run_id: UUID) -> bool:
    return any(each["type"] == "TEXT_MESSAGE_CONTENT" for each in await frames_of(process, person, run_id))
