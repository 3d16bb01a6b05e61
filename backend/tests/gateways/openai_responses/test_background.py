"""Responses that are made without a client: begun, polled, followed, continued and stopped, by the official client."""

from typing import Any, Final

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from openai.types.responses import Response

from tests.runs.waiting import until_async

AGENT: Final = "coda-agent/demo/coda"
QUESTION: Final = "What is 17.5 % of 2,340?"
ENDLESS: Final = "coda-agent/openrouter/paced-n3000-d20"
SLOW: Final = "coda-agent/openrouter/paced-n60-d20"


async def whole(openai: AsyncOpenAI, response_id: str) -> Response:
    """The response once it is made."""
    found: list[Response] = []

    async def is_made() -> bool:
        found.append(await openai.responses.retrieve(response_id))
        return found[-1].status not in ("queued", "in_progress")

    await until_async(is_made)
    return found[-1]


async def until_it_speaks(openai: AsyncOpenAI, response_id: str) -> Response:
    """The response as soon as it has said something."""
    found: list[Response] = []

    async def speaks() -> bool:
        found.append(await openai.responses.retrieve(response_id))
        return bool(found[-1].output_text)

    await until_async(speaks)
    return found[-1]


class TestBackground:
    async def test_it_is_queued_at_once_and_found_when_it_is_made(self, openai: AsyncOpenAI) -> None:
        begun = await openai.responses.create(model=AGENT, input=QUESTION, background=True)
        made = await whole(openai, begun.id)

        assert (begun.status, begun.background, begun.output) == ("queued", True, [])
        assert (made.status, made.id, made.background) == ("completed", begun.id, True)
        assert "409.5" in made.output_text
        assert made.usage is not None
        assert made.usage.total_tokens > 0
        assert await openai.responses.retrieve(begun.id) == made

    async def test_it_tells_what_there_is_so_far_and_can_be_stopped(self, openai: AsyncOpenAI) -> None:
        begun = await openai.responses.create(model=ENDLESS, input="hi", background=True)
        so_far = await until_it_speaks(openai, begun.id)
        stopped = await openai.responses.cancel(begun.id)

        assert so_far.status == "in_progress"
        assert stopped.status == "cancelled"
        assert stopped.output_text.startswith(so_far.output_text)
        assert (await openai.responses.cancel(begun.id)).status == "cancelled"

    async def test_a_failure_is_told(self, openai: AsyncOpenAI) -> None:
        begun = await openai.responses.create(model="coda-agent/openrouter/status-503", input="hi", background=True)
        made = await whole(openai, begun.id)

        assert made.status == "failed"
        assert made.error is not None

    async def test_an_agent_goes_on_behind_it_before_it_is_made(self, openai: AsyncOpenAI) -> None:
        begun = await openai.responses.create(model=SLOW, input="hi", background=True)
        with pytest.raises(BadRequestError) as refused:
            await openai.responses.create(model="openrouter/ok", input="and?", previous_response_id=begun.id)
        behind = await openai.responses.create(model=AGENT, input=QUESTION, previous_response_id=begun.id)

        assert refused.value.param == "previous_response_id"
        assert "409.5" in behind.output_text
        after = await openai.responses.create(model="openrouter/ok", input="and?", previous_response_id=begun.id)
        assert after.status == "completed"

    async def test_one_that_has_a_client_is_not_cancelled_by_id(self, openai: AsyncOpenAI) -> None:
        made = await openai.responses.create(model=AGENT, input=QUESTION)
        with pytest.raises(BadRequestError):
            await openai.responses.cancel(made.id)
        with pytest.raises(NotFoundError):
            await openai.responses.cancel("resp_nothing")


class TestStream:
    async def test_a_client_that_left_follows_it_again(self, openai: AsyncOpenAI) -> None:
        stream: Any = await openai.responses.create(model=SLOW, input="hi", background=True, stream=True)
        seen = []
        async for event in stream:
            seen.append(event)
            if len(seen) == 8:
                break
        await stream.close()
        rest: Any = await openai.responses.retrieve(
            seen[0].response.id, stream=True, starting_after=seen[-1].sequence_number
        )
        later = [event async for event in rest]

        numbers = [event.sequence_number for event in (*seen, *later)]
        assert numbers == list(range(len(numbers)))
        assert later[-1].type == "response.completed"
        told = "".join(event.delta for event in (*seen, *later) if event.type == "response.output_text.delta")
        assert told == later[-1].response.output_text
        assert told.count("t") == 60

    @pytest.mark.parametrize("model", ["openai/o3", AGENT])
    async def test_a_stored_one_is_told_again(self, openai: AsyncOpenAI, model: str) -> None:
        made = await openai.responses.create(model=model, input="think about it")
        stream: Any = await openai.responses.retrieve(made.id, stream=True)
        events = [event async for event in stream]

        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert events[0].type == "response.created"
        assert events[-1].response == made
        text = [event.text for event in events if event.type == "response.output_text.done"]
        assert "".join(text) == made.output_text


class TestInput:
    async def test_its_items_have_pages(self, openai: AsyncOpenAI) -> None:
        asked: Any = [{"role": "user", "content": f"Line {number}"} for number in range(3)]
        made = await openai.responses.create(model="openrouter/ok", input=asked)
        page = await openai.responses.input_items.list(made.id, limit=2, order="asc")
        everything: list[Any] = [item async for item in page]

        assert (len(page.data), page.has_more) == (2, True)
        assert [item.content[0].text for item in everything] == ["Line 0", "Line 1", "Line 2"]

    async def test_its_tokens_are_estimated(self, openai: AsyncOpenAI) -> None:
        short = await openai.responses.input_tokens.count(model=AGENT, input="hi")
        long = await openai.responses.input_tokens.count(model=AGENT, input="hi " * 500)

        assert (short.object, 0 < short.input_tokens < 20 < long.input_tokens) == ("response.input_tokens", True)
