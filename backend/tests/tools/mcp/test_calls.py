"""Tools of MCP servers: listed and called over HTTP, with servers old, new, dying and hostile."""

import asyncio
from dataclasses import replace
from time import monotonic
from typing import Final

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, use_span

from coda.core.breaker import FAILURES_TO_OPEN
from coda.core.errors import CodaError
from coda.core.guarded_http import OutboundHttp, Reach
from coda.core.settings import ToolSettings
from coda.tools.mcp.kind import McpServers
from coda.tools.types import Approval, ToolCallContext
from tests.simulators.mcp_servers import SECRET, HostileServer, ToolServer
from tests.tools.mcp.calling import SOMEBODY, call, code_of, joined, not_changed, source_at

TRACE: Final = 0x5EED


@pytest.fixture(params=["new", "old"])
def server(request: pytest.FixtureRequest, new_server: ToolServer, old_server: ToolServer) -> ToolServer:
    found = new_server if request.param == "new" else old_server
    found.methods.clear()
    found.metas.clear()
    found.headers.clear()
    found.began.clear()
    found.was_cancelled.clear()
    return found


class TestListing:
    async def test_both_revisions_are_spoken(self, servers: McpServers, server: ToolServer) -> None:
        _, offer = await joined(servers, source_at(server.url))

        assert {tool.name for tool in offer.tools} == {"add", "letters", "hang", "fails", "remove", "put"}
        assert ("initialize" in server.methods) is server.is_old
        assert (offer.protocol == "2026-07-28") is not server.is_old

    async def test_hints_give_the_defaults(self, servers: McpServers, new_server: ToolServer) -> None:
        toolset, _ = await joined(servers, source_at(new_server.url))
        tools = {tool.name: tool for tool in await toolset.list(SOMEBODY)}

        assert {
            name: (tools[f"box__{name}"].own_approval, tools[f"box__{name}"].may_repeat)
            for name in ("add", "remove", "put")
        } == {
            "add": (Approval.NEVER, True),
            "remove": (Approval.ASK, False),
            "put": (Approval.ASK, True),
        }
        assert tools["box__add"].title == "The box: Added numbers"

    async def test_what_cannot_be_used_is_left_out(self, servers: McpServers, hostile: HostileServer) -> None:
        fine = {"type": "object"}
        before = hostile.tools
        hostile.tools = [
            {"name": "go", "description": "d" * 5_000, "inputSchema": fine},
            {"name": "go", "inputSchema": fine},
            {"name": "n" * 500, "inputSchema": fine},
            {"name": "elsewhere", "inputSchema": {"type": "object", "$ref": "http://127.0.0.1:9/schema"}},
            {"name": "large", "inputSchema": fine | {"description": "x" * 30_000}},
            *({"name": f"many-{number}", "inputSchema": fine} for number in range(120)),
        ]
        try:
            offer = await servers.offer(source_at(f"{hostile.url}/junk"))
        finally:
            hostile.tools = before

        reasons = {each.name: each.reason.value for each in offer.left_out}
        assert len(offer.tools) == 100
        assert len(offer.tools[0].description) < 2_100
        assert {"go", "elsewhere", "large"} <= reasons.keys()

    @pytest.mark.parametrize(
        ("url", "reach", "code"),
        [
            ("http://127.0.0.1:9/mcp", Reach.PRIVATE, "tools.source_unreachable"),
            ("http://localtest.invalid/mcp", Reach.PUBLIC, "tools.source_unreachable"),
            ("{hostile}/redirect", Reach.PRIVATE, "tools.source_refused"),
            ("{new}", Reach.PUBLIC, "http.address_refused"),
            ("{hostile}/no/such/path", Reach.PRIVATE, "tools.source_refused"),
        ],
    )
    async def test_what_cannot_be_reached_says_so(
        self, servers: McpServers, new_server: ToolServer, hostile: HostileServer, url: str, reach: Reach, code: str
    ) -> None:
        with pytest.raises(CodaError) as failure:
            await servers.offer(source_at(url.format(new=new_server.url, hostile=hostile.url), reach=reach))

        assert failure.value.code == code

    async def test_a_sign_in_is_sent_and_a_refused_one_is_told(
        self, servers: McpServers, new_server: ToolServer
    ) -> None:
        new_server.bearer = SECRET
        config = {"url": new_server.url, "auth": {"type": "bearer"}}
        try:
            with pytest.raises(CodaError) as failure:
                await servers.offer(source_at(new_server.url))
            offer = await servers.offer(source_at(new_server.url, config=config, secret=SECRET))
        finally:
            new_server.bearer = None
        named = {"url": new_server.url, "auth": {"type": "header", "name": "X-Box-Key"}}
        new_server.headers.clear()
        await servers.offer(source_at(new_server.url, config=named, secret=SECRET))

        assert failure.value.code == "tools.source_sign_in_refused"
        assert offer.tools
        assert {headers.get("x-box-key") for headers in new_server.headers} == {SECRET}


