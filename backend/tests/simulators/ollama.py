"""Ollama's own wire, as its server speaks it: thinking, usage, tool calls with objects, model facts."""

import json
from typing import Any

from aiohttp import web

_MODELS: dict[str, dict[str, Any]] = {
    "qwen3:latest": {
        "capabilities": ["completion", "tools", "thinking"],
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
    },
    "tiny:1b": {"capabilities": ["completion"], "model_info": {"llama.context_length": 8192}},
    "nomic-embed-text:latest": {"capabilities": ["embedding"], "model_info": {"nomic-bert.context_length": 2048}},
}


class OllamaServer:
    """The server; keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "OllamaServer":
        application = web.Application()
        application.router.add_get("/api/version", self._version)
        application.router.add_get("/api/tags", self._tags)
        application.router.add_post("/api/show", self._show)
        application.router.add_post("/api/chat", self._chat)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"version": "0.13.0"})

    async def _tags(self, _request: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": name, "model": name} for name in _MODELS]})

    async def _show(self, request: web.Request) -> web.Response:
        name = (await request.json())["model"]
        facts = _MODELS.get(name) or _MODELS.get(f"{name}:latest")
        return web.json_response(facts) if facts else web.json_response({"error": "not found"}, status=404)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        if body["model"] == "missing":
            return web.json_response({"error": "model 'missing' not found"}, status=404)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for line in _answer(body):
            await response.write(line)
        await response.write_eof()
        return response


def _answer(body: dict[str, Any]) -> list[bytes]:
    question = body["messages"][-1]["content"]
    if question == "break":
        return [_line({"content": "Half"}), b'{"error": "llama runner process has terminated"}\n']
    if question == "cut":
        return [_line({"content": "Half"})]
    if question == "garbage":
        return [b"<html>not json</html>\n"]
    said = [_line({"content": "", "thinking": "Let me "}), _line({"content": "", "thinking": "see."})]
    if body.get("tools") and body["messages"][-1]["role"] != "tool":
        call = {"function": {"name": "get_weather", "arguments": {"city": "Oslo"}}}
        return [*said, _line({"content": "", "tool_calls": [call]}), _end()]
    return [*said, _line({"content": "Four"}), _line({"content": "."}), _end().rstrip(b"\n")]


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps({"message": {"role": "assistant", **message}, "done": False}).encode() + b"\n"


def _end() -> bytes:
    end = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    return json.dumps({**end, "prompt_eval_count": 26, "eval_count": 9}).encode() + b"\n"
