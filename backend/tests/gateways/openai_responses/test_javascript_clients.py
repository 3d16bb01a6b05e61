"""OpenAI's Responses API, as the official JavaScript client and Vercel's AI SDK see it."""

from pathlib import Path

from tests.callers import Caller
from tests.gateways.javascript import run_script

SCRIPT = Path(__file__).with_name("client.mjs")


async def test_the_javascript_clients(base_url: str, caller: Caller, tmp_path: Path) -> None:
    said = await run_script(SCRIPT, f"{base_url}/v1", caller, tmp_path)

    assert said["whole"] == {"text": "Counted.", "usage": 150}
    assert said["streamed"] == {
        "text": "The answer is four.",
        "last": "response.completed",
        "items": ["reasoning", "message"],
    }
    assert said["loop"] == "It is 7 degrees in Oslo."
    assert "409.5" in said["agent"]
    assert said["refused"] == {
        "name": "BadRequestError", "status": 400, "param": "tools[0].type", "code": "openai_api.invalid_parameter",
    }  # fmt: skip
    assert said["cut"] == {"name": "APIError", "param": None, "code": "llm.stream_cut"}
    assert said["vercel"] == {"text": "It is 7 degrees in Oslo.", "steps": 2, "tool": {"degrees": 7}, "tokens": True}
    assert said["again"] == "Hello there, this is a plain answer."
    assert said["object"] == {"city": "Oslo"}
    assert said["vercelCut"] == {"finish": "error", "failed": True}
