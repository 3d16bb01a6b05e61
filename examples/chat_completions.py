"""OpenAI's chat completions: the agent, a chat to go on in, a tool of one's own in the agent's answer, a stream.

CODA_URL=http://localhost:8000 CODA_API_KEY=sk-coda-... python chat_completions.py

Any client of that API works as well; OpenAI's own needs `base_url=f"{CODA_URL}/v1"` and the key.
"""

# ruff: noqa: T201 - it shows what happens by printing it
import json
import os
from collections.abc import Sequence
from typing import Any

import httpx

MODEL = os.environ.get("CODA_MODEL", "demo/coda")
AGENT = f"coda-agent/{MODEL}"
CLIENT = httpx.Client(
    base_url=f"{os.environ['CODA_URL'].rstrip('/')}/v1",
    headers={"Authorization": f"Bearer {os.environ['CODA_API_KEY']}"},
    timeout=120,
)
CALCULATOR = {
    "type": "function",
    "function": {
        "name": "calculator",
        "description": "Calculates exactly.",
        "parameters": {
            "type": "object",
            "properties": {"expression": {"type": "string"}},
            "required": ["expression"],
        },
    },
}


def ask(
    messages: list[dict[str, Any]],
    *,
    session_id: str | None = None,
    tools: Sequence[dict[str, Any]] = (),
) -> tuple[dict[str, Any], str]:
    """The agent's answer to the last message, and the chat that it is kept in."""
    headers = {} if session_id is None else {"Coda-Session-Id": session_id}
    request = {"model": AGENT, "messages": messages, **({"tools": tools} if tools else {})}
    answer = CLIENT.post("/chat/completions", json=request, headers=headers)
    answer.raise_for_status()
    choice: dict[str, Any] = answer.json()["choices"][0]
    return choice, answer.headers["coda-session-id"]


def stream(messages: list[dict[str, Any]]) -> None:
    """Print an answer of the plain model as it comes."""
    request = {"model": MODEL, "messages": messages, "stream": True}
    with CLIENT.stream("POST", "/chat/completions", json=request) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if not line.startswith("data: {"):  # comments keep the connection open; the last line is [DONE]
                continue
            chunk = json.loads(line.removeprefix("data: "))
            if "error" in chunk:
                raise RuntimeError(chunk["error"]["message"])
            for choice in chunk["choices"]:
                print(choice["delta"].get("content") or "", end="", flush=True)
    print()


def main() -> None:
    """One after the other."""
    choice, session_id = ask([{"role": "user", "content": "What is 17.5 % of 2,340?"}])
    print("agent:", choice["message"]["content"])

    choice, _ = ask([{"role": "user", "content": "And 6 * 7?"}], session_id=session_id)
    print("same chat:", choice["message"]["content"])

    question = {"role": "user", "content": "What is 12 * 12?"}
    choice, _ = ask([question], tools=[CALCULATOR])
    if choice["finish_reason"] == "tool_calls":
        results = [
            {
                "role": "tool",
                "tool_call_id": call["id"],
                "content": json.dumps({"value": "144"}),
            }
            for call in choice["message"]["tool_calls"]
        ]
        choice, _ = ask([question, choice["message"], *results], tools=[CALCULATOR])
    print("with a tool of one's own:", choice["message"]["content"])

    stream([{"role": "user", "content": "Hello"}])


if __name__ == "__main__":
    main()
