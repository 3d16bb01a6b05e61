"""Everything that one socket can do with a running answer: start, lose the connection, come back, stop.

CODA_URL=http://localhost:8000 CODA_API_KEY=sk-coda-... python stream_control.py
"""

# ruff: noqa: T201 - it shows what happens by printing it
import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

QUESTION = "Write a long text about rivers"
MODEL = os.environ.get("CODA_MODEL", "demo/coda")
URL = os.environ["CODA_URL"].rstrip("/")
HEADERS = {"Authorization": f"Bearer {os.environ['CODA_API_KEY']}"}
ENDS = ("RUN_FINISHED", "RUN_ERROR")


def open_socket() -> connect:
    """One connection carries any number of runs."""
    return connect(f"{URL.replace('http', 'ws', 1)}/api/v1/ws", additional_headers=HEADERS)


async def say(socket: ClientConnection, op: str, **fields: Any) -> None:  # noqa: ANN401 - the fields of a frame
    """Send a command; its reply carries the same `ref`."""
    await socket.send(json.dumps({"op": op, "ref": op, **fields}))


async def frames(socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
    """What the server says: events, one or several at a time, and replies, which have an `op`."""
    async for text in socket:
        value = json.loads(text)
        for frame in value if isinstance(value, list) else [value]:
            if frame.get("op") in ("ack", "error"):
                print(f"\n[{frame['op']} of {frame['ref']}]", flush=True)
            yield frame


async def read(socket: ClientConnection, *, after: int, words: int) -> int:
    """Print the answer until so many pieces came, or its end; gives the `seq` of the last event."""
    async for frame in frames(socket):
        if "op" in frame or frame["metadata"]["coda"]["seq"] <= after:  # seen already: it changes nothing
            continue
        after = frame["metadata"]["coda"]["seq"]
        if frame["type"] == "TEXT_MESSAGE_CONTENT":
            print(frame["delta"], end="", flush=True)
            words -= 1
        if frame["type"] in ENDS:
            print(f"\n[{frame['type']} {frame.get('outcome', {}).get('type', '')}]")
            break
        if words == 0:
            break
    return after


async def main() -> None:
    """Start on one connection, go on with another one, stop."""
    async with httpx.AsyncClient(base_url=URL, headers=HEADERS) as coda:
        session_id = (await coda.post("/api/v1/sessions", json={})).raise_for_status().json()["id"]
    run_id = str(uuid4())  # ids are ours: sent again after a broken connection, the same start starts nothing twice
    async with open_socket() as socket:
        await say(socket, "start", session_id=session_id, run_id=run_id, model=MODEL, message={"content": QUESTION})
        seq = await read(socket, after=0, words=3)
    print(f"\n[connection lost at {seq}; the run goes on without us]", flush=True)
    async with open_socket() as socket:
        await say(socket, "attach", run_id=run_id, after=seq)
        seq = await read(socket, after=seq, words=3)
        await say(socket, "cancel", run_id=run_id)
        await read(socket, after=seq, words=-1)


if __name__ == "__main__":
    asyncio.run(main())
