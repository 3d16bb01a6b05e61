"""The bare relay: the least that a Python server can do between a model and a WebSocket. The floor to compare with.

It reads the model's stream and sends one small frame for each token: no storage, no users, no steps.
`python -m benchmarks.relay http://127.0.0.1:<port>/v1`: listens on a free port and prints it.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


def create_relay(upstream: str) -> FastAPI:
    """The relay's application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
            app.state.client = client
            yield

    app = FastAPI(lifespan=lifespan)

    @app.websocket("/ws")
    async def relay(socket: WebSocket) -> None:
        await socket.accept()
        answers: set[asyncio.Task[None]] = set()
        try:
            while True:
                asked = await socket.receive_json()
                answer = asyncio.create_task(_answer(app.state.client, upstream, socket, asked))
                answers.add(answer)
                answer.add_done_callback(answers.discard)
        except WebSocketDisconnect:
            for answer in answers:
                answer.cancel()

    return app


async def _answer(client: aiohttp.ClientSession, upstream: str, socket: WebSocket, asked: dict[str, Any]) -> None:
    run_id, seq = asked["run_id"], 0
    body = {"model": asked["model"], "stream": True, "messages": [{"role": "user", "content": "Say something."}]}
    async with client.post(f"{upstream}/chat/completions", json=body) as response:
        async for line in response.content:
            if not line.startswith(b"data: {"):
                continue
            choices = orjson.loads(line[6:])["choices"]
            text = choices[0]["delta"].get("content") if choices else None
            if text:
                seq += 1
                await _send(socket, {"type": "TEXT_MESSAGE_CONTENT", "delta": text}, run_id=run_id, seq=seq)
    await _send(socket, {"type": "RUN_FINISHED"}, run_id=run_id, seq=seq + 1)


async def _send(socket: WebSocket, event: dict[str, Any], *, run_id: str, seq: int) -> None:
    event["metadata"] = {"coda": {"run_id": run_id, "seq": seq}}
    await socket.send_text(orjson.dumps(event).decode())


def main(upstream: str) -> None:
    """Serve as Coda does: uvloop, the same WebSocket implementation, no compression."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sys.stdout.write(f"listening on {listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        create_relay(upstream),
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1])
