"""A process that executes runs, with a calculator that kills it where the expression is 666.

`python -m tests.runs.worker.poisoned_process URLS SETTINGS`: both as JSON; it says `ready` and works until it dies or
its standard input ends.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from typing import Any

import orjson

from coda.assembly import assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from coda.tools.builtin.calculator import CALCULATOR
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import Arguments, ToolCallContext


async def calculate(arguments: Arguments, call: ToolCallContext) -> Any:  # noqa: ANN401 - any JSON value
    if "666" in arguments["expression"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return await CALCULATOR.run(arguments, call)


async def main(urls: DatabaseUrls, settings: Settings) -> None:
    tools = FunctionToolset("built-in", [replace(CALCULATOR, run=calculate)])
    async with assemble(settings, urls, toolsets=[tools]):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    given = {**orjson.loads(sys.argv[2]), "secret_key": "a key for tests, of no secret at all"}
    asyncio.run(main(DatabaseUrls(**orjson.loads(sys.argv[1])), Settings.model_validate(given)))
