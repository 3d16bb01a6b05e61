"""A megabyte of any script, pasted or answered, keeps nobody else waiting on its way through the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from httpx import AsyncClient

from coda.runs.schemas import MAX_QUESTION
from tests.callers import Caller
from tests.loop_blocks import LoopBlocks

LONGEST_TASK: Final = 0.05
LONGEST_BURST: Final = 0.1
MEGABYTE: Final = 1_000_000
SCRIPTS: Final = {
    "Latin": "The quick brown fox. ",
    "Vietnamese": "Bảo mật cấp hàng có nghĩa là mỗi truy vấn chỉ thấy các hàng. ",
    "Chinese": "行级安全意味着每个查询只能看到自己组织的行。",
    "Arabic": "يعني الأمان على مستوى الصف أن كل استعلام يرى صفوف مؤسسته فقط. ",
    "Hindi": "पंक्ति-स्तरीय सुरक्षा का अर्थ है कि प्रत्येक क्वेरी केवल अपने संगठन की पंक्तियाँ देखती है। ",
    "emoji": "👍🎉😀🚀🔥✅👩‍👩‍👧 ",
}


def text_of(script: str, *, size: int = MEGABYTE) -> str:
    """So many bytes of it."""
    sample = SCRIPTS[script]
    return sample * (size // len(sample.encode()) + 1)


@asynccontextmanager
async def watched(longest: float) -> AsyncIterator[None]:
    """Nothing of ours keeps the loop for longer meanwhile."""
    blocks = LoopBlocks(longest=longest)
    blocks.start()
    try:
        yield
    finally:
        await asyncio.to_thread(blocks.stop)
    assert blocks.taken() == []


@pytest.mark.parametrize("script", SCRIPTS)
class TestLongTexts:
    async def test_asked_of_a_plain_model(self, base_url: str, caller: Caller, script: str) -> None:
        body = {"model": "openrouter/ok", "messages": [{"role": "user", "content": text_of(script)}]}
        async with AsyncClient(timeout=60, headers=caller.headers) as client, watched(LONGEST_TASK):
            answer = await client.post(f"{base_url}/v1/chat/completions", json=body)

        assert answer.status_code == 200

    @pytest.mark.parametrize("model", ["openrouter/echo", "coda-agent/openrouter/echo"])
    async def test_answered_by_a_model(self, base_url: str, caller: Caller, script: str, model: str) -> None:
        text = text_of(script, size=MEGABYTE // 2)[:MAX_QUESTION]
        body = {"model": model, "messages": [{"role": "user", "content": text}], "tool_choice": "none"}
        async with AsyncClient(timeout=60, headers=caller.headers) as client, watched(LONGEST_TASK):
            answer = await client.post(f"{base_url}/v1/chat/completions", json=body)

        assert answer.json()["choices"][0]["message"]["content"] == text


@pytest.mark.parametrize("prefix", ["", "coda-agent/"])
@pytest.mark.parametrize("kind", ["text", "packed", "reasoning", "arguments"])
async def test_a_model_that_writes_letter_by_letter_leaves_time_for_others(
    base_url: str, caller: Caller, kind: str, prefix: str
) -> None:
    body = {
        "model": f"{prefix}openrouter/letters-{kind}-30000",
        "messages": [{"role": "user", "content": "Go on"}],
        "stream": True,
        "tools": [{"type": "function", "function": {"name": "calculator"}}],
    }
    async with (
        AsyncClient(timeout=60, headers=caller.headers) as client,
        watched(LONGEST_BURST),
        client.stream("POST", f"{base_url}/v1/chat/completions", json=body) as answer,
    ):
        size = sum([len(block) async for block in answer.aiter_bytes()])

    assert size > 30_000
