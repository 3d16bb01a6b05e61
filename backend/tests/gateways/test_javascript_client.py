"""The OpenAI-compatible API, as the official JavaScript client sees it."""

from pathlib import Path

from tests.callers import Caller
from tests.gateways.javascript import run_script

SCRIPT = Path(__file__).with_name("client.mjs")


async def test_the_javascript_client(base_url: str, caller: Caller, tmp_path: Path) -> None:
    said = await run_script(SCRIPT, f"{base_url}/v1", caller, tmp_path)

    assert "demo/coda" in said["models"]
    assert said["whole"] == {"text": "Counted.", "usage": 150}
    assert said["streamed"]["text"] == "Hello there, this is a plain answer."
    assert said["streamed"]["usage"] > 0
    assert said["tool"] == {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    assert "**409.5**" in said["agent"]
    assert said["refused"] == {"name": "BadRequestError", "status": 400, "param": "n"}
    assert said["missing"] == {"name": "NotFoundError", "code": "model_not_found"}
    assert said["cut"] == {"name": "APIError", "code": "llm.stream_cut"}
