"""The application, people in it, and commands."""

import sys
from typing import Any

from tests.tools.mcp.stdio.conftest import HERE
from tests.tools.sources.conftest import Panel, app, panels, server, town

__all__ = ["app", "panels", "server", "town"]


def command(how: str = "well", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"command": sys.executable, "args": [str(HERE / "bad_server.py"), how], **fields}


def wanted(how: str = "well", *, owner: str = "instance", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"kind": "mcp_stdio", "name": "The box", "owner": owner, "stdio": command(how, **fields)}


async def added(panel: Panel, how: str = "well", **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    response = await panel.send("POST", **wanted(how, **fields))
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body
