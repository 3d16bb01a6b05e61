"""An OpenAI-compatible server whose reasoning models refuse a turn that comes without what the turn before wants back.

The model's name says how: `reasoning-content` (DeepSeek's way), `reasoning-details` (OpenRouter's), `thought-signature`
(Gemini's), `plain` (nothing is wanted back), `forgetful` (what comes back is refused as an unknown field). Each calls
the calculator once and then answers "42."
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from aiohttp import web

THOUGHT = ("Six times ", "seven: I should ", "calculate.")
DETAILS: list[dict[str, Any]] = [
    {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1", "text": "Six times seven: calculate."},
    {"type": "reasoning.encrypted", "index": 1, "format": "anthropic-claude-v1", "data": "c2VjcmV0"},
]
SIGNATURE = {"google": {"thought_signature": "c2lnbmVk"}}
_CALL = {"index": 0, "id": "call_1", "type": "function"}
_ARGUMENTS = '{"expression":"6*7"}'


class ThinkingServer:
    """The server; keeps what it was asked. While `holds` is set, second turns wait for `release`."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.holds = False
        self.release = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "ThinkingServer":
        application = web.Application()
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def second_turns(self) -> list[dict[str, Any]]:
        """The assistant's message of each second turn, as it came back."""
        asked = (request["messages"] for request in self.requests)
        return [messages[-2] for messages in asked if messages[-1]["role"] == "tool"]

    async def _models(self, _request: web.Request) -> web.Response:
        names = ("reasoning-content", "reasoning-details", "thought-signature", "plain", "forgetful")
        return web.json_response({"object": "list", "data": [{"id": name} for name in names]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.requests.append(body)
        model, messages = body["model"], body["messages"]
        if messages[-1]["role"] != "tool":
            return await _stream(request, _first_turn(model))
        if (complaint := _complaint(model, messages[-2])) is not None:
            return web.json_response({"error": {"message": complaint}}, status=400)
        if self.holds:
            await self.release.wait()
        return await _stream(request, [{"content": "42."}, None])


def _first_turn(model: str) -> Iterator[dict[str, Any] | None]:
    call: dict[str, Any] = dict(_CALL)
    if model in ("reasoning-content", "forgetful"):
        yield from ({"reasoning_content": piece} for piece in THOUGHT)
    elif model == "reasoning-details":
        text, encrypted = DETAILS
        half = len(text["text"]) // 2
        yield {"reasoning": text["text"][:half], "reasoning_details": [{**text, "text": text["text"][:half]}]}
        yield {"reasoning": text["text"][half:], "reasoning_details": [{**text, "text": text["text"][half:]}]}
        yield {"content": "", "reasoning_details": [encrypted]}
    elif model == "thought-signature":
        call["extra_content"] = SIGNATURE
    yield {"tool_calls": [{**call, "function": {"name": "calculator", "arguments": _ARGUMENTS}}]}
    yield None


def _complaint(model: str, assistant: dict[str, Any]) -> str | None:
    if model == "reasoning-content" and assistant.get("reasoning_content") != "".join(THOUGHT):
        return "The reasoning_content in the thinking mode must be passed back to the API."
    if model == "reasoning-details" and assistant.get("reasoning_details") != DETAILS:
        return "reasoning details are missing or were modified"
    if model == "thought-signature" and assistant["tool_calls"][0].get("extra_content") != SIGNATURE:
        return "Function call is missing a thought_signature in functionCall parts."
    if model == "forgetful" and "reasoning_content" in assistant:
        return "Extra inputs are not permitted: messages.2.reasoning_content"
    return None


async def _stream(request: web.Request, deltas: Any) -> web.StreamResponse:  # noqa: ANN401 - an iterable of deltas
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    last: dict[str, Any] = {}
    for delta in deltas:
        finish = None if delta is not None else ("tool_calls" if "tool_calls" in last else "stop")
        last = delta or {}
        chunk = {"choices": [{"index": 0, "delta": last, "finish_reason": finish}]}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    usage = {"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29}}
    await response.write(f"data: {json.dumps(usage)}\n\ndata: [DONE]\n\n".encode())
    await response.write_eof()
    return response
