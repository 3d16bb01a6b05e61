"""AG-UI without a library: ask, print the events, approve a tool call where one waits, ask again in the same thread.

CODA_URL=http://localhost:8000 CODA_API_KEY=sk-coda-... python ag_ui.py
"""

# ruff: noqa: T201 - it shows what happens by printing it
import json
import os
from typing import Any
from uuid import uuid4

import httpx

MODEL = os.environ.get("CODA_MODEL", "demo/coda")
URL = f"{os.environ['CODA_URL'].rstrip('/')}/ag-ui"
CLIENT = httpx.Client(headers={"Authorization": f"Bearer {os.environ['CODA_API_KEY']}"}, timeout=120)


class Thread:
    """One conversation: what was said, as a client of AG-UI keeps it."""

    def __init__(self) -> None:
        self.id = str(uuid4())
        self.messages: list[dict[str, Any]] = []

    def ask(self, question: str) -> None:
        """Ask, and answer whatever interrupts the run until it is done."""
        self.messages.append({"id": str(uuid4()), "role": "user", "content": question})
        waiting = self._run()
        while waiting:
            answers = [
                {"interruptId": one["id"], "status": "resolved", "payload": {"approved": True}} for one in waiting
            ]
            waiting = self._run(resume=answers)

    def _run(self, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - fields of the input
        given = {"threadId": self.id, "runId": str(uuid4()), "messages": self.messages, **more}
        waiting: list[dict[str, Any]] = []
        with CLIENT.stream("POST", URL, json={**given, "forwardedProps": {"model": MODEL}}) as answer:
            if answer.is_error:
                raise RuntimeError(answer.read().decode())
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    waiting = self._read(json.loads(line.removeprefix("data: "))) or waiting
        return waiting

    def _read(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        match event["type"]:
            case "TEXT_MESSAGE_START":
                self.messages.append({"id": event["messageId"], "role": "assistant", "content": ""})
            case "TEXT_MESSAGE_CONTENT":
                self.messages[-1]["content"] += event["delta"]
                print(event["delta"], end="", flush=True)
            case "TOOL_CALL_START":
                print(f"[calls {event['toolCallName']}]")
            case "TOOL_CALL_RESULT":
                print(f"[it gives {event['content']}]")
            case "RUN_ERROR":
                raise RuntimeError(event["message"])
            case "RUN_FINISHED":
                print(f"\n[{event['outcome']['type']}]")
                interrupts: list[dict[str, Any]] = event["outcome"].get("interrupts", [])
                return interrupts
        return []


if __name__ == "__main__":
    with CLIENT:
        thread = Thread()
        thread.ask("What is 17.5 % of 2,340?")
        thread.ask("What is 20 % of 2,340?")
