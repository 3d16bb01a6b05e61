"""Servers over stdio that behave: both revisions, one process for many calls, its environment, its end."""

import asyncio
import os
from pathlib import Path
from time import monotonic

import pytest

from coda.core.settings import ToolSettings
from coda.tools.mcp.stdio.kind import StdioServers
from coda.tools.sources.errors import SourceError
from tests.tools.mcp.stdio.conftest import SECRET, Join, bad, code_of, gone, good, is_running, source_of, there


class TestListing:
    async def test_both_revisions_are_spoken(self, join: Join) -> None:
        new, old = await join(good()), await join(bad("well"))

        assert {"add", "hang", "die"} <= {tool.name for tool in new.offer.tools}
        assert (new.offer.protocol, old.offer.protocol) == ("2026-07-28", "2025-06-18")
        assert (await old.call("go")).result == "said"

    @pytest.mark.parametrize("how", ["strict", "silent-about-unknown"])
    async def test_an_old_server_that_cannot_bear_the_new_question_is_spoken_to_as_before(
        self, join: Join, how: str
    ) -> None:
        box = await join(bad(how, start_seconds=5))

        assert box.offer.protocol == "2025-06-18"
        assert (await box.call("go")).result == "said"

    async def test_a_process_that_does_not_work_on_runs_starts_none(self, join: Join) -> None:
        elsewhere = StdioServers(ToolSettings(), works=False)
        box = await join(good())
        box.toolset._caller = elsewhere

        assert code_of(await box.call("add", a=1, b=2)) == "tools.server_elsewhere"
        with pytest.raises(SourceError):
            await elsewhere.offer(good())
        assert not elsewhere.children.seats


class TestCalling:
    async def test_calls_share_one_process_with_only_what_it_was_given(
        self, join: Join, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CODA_SECRET_KEY", "of ours")
        box = await join(good(env={"COLOUR": "red"}, secrets={"TOKEN": SECRET}, cwd=str(tmp_path)))
        one, other = await asyncio.gather(box.call("who"), box.call("who"))
        environment = one.result["environment"]

        assert one.result["pid"] == other.result["pid"]
        assert one.result["folder"] == str(tmp_path)
        assert one.result["key"] == box.caller.idempotency_key
        assert (environment["COLOUR"], environment["TOKEN"]) == ("red", SECRET)
        assert environment["PATH"] == os.environ["PATH"]
        assert not {name for name in environment if name.startswith(("CODA", "PYTEST"))}
        assert SECRET not in repr(box.source)

    async def test_a_tool_that_says_that_it_failed_fails_in_its_words(self, join: Join) -> None:
        box = await join(good())
        outcome = await box.call("fails")

        assert code_of(outcome) == "tools.failed"
        assert "the well is dry" in outcome.content

    async def test_a_cancelled_call_ends_at_once_and_the_server_is_told(self, join: Join, tmp_path: Path) -> None:
        box = await join(good())
        task = asyncio.create_task(box.call("hang", mark=str(tmp_path / "call")))
        assert await there(tmp_path / "call.began")
        began = monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await there(tmp_path / "call.cancelled", within=2)
        assert monotonic() - began < 2
        assert (await box.call("add", a=2, b=3)).result == {"sum": 5}

    async def test_a_call_ends_at_its_deadline_and_the_next_one_is_answered(self, join: Join, tmp_path: Path) -> None:
        box = await join(good())
        outcome = await box.call("hang", mark=str(tmp_path / "call"), seconds=1.5)

        assert code_of(outcome) == "tools.source_timed_out"
        assert (await box.call("add", a=2, b=3)).result == {"sum": 5}

    async def test_too_much_memory_ends_the_call_only(self, join: Join) -> None:
        servers = StdioServers(ToolSettings(server_memory_mb=300), works=True)
        try:
            box = await join(good(), by=servers)

            assert not (await box.call("eat", megabytes=400)).ok
            assert (await box.call("eat", megabytes=1)).ok
        finally:
            await servers.close()


class TestEnding:
    async def test_an_idle_server_is_ended_and_started_again(self, join: Join) -> None:
        servers = StdioServers(ToolSettings(server_idle="0.2"), works=True)
        try:
            box = await join(good(), by=servers)
            pid = (await box.call("who")).result["pid"]

            assert await gone(pid)
            assert box.state == "stopped"
            assert (await box.call("add", a=2, b=3)).result == {"sum": 5}
        finally:
            await servers.close()

    async def test_what_a_server_leaves_behind_ends_with_it(self, join: Join) -> None:
        box = await join(good())
        pids = (await box.call("bear")).result["result"]
        assert all(is_running(pid) for pid in pids)
        await box.servers.close()

        assert await gone(*pids)

    async def test_another_credential_is_another_server(self, join: Join) -> None:
        box = await join(good(secrets={"TOKEN": "one of them"}))
        before = (await box.call("who")).result["pid"]
        source = source_of(*box.source.config["args"], secrets={"TOKEN": "the other"})
        object.__setattr__(source, "id", box.source.id)
        other = await join(source)
        after = (await other.call("who")).result

        assert after["environment"]["TOKEN"] == "the other"
        assert after["pid"] != before
        assert await gone(before)