class TestCalling:
    async def test_structured_content_is_the_result(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))
        server.methods.clear()
        server.headers.clear()
        spans = SpanContext(TRACE, 7, is_remote=False, trace_flags=TraceFlags(1))
        with use_span(NonRecordingSpan(spans)):
            outcome = await call(toolset, "box__add", caller, a=2, b=3)

        assert outcome.result == {"sum": 5}
        assert outcome.evaluation["verdict"] == "ok"
        assert server.metas[0]["coda/idempotency-key"] == caller.idempotency_key
        assert f"{TRACE:032x}" in server.metas[0]["traceparent"]
        assert f"{TRACE:032x}" in server.headers[-1]["traceparent"]
        if not server.is_old:
            assert server.methods == ["tools/call"]

    async def test_text_is_the_result_where_there_is_no_structure(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))

        assert (await call(toolset, "box__letters", caller, count=3)).result == "xxx"

    async def test_arguments_are_looked_at_before_the_server_is_asked(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))
        server.methods.clear()
        outcome = await call(toolset, "box__add", caller, a="two")

        assert code_of(outcome) == "tools.bad_arguments"
        assert server.methods == []

    async def test_a_tool_that_says_that_it_failed_fails_in_its_words(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))
        outcome = await call(toolset, "box__fails", caller)

        assert code_of(outcome) == "tools.failed"
        assert "the well is dry" in outcome.content

    async def test_too_long_a_result_is_refused(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))

        assert code_of(await call(toolset, "box__letters", caller, count=300_000)) == "tools.result_too_large"

    async def test_a_cancelled_call_ends_at_once_and_the_server_is_told(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))
        task = asyncio.create_task(call(toolset, "box__hang", caller))
        assert await asyncio.to_thread(server.began.wait, 10)
        began = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert monotonic() - began < 2
        assert await asyncio.to_thread(server.was_cancelled.wait, 5)

    async def test_a_call_ends_at_its_deadline(
        self, servers: McpServers, server: ToolServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(server.url))
        began = monotonic()
        outcome = await call(toolset, "box__hang", replace(caller, deadline=monotonic() + 1.5))

        assert code_of(outcome) == "tools.source_timed_out"
        assert monotonic() - began < 4

    async def test_a_server_that_tells_of_other_tools_is_heard(
        self, servers: McpServers, hostile: HostileServer, caller: ToolCallContext
    ) -> None:
        heard = asyncio.Event()

        async def changed() -> None:
            heard.set()

        source = source_at(f"{hostile.url}/announces")
        offer = await servers.offer(source)
        toolset = servers.toolset(replace(source, protocol=offer.protocol), offer.tools, changed)
        outcome = await call(toolset, "box__go", caller)

        assert outcome.result == "said"
        assert heard.is_set()


class TestHostileServers:
    @pytest.mark.parametrize(
        ("how", "code"),
        [
            ("junk", "tools.source_invalid_answer"),
            ("html", "tools.source_invalid_answer"),
            ("nothing", "tools.source_invalid_answer"),
            ("large", "tools.source_answer_too_large"),
            ("dies", "tools.source_unreachable"),
            ("stream", "tools.source_unreachable"),
            ("500", "tools.source_unreachable"),
            ("refuses", "tools.source_refused"),
        ],
    )
    async def test_a_call_fails_and_says_how(
        self, servers: McpServers, hostile: HostileServer, caller: ToolCallContext, how: str, code: str
    ) -> None:
        toolset, _ = await joined(servers, source_at(f"{hostile.url}/{how}"))
        outcome = await call(toolset, "box__go", caller)

        assert code_of(outcome) == code
        assert ("may have done its work" in outcome.content) is (how != "refuses")
        assert len(outcome.content) < 2_000

    async def test_a_server_that_hangs_is_not_waited_for_when_a_call_is_cancelled(
        self, servers: McpServers, hostile: HostileServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(f"{hostile.url}/hangs"))
        hostile.has_call.clear()
        task = asyncio.create_task(call(toolset, "box__go", caller))
        await asyncio.wait_for(hostile.has_call.wait(), 10)
        began = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert monotonic() - began < 2

    async def test_a_server_that_keeps_failing_is_left_alone_for_a_while(
        self, servers: McpServers, hostile: HostileServer, caller: ToolCallContext
    ) -> None:
        toolset, _ = await joined(servers, source_at(f"{hostile.url}/500"))
        for _ in range(FAILURES_TO_OPEN):
            await call(toolset, "box__go", caller)
        calls = hostile.calls

        assert code_of(await call(toolset, "box__go", caller)) == "tools.source_resting"
        assert hostile.calls == calls

    async def test_a_private_address_is_not_called(
        self, servers: McpServers, hostile: HostileServer, caller: ToolCallContext
    ) -> None:
        toolset, offer = await joined(servers, source_at(f"{hostile.url}/junk"))
        public = servers.toolset(source_at(f"{hostile.url}/junk", reach=Reach.PUBLIC), offer.tools, not_changed)
        calls = hostile.calls

        assert code_of(await call(toolset, "box__go", caller)) == "tools.source_invalid_answer"
        assert code_of(await call(public, "box__go", caller)) == "tools.source_unreachable"
        assert hostile.calls == calls + 1


async def test_a_name_that_leads_to_a_private_address_is_refused(new_server: ToolServer) -> None:
    http = OutboundHttp()
    port = new_server.url.split(":")[2]
    try:
        with pytest.raises(CodaError) as failure:
            await McpServers(http, ToolSettings()).offer(source_at(f"http://localhost:{port}", reach=Reach.PUBLIC))
    finally:
        await http.close()

    assert failure.value.code == "http.address_refused"
