"""Runs a script of a JavaScript client against a served instance."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from tests.callers import Caller
from tests.simulators.aimock import PROJECT, node

_MODULES = PROJECT / "frontend" / "node_modules"
_LONGEST = 60


async def run_script(script: Path, base_url: str, caller: Caller, folder: Path) -> Any:  # noqa: ANN401 - any JSON
    """The JSON that a script prints. It is run in `folder`, beside the packages of the web app's tests."""
    shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(_MODULES)
    process = await asyncio.create_subprocess_exec(
        node(), script.name, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=folder,
        env={"BASE_URL": base_url, "API_KEY": caller.bearer},
    )  # fmt: skip
    async with asyncio.timeout(_LONGEST):
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)
