"""A run that waits for a person, as a client of OpenAI's wire sees it: over, and said so in words."""

import pytest
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionUserMessageParam

from coda.core.settings import Settings

MODEL = "coda-agent/demo/coda"
QUESTION: ChatCompletionUserMessageParam = {"role": "user", "content": "What is 17.5 % of 2,340?"}
LAST_WORDS = "[Allow calculator to run? This answer waits for a person: go on with it in Coda.]"


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """The calculator asks first."""
    tools = settings.tools.model_copy(update={"need_approval": "calculator"})
    return settings.model_copy(update={"tools": tools})


async def test_the_whole_completion_ends_and_says_why(openai: AsyncOpenAI) -> None:
    answer = await openai.chat.completions.create(model=MODEL, messages=[QUESTION])

    assert answer.choices[0].finish_reason == "stop"
    assert (answer.choices[0].message.content or "").endswith(LAST_WORDS)


async def test_the_stream_ends_and_says_why(openai: AsyncOpenAI) -> None:
    stream = await openai.chat.completions.create(model=MODEL, messages=[QUESTION], stream=True)
    choices = [chunk.choices[0] async for chunk in stream if chunk.choices]

    assert "".join(choice.delta.content or "" for choice in choices).endswith(LAST_WORDS)
    assert choices[-1].finish_reason == "stop"
