"""Requests that come again: one question stays one chat, whatever its client does about time and errors."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from openai import APIStatusError, AsyncOpenAI, BadRequestError
from sqlalchemy import func, select, update

from coda.conversations.models import ChatSession, Message
from coda.core.db import Database
from coda.gateways.answers.repeats.models import ApiRequest
from coda.runs.models import Run
from tests.callers import Caller
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer

AGENT = "coda-agent/openrouter/ok"
SLOW = "coda-agent/openrouter/paced-n100-d30"
ENDLESS = "coda-agent/openrouter/paced-n3000-d20"


def said(text: str) -> Any:  # noqa: ANN401 - the client's own message types
    return [{"role": "user", "content": text}]


class Chats:
    """What is kept of one caller's questions; each test asks with words of its own."""

    def __init__(self, database: Database, caller: Caller) -> None:
        self._database, self._scope = database, caller.principal.scope

    async def of(self, question: str) -> list[UUID]:
        async with self._database.transaction(self._scope) as db:
            query = select(Message).join(ChatSession, ChatSession.id == Message.session_id)
            rows = await db.scalars(query.where(Message.role == "user", ChatSession.deleted_at.is_(None)))
            return [row.session_id for row in rows if row.content[0]["text"] == question]

    async def runs(self, session_id: UUID) -> list[str]:
        async with self._database.transaction(self._scope) as db:
            query = select(Run.status).where(Run.session_id == session_id).order_by(Run.created_at)
            return list(await db.scalars(query))

    async def note_left(self) -> None:
        """Their clients have left; that their runs are to end comes a moment later."""
        async with self._database.transaction(self._scope) as db:
            await db.execute(update(ApiRequest).values(unanswered_at=func.now()))

    async def until_runs(self, question: str, *statuses: str) -> None:
        async def are_there() -> bool:
            sessions = await self.of(question)
            return bool(sessions) and await self.runs(sessions[0]) == list(statuses)

        await until_async(are_there)


@pytest.fixture
def chats(database: Database, caller: Caller) -> Chats:
    return Chats(database, caller)


@pytest.fixture
def question() -> str:
    return f"Question {uuid4().hex}"


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


class TestKey:
    @pytest.mark.parametrize("is_streamed", [False, True])
    async def test_the_same_request_is_answered_once(
        self, openai: AsyncOpenAI, chats: Chats, module_faults: FaultServer, question: str, is_streamed: bool
    ) -> None:
        named = key()
        before = len(module_faults.requests)
        answers: list[Any] = []
        for _ in range(2):
            answer: Any = await openai.chat.completions.create(
                model=AGENT, messages=said(question), stream=is_streamed, extra_headers=named
            )
            if is_streamed:
                answers.append("".join([chunk.choices[0].delta.content or "" async for chunk in answer]))
            else:
                answers.append((answer.choices[0].message.content, answer.usage))

        assert answers[0] == answers[1]
        assert len(await chats.of(question)) == 1
        assert len([body for body in module_faults.requests[before:] if "tools" in body]) == 1

    async def test_another_request_under_it_is_refused(self, openai: AsyncOpenAI, question: str) -> None:
        named = key()
        await openai.chat.completions.create(model=AGENT, messages=said(question), extra_headers=named)
        with pytest.raises(BadRequestError) as refused:
            await openai.chat.completions.create(model=AGENT, messages=said("x"), extra_headers=named)

        assert refused.value.code == "openai_api.idempotency_key_reused"

    async def test_at_the_same_moment(self, openai: AsyncOpenAI, chats: Chats, question: str) -> None:
        named = key()
        earlier: Any = [*said("Earlier"), {"role": "assistant", "content": "Yes."}, *said(question)]
        asking = (openai.chat.completions.create(model=AGENT, messages=earlier, extra_headers=named) for _ in range(3))
        answers = await asyncio.gather(*asking)

        assert len({answer.choices[0].message.content for answer in answers}) == 1
        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["finished"]

    async def test_over_the_responses_api(self, openai: AsyncOpenAI, chats: Chats, question: str) -> None:
        named = key()
        answers = [await openai.responses.create(model=AGENT, input=question, extra_headers=named) for _ in range(2)]

        assert answers[0].output_text == answers[1].output_text
        assert len(await chats.of(question)) == 1


class TestRetries:
    async def test_of_the_sdk_after_its_timeout_are_one_chat(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        impatient = openai.with_options(timeout=1.0, max_retries=2)
        with pytest.raises(Exception, match="timed out"):
            await impatient.chat.completions.create(model=ENDLESS, messages=said(question))

        assert len(await chats.of(question)) == 1

    async def test_one_that_comes_before_the_end_of_what_was_left_is_answered_anew(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        first = asyncio.create_task(openai.chat.completions.create(model=SLOW, messages=said(question)))
        await chats.until_runs(question, "running")
        await chats.note_left()
        again = {"x-stainless-retry-count": "1"}
        second = await openai.chat.completions.create(model=SLOW, messages=said(question), extra_headers=again)
        await first

        assert second.choices[0].finish_reason == "stop"
        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["finished", "finished"]

    async def test_one_that_says_so_follows_the_run_that_works(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        first = asyncio.create_task(openai.chat.completions.create(model=SLOW, messages=said(question)))
        await chats.until_runs(question, "running")
        again = {"x-stainless-retry-count": "1"}
        second = asyncio.create_task(
            openai.chat.completions.create(model=SLOW, messages=said(question), extra_headers=again)
        )
        answers = await asyncio.gather(first, second)

        assert answers[0].choices[0].message.content == answers[1].choices[0].message.content
        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["finished"]

    async def test_whoever_leaves_first_does_not_stop_it(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        asked: Any = {"model": SLOW, "messages": said(question), "stream": True}
        first: Any = await openai.chat.completions.create(**asked)
        await anext(aiter(first))
        second: Any = await openai.chat.completions.create(**asked, extra_headers={"x-stainless-retry-count": "1"})
        await anext(aiter(second))
        await first.close()
        last = [chunk async for chunk in second][-1]

        assert last.choices[0].finish_reason == "stop"
        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["finished"]


class TestUnanswered:
    async def test_who_left_and_asks_the_same_again_stays_in_the_chat(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        asked: Any = {"model": ENDLESS, "messages": said(question), "stream": True}
        stream: Any = await openai.chat.completions.create(**asked)
        await anext(aiter(stream))
        await stream.close()
        await chats.until_runs(question, "cancelled")
        again: Any = await openai.chat.completions.create(**asked)
        await anext(aiter(again))

        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["cancelled", "running"]
        await again.close()

    async def test_a_failure_asked_about_again_is_no_other_chat(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        for _ in range(3):  # as clients do that know no `x-should-retry`
            with pytest.raises(APIStatusError):
                await openai.chat.completions.create(model="coda-agent/openrouter/status-503", messages=said(question))

        (session_id,) = await chats.of(question)
        assert await chats.runs(session_id) == ["failed"] * 3

    async def test_the_same_question_after_an_answer_is_a_new_one(
        self, openai: AsyncOpenAI, chats: Chats, question: str
    ) -> None:
        for _ in range(2):
            await openai.chat.completions.create(model=AGENT, messages=said(question))

        assert len(await chats.of(question)) == 2
