"""Tools over MCP, in the newest revision and in those before it."""

import asyncio
from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent
from sqlalchemy import func, select
from structlog.testing import capture_logs

from coda.access.key_scopes import KeyScope
from coda.access.roles import Role
from coda.conversations.models import ChatSession
from coda.core.db import Database
from coda.core.settings import Settings
from coda.runs.models import Run
from tests.callers import Caller, Town
from tests.gateways.mcp_server.conftest import Connect
from tests.gateways.mcp_server.notes import Notes
from tests.runs.waiting import until_async

NOBODYS = "00000000-0000-7000-8000-00000000abcd"
"""An id that nothing has."""

DEMO, SLOW = "demo/coda", "openrouter/paced-n2000-d20"
SUM = "What is 17.5 % of 2,340?"


def text_of(result: CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, TextContent))


async def decide(base_url: str, caller: Caller, name: str, **words: object) -> None:
    async with AsyncClient(base_url=base_url, headers=caller.headers) as client:
        response = await client.patch(f"/api/v1/tools/{name}", json={"for": "me", **words})
        assert response.status_code == 200, response.text


async def is_stopped(database: Database, caller: Caller) -> bool:
    """Whether the only run of somebody's was stopped."""
    async with database.transaction(caller.principal.scope) as db:
        return await db.scalar(select(Run.status)) == "cancelled"


@pytest.fixture
async def other(town: Town) -> Caller:
    """A key of somebody else's, in an organization of their own."""
    return await town.key(await town.settle(await town.found(), Role.MEMBER))


class TestTools:
    async def test_they_are_listed_and_called(self, connect: Connect, caller: Caller) -> None:
        async with connect(caller) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            result = await client.call_tool("calculator", {"expression": "2340 * 17.5%"})

        assert {"ask", "calculator"} < tools.keys()
        calculator = tools["calculator"]
        assert calculator.annotations is not None
        assert calculator.annotations.read_only_hint
        assert "expression" in calculator.input_schema["properties"]
        assert not result.is_error
        assert result.structured_content["value"] == "409.5"
        assert result.meta is not None
        assert result.meta["coda/evaluation"]["verdict"] == "ok"

    async def test_calls_are_logged_without_what_they_hold(self, connect: Connect, caller: Caller) -> None:
        async with connect(caller) as client:
            with capture_logs() as logs:
                await client.call_tool("calculator", {"expression": "2340 * 17.5%"})
                await client.call_tool("calculator", {"expression": "1 / 0"})

        said = [line for line in logs if line["event"] == "direct tool call"]
        assert [(line["tool"], line["error"]) for line in said] == [
            ("calculator", None),
            ("calculator", "tools.failed"),
        ]
        assert all(line["duration_ms"] >= 0 for line in said)
        assert "2340" not in str(said)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [({"expression": "1 / 0"}, "zero"), ({}, "expression"), ({"expression": "1", "other": 2}, "other")],
    )
    async def test_what_fails_is_told_to_the_model(
        self, connect: Connect, caller: Caller, arguments: dict[str, object], said: str
    ) -> None:
        async with connect(caller) as client:
            result = await client.call_tool("calculator", arguments)

        assert result.is_error
        assert said in text_of(result)

    async def test_what_does_not_exist_is_an_error(self, connect: Connect, caller: Caller) -> None:
        async with connect(caller) as client:
            with pytest.raises(MCPError, match="Did you mean calculator") as raised:
                await client.call_tool("calculater", {})

        assert raised.value.data["code"] == "tools.unknown"

    async def test_what_is_switched_off_or_asks_is_refused(
        self, connect: Connect, base_url: str, town: Town, other: Caller
    ) -> None:
        owner = await town.sign_in(other.principal, other.email)
        await decide(base_url, owner, "calculator", approval="ask")
        async with connect(other) as client:
            asked = await client.call_tool("calculator", {"expression": "1"})
            await decide(base_url, owner, "calculator", enabled=False)
            names = [tool.name for tool in (await client.list_tools()).tools]
            off = await client.call_tool("calculator", {"expression": "1"})

        assert asked.structured_content["error"]["code"] == "tools.approval_needed"
        assert "a person has to allow each call" in text_of(asked)
        assert "calculator" not in names
        assert off.structured_content["error"]["code"] == "tools.not_allowed"

    @pytest.mark.parametrize("scope", [KeyScope.READ, KeyScope.ADMIN])
    async def test_a_key_without_chat_has_none(self, connect: Connect, town: Town, scope: KeyScope) -> None:
        key = await town.key(await town.settle(await town.found(), Role.ADMIN), scopes=[scope])
        async with connect(key) as client:
            tools = (await client.list_tools()).tools
            results = [await client.call_tool(name, {"question": "hi"}) for name in ("ask", "calculator")]

        assert tools == []
        for result in results:
            assert result.structured_content["error"]["code"] == "organizations.missing_scope"
            assert "lacks the scope `chat`" in text_of(result)


