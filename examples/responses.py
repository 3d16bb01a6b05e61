"""OpenAI's Responses API: stream an answer, run a tool of one's own, go on by id, forget it all.

CODA_URL=http://localhost:8000 CODA_API_KEY=sk-coda-... python responses.py

Any client of that API works as well; OpenAI's own needs `base_url=f"{CODA_URL}/v1"` and the key.
"""

# ruff: noqa: T201 - it shows what happens by printing it
import json
import os
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
    "name": "calculator",
    "description": "Calculates exactly.",
    "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]},
}


def create(**request: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a request
    """Make a response and wait for all of it."""
    answer = CLIENT.post("/responses", json=request)
    answer.raise_for_status()
    response: dict[str, Any] = answer.json()
    return response


def text_of(response: dict[str, Any]) -> str:
    """What the model has said."""
    messages = [item for item in response["output"] if item["type"] == "message"]
    return "\n".join(part["text"] for message in messages for part in message["content"])


def stream(**request: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of a request
    """Print an answer as it comes; gives the whole response, which its last event carries."""
    with CLIENT.stream("POST", "/responses", json={**request, "stream": True}) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if not line.startswith("data: "):
                continue
            event = json.loads(line.removeprefix("data: "))
            if event["type"] == "response.output_text.delta":
                print(event["delta"], end="", flush=True)
            if event["type"] in ("response.completed", "response.incomplete"):
                print(f"\n[{event['response']['usage']['total_tokens']} tokens]")
                response: dict[str, Any] = event["response"]
                return response
            if event["type"] == "error":
                raise RuntimeError(event["message"])
    raise RuntimeError("the stream broke off")


def main() -> None:
    """The agent and a plain model, each continued by id."""
    first = stream(model=AGENT, input="What is 17.5 % of 2,340?")
    stream(model=AGENT, input="What is 20 % of 2,340?", previous_response_id=first["id"])

    asked = create(model=MODEL, input="What is 12 * 12?", tools=[CALCULATOR])
    calls = [item for item in asked["output"] if item["type"] == "function_call"]
    print(f"[the model asks for {', '.join(call['name'] for call in calls) or 'nothing'}]")
    results = [{"type": "function_call_output", "call_id": call["call_id"], "output": "144"} for call in calls]
    if results:
        print(text_of(create(model=MODEL, input=results, previous_response_id=asked["id"], tools=[CALCULATOR])))

    for response in (first, asked):
        print(CLIENT.delete(f"/responses/{response['id']}").json())


if __name__ == "__main__":
    with CLIENT:
        main()
