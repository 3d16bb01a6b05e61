"""A question to the agent, without the wire around it."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.requests import Request

from coda.core.ids import new_id
from coda.gateways.answers.wiring import agent_runner
from coda.gateways.mcp_server.asking import Asking, Question
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.progress import Progress
from tests.callers import Caller

Ask = Callable[[str], Asking]


@pytest.fixture
def ask(app: FastAPI, caller: Caller) -> Ask:
    state = app.state
    request = Request({"type": "http", "headers": [], "scheme": "http", "server": ("127.0.0.1", 80), "path": "/mcp"})
    parts = (state.settings, state.database, state.tool_calls, state.models.gateway, agent_runner(state))
    mcp_caller = McpCaller(caller.principal, request, *parts)

    def asked(question: str) -> Asking:
        return Asking(mcp_caller, Question(question=question, model="demo/coda"), new_id())

    return asked


async def test_what_times_out_inside_is_not_taken_for_our_own_deadline(ask: Ask) -> None:
    async def report(_number: float, _said: str) -> None:
        raise TimeoutError("of a socket")

    with pytest.raises(TimeoutError, match="of a socket"):
        await ask("What is 2 + 2?").answer(Progress(report))