class TestAsk:
    async def test_the_agent_answers_and_the_chat_goes_on(self, connect: Connect, caller: Caller) -> None:
        notes = Notes()
        async with connect(caller) as client:
            first = await client.call_tool("ask", {"question": SUM, "model": DEMO}, progress_callback=notes)
            again = {"question": SUM, "session_id": first.structured_content["session_id"]}
            second = await client.call_tool("ask", again)

        answer, more = first.structured_content, second.structured_content
        assert "409.5" in text_of(first)
        assert (answer["model"], answer["status"]) == (DEMO, "done")
        assert answer["usage"]["output_tokens"] > 0
        assert answer["link"].endswith(f"/chat/{answer['session_id']}")
        assert [number for number, _ in notes.told] == sorted({number for number, _ in notes.told})
        assert {"calculator is called.", "calculator has answered."} <= {message for _, message in notes.told}
        assert more["session_id"] == answer["session_id"]
        assert more["message_id"] != answer["message_id"]
        assert more["model"] == DEMO

    async def test_its_chats_are_filed_as_such(self, connect: Connect, base_url: str, other: Caller) -> None:
        async with connect(other) as client:
            asked = await client.call_tool("ask", {"question": SUM, "model": DEMO})
        async with AsyncClient(base_url=base_url, headers=other.headers) as client:
            filed = (await client.get("/api/v1/sessions", params={"origin": "mcp"})).json()["items"]

        assert [chat["id"] for chat in filed] == [asked.structured_content["session_id"]]
        assert filed[0]["origin"] == "mcp"

    async def test_an_answer_that_waits_says_where(
        self, connect: Connect, base_url: str, town: Town, other: Caller
    ) -> None:
        await decide(base_url, await town.sign_in(other.principal, other.email), "calculator", approval="ask")
        async with connect(other) as client:
            waits = await client.call_tool("ask", {"question": SUM, "model": DEMO})
            session_id = waits.structured_content["session_id"]
            then = await client.call_tool("ask", {"question": "And now?", "session_id": session_id})

        link = f"{base_url}/chat/{session_id}"
        assert waits.structured_content["status"] == "waiting"
        assert text_of(waits).endswith(link)
        assert "Allow calculator to run?" in text_of(waits)
        assert then.structured_content["error"]["code"] == "mcp.chat_waits"
        assert link in text_of(then)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"question": "hi", "model": "nobody/nothing"}, "llm.model_not_found"),
            ({"question": "hi", "session_id": NOBODYS}, "conversations.session_not_found"),
            ({"question": "hi", "session_id": "1"}, "mcp.invalid_arguments"),
            ({"question": " "}, "mcp.invalid_arguments"),
            ({"question": "hi", "temperature": 1}, "mcp.invalid_arguments"),
            ({"question": "x" * 200_001}, "mcp.invalid_arguments"),
            ({}, "mcp.invalid_arguments"),
            ({"question": "hi", "model": "openrouter/cut-0"}, "llm.stream_cut"),
        ],
    )
    async def test_what_cannot_be_answered(
        self, connect: Connect, caller: Caller, arguments: dict[str, str], code: str
    ) -> None:
        async with connect(caller) as client:
            result = await client.call_tool("ask", arguments)

        assert result.is_error
        assert result.structured_content["error"]["code"] == code
        assert text_of(result) == result.structured_content["error"]["message"]

    async def test_a_chat_of_somebody_else_does_not_exist(
        self, connect: Connect, caller: Caller, other: Caller, town: Town
    ) -> None:
        colleague = await town.key(await town.settle(caller.principal.org_id, Role.ADMIN))
        async with connect(caller) as client:
            made = await client.call_tool("ask", {"question": "hi", "model": DEMO})
        foreign = {"question": "hi", "session_id": made.structured_content["session_id"]}
        for stranger in (other, colleague):
            async with connect(stranger) as client:
                result = await client.call_tool("ask", foreign)
            assert result.structured_content["error"]["code"] == "conversations.session_not_found"

    async def test_nothing_is_kept_of_what_is_refused(
        self, connect: Connect, database: Database, other: Caller
    ) -> None:
        async with connect(other) as client:
            await client.call_tool("ask", {"question": "hi", "model": "nobody/nothing"})
        async with database.transaction(other.principal.scope) as db:
            assert await db.scalar(select(func.count()).select_from(ChatSession)) == 0

    async def test_an_answer_that_takes_too_long_is_stopped(
        self, connect: Connect, app: FastAPI, database: Database, other: Caller
    ) -> None:
        """The limit of the call: the run itself may work for longer here."""
        settings: Settings = app.state.settings
        runs = settings.runs.model_copy(update={"max_duration": timedelta(milliseconds=500)})
        app.state.settings = settings.model_copy(update={"runs": runs})
        try:
            async with connect(other) as client:
                result = await client.call_tool("ask", {"question": "Count", "model": SLOW})
        finally:
            app.state.settings = settings

        assert result.structured_content["error"]["code"] == "mcp.timed_out"
        await until_async(lambda: is_stopped(database, other))


class TestLeaving:
    @pytest.mark.parametrize("how", ["cancels", "goes away"])
    async def test_the_run_is_stopped(self, connect: Connect, database: Database, other: Caller, how: str) -> None:
        """A client that cancels a request stays for others; one that goes away takes its connection along."""
        notes = Notes()

        async def ask() -> None:
            async with connect(other) as client:
                asking = asyncio.create_task(
                    client.call_tool("ask", {"question": "Count", "model": SLOW}, progress_callback=notes)
                )
                await notes.begun.wait()
                asking.cancel()
                await asyncio.wait([asking])
                await until_async(lambda: is_stopped(database, other))
                assert (await client.list_tools()).tools

        async def leave() -> None:
            async with connect(other) as client:
                await client.call_tool("ask", {"question": "Count", "model": SLOW}, progress_callback=notes)

        if how == "cancels":
            await ask()
        else:
            leaving = asyncio.create_task(leave())
            await notes.begun.wait()
            leaving.cancel()
            await asyncio.wait([leaving])
        await until_async(lambda: is_stopped(database, other))


async def test_somebody_suspended_is_let_in_no_more(connect: Connect, town: Town, other: Caller) -> None:
    async with connect(other) as client:
        await client.list_tools()
        await town.execute("update users set suspended_at = now() where id = :id", id=other.principal.user_id)
        with pytest.raises(MCPError) as raised:
            await client.list_tools()

    assert raised.value.data["code"] == "organizations.invalid_api_key"
