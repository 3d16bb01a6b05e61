"""The OpenAI-compatible API, as the official JavaScript client sees it."""

import asyncio
import json
import shutil
from pathlib import Path

from tests.callers import Caller
from tests.simulators.aimock import PROJECT, node

SCRIPT = Path(__file__).with_name("client.mjs")
MODULES = PROJECT / "frontend" / "node_modules"


async def test_the_javascript_client(base_url: str, caller: Caller, tmp_path: Path) -> None:
    script = tmp_path / SCRIPT.name
    shutil.copy(SCRIPT, script)
    (tmp_path / "node_modules").symlink_to(MODULES)
    process = await asyncio.create_subprocess_exec(
        node(), str(script), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
        env={"BASE_URL": f"{base_url}/v1", "API_KEY": caller.bearer},
    )  # fmt: skip
    async with asyncio.timeout(60):
        output, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
    said = json.loads(output)
    assert "demo/coda" in said["models"]
    assert said["whole"] == {"text": "Counted.", "usage": 150}
    assert said["streamed"]["text"] == "Hello there, this is a plain answer."
    assert said["streamed"]["usage"] > 0
    assert said["tool"] == {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    assert "**409.5**" in said["agent"]
    assert said["refused"] == {"name": "BadRequestError", "status": 400, "param": "n"}
    assert said["missing"] == {"name": "NotFoundError", "code": "model_not_found"}
    assert said["cut"] == {"name": "APIError", "code": "llm.stream_cut"}
