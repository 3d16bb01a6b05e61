"""Answers to what a thread waits for: decisions, and results of the client's own tools. Each belongs to its thread."""

from typing import Any, Final
from uuid import uuid4

import pytest

from coda.core.db import Database
from coda.core.settings import Settings
from tests.callers import Caller
from tests.gateways.ag_ui.test_threads import Site, user

WEATHER: Final = {"name": "get_weather", "description": "The weather in a city.", "parameters": {"type": "object"}}


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """The calculator asks first."""
    tools = settings.tools.model_copy(update={"need_approval": "calculator"})
    return settings.model_copy(update={"tools": tools})


@pytest.fixture
def site(base_url: str, caller: Caller, database: Database) -> Site:
    return Site(base_url, caller, database)


async def interrupts_of(site: Site, thread: str) -> list[str]:
    events = await site.run(thread, user("What is 17.5 % of 2,340?"))
    return [item["id"] for item in events[-1]["outcome"]["interrupts"]]


def resolved(*ids: str) -> list[dict[str, Any]]:
    return [{"interruptId": each, "status": "resolved", "payload": True} for each in ids]


async def refusal(site: Site, thread: str, **more: Any) -> tuple[int, str]:  # noqa: ANN401 - fields of an input
    answer = await site.post({"threadId": thread, "runId": str(uuid4()), "messages": [], **more})
    return answer.status_code, answer.json()["error"]["code"]


class TestResume:
    @pytest.mark.parametrize("thread", ["a thread that waits", str(uuid4())], ids=["a name", "a session"])
    async def test_belongs_to_its_thread(self, site: Site, thread: str) -> None:
        (interrupt,) = await interrupts_of(site, thread)
        await interrupts_of(site, f"another beside {thread}")

        for other in (f"another beside {thread}", "one without messages", str(uuid4())):
            assert await refusal(site, other, resume=resolved(interrupt)) == (409, "ag_ui.interrupt_unknown")
        events = await site.run(thread, resume=resolved(interrupt))
        assert events[-1]["outcome"]["type"] == "success"

    async def test_holds_no_answers_to_anything_else(self, site: Site) -> None:
        (mine,) = await interrupts_of(site, "one")
        (other,) = await interrupts_of(site, "two")

        for answers in (resolved(mine, other), resolved(mine, "made up")):
            assert await refusal(site, "one", resume=answers) == (409, "ag_ui.interrupt_unknown")


class TestResults:
    async def test_belong_to_their_thread(self, site: Site) -> None:
        asked: dict[str, Any] = {"forwardedProps": {"model": "openai/o3"}, "tools": [WEATHER]}
        events = await site.run("with a tool", user("what is the weather"), **asked)
        (call,) = [event["toolCallId"] for event in events if event["type"] == "TOOL_CALL_START"]
        result = {"id": uuid4().hex, "role": "tool", "toolCallId": call, "content": '{"degrees": 7}'}

        assert await refusal(site, "elsewhere", messages=[result], **asked) == (422, "ag_ui.nothing_to_run")
        events = await site.run("with a tool", result, **asked)
        assert events[-1]["type"] == "RUN_FINISHED"


class TestRunId:
    async def test_belongs_to_its_thread(self, site: Site) -> None:
        run_id, question = str(uuid4()), user("Hello")
        await site.run("here", question, runId=run_id)

        again = await site.run("here", question, runId=run_id)
        assert again[-1]["type"] == "RUN_FINISHED"
        assert await refusal(site, "there", messages=[question], runId=run_id) == (409, "runs.id_taken")
