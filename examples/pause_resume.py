"""Pause an answer in the middle of a sentence and let it go on: plain HTTP and server-sent events.

CODA_URL=http://localhost:8000 CODA_API_KEY=sk-coda-... python pause_resume.py
"""

# ruff: noqa: T201 - it shows what happens by printing it
import asyncio
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import httpx

QUESTION = "Write a long text about rivers"
MODEL = os.environ.get("CODA_MODEL", "demo/coda")
ENDS = ("RUN_FINISHED", "RUN_ERROR")


async def events(coda: httpx.AsyncClient, run_id: str) -> AsyncIterator[dict[str, Any]]:
    """A run's events, from its beginning to its end."""
    async with coda.stream("GET", f"/api/v1/runs/{run_id}/events", params={"after": 0}, timeout=60) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def command(coda: httpx.AsyncClient, run_id: str, name: str) -> None:
    """Tell a run something. The answer says that it is stored; the stream shows when it has its effect."""
    (await coda.post(f"/api/v1/runs/{run_id}/{name}")).raise_for_status()
    print(f"\n[{name}]", flush=True)


async def go_on_later(coda: httpx.AsyncClient, run_id: str) -> None:
    """Up to 30 seconds a pause only holds the stream back; a longer one ends the run, and `resume` makes a new one."""
    await asyncio.sleep(2)
    await command(coda, run_id, "resume")


async def main() -> None:
    """Ask, pause after some words, go on."""
    headers = {"Authorization": f"Bearer {os.environ['CODA_API_KEY']}"}
    async with httpx.AsyncClient(base_url=os.environ["CODA_URL"], headers=headers) as coda:
        session = (await coda.post("/api/v1/sessions", json={})).raise_for_status().json()
        body = {"message": {"content": QUESTION}, "model": MODEL}
        started = (await coda.post(f"/api/v1/sessions/{session['id']}/runs", json=body)).raise_for_status().json()
        run_id = started["run"]["id"]
        resuming: asyncio.Task[None] | None = None
        async for event in events(coda, run_id):
            if event["type"] == "TEXT_MESSAGE_CONTENT":
                print(event["delta"], end="", flush=True)
                if resuming is None:
                    await command(coda, run_id, "pause")
                    resuming = asyncio.create_task(go_on_later(coda, run_id))
            elif event["type"] in ENDS:
                print(f"\n[{event['type']} {event.get('outcome', {}).get('type', '')}]")
        if resuming is not None:
            await resuming


if __name__ == "__main__":
    asyncio.run(main())
