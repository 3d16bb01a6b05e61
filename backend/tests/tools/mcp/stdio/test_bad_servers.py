"""Servers over stdio that misbehave: each ends in a failed call or listing that says how, and nothing hangs."""

import asyncio
import resource
from time import monotonic

import pytest

from coda.core.breaker import FAILURES_TO_OPEN
from coda.core.errors import CodaError
from coda.tools.mcp.stdio.kind import StdioServers
from tests.tools.mcp.stdio.conftest import HERE, SECRET, Join, bad, code_of, gone, good, source_of


class TestListing:
    @pytest.mark.parametrize(
        ("how", "code", "words"),
        [
            ("exits", "tools.server_ended", "exit code 7: cannot find my socks"),
            ("forks", "tools.server_ended", "exit code 5"),
            ("never-reads", "tools.source_timed_out", "within 2 seconds"),
            ("hangs-at-initialize", "tools.source_timed_out", "within 2 seconds"),
            ("no-tools", "tools.source_refused", "Method not found"),
            ("future", "tools.source_version_unknown", "not known here"),
        ],
    )
    async def test_fails_and_says_how(self, servers: StdioServers, how: str, code: str, words: str) -> None:
        source = bad(how, start_seconds=2)
        began = monotonic()
        with pytest.raises(CodaError) as failure:
            await servers.offer(source)

        assert (failure.value.code, words in failure.value.message) == (code, True)
        assert monotonic() - began < 8
        assert servers.children.seats[source.id].state != "running"

    @pytest.mark.parametrize("command", ["no-such-command-anywhere", "/no/such/program", str(HERE / "good_server.py")])
    async def test_what_cannot_be_started_says_so(self, servers: StdioServers, command: str) -> None:
        with pytest.raises(CodaError) as failure:
            await servers.offer(source_of(command=command))

        assert failure.value.code == "tools.command_unusable"

    async def test_a_folder_that_is_not_there_says_so(self, servers: StdioServers) -> None:
        with pytest.raises(CodaError) as failure:
            await servers.offer(good(cwd="/no/such/folder"))

        assert "no folder /no/such/folder" in failure.value.message


class TestCalling:
    @pytest.mark.parametrize(
        ("how", "code"),
        [
            ("invalid", "tools.source_invalid_answer"),
            ("nothing", "tools.source_invalid_answer"),
            ("large", "tools.source_answer_too_large"),
            ("large-answer", "tools.source_answer_too_large"),
            ("dies", "tools.server_ended"),
            ("closes", "tools.server_ended"),
            ("hangs", "tools.source_timed_out"),
            ("floods", "tools.source_timed_out"),
            ("asks", "tools.source_timed_out"),
            ("refuses", "tools.source_refused"),
        ],
    )
    async def test_fails_and_says_how(self, join: Join, how: str, code: str) -> None:
        box = await join(bad(how, call_seconds=2))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = monotonic()
        outcome = await box.call("go")

        assert code_of(outcome) == code
        assert ("may have done its work" in outcome.content) is (how != "refuses")
        assert monotonic() - began < 10
        assert len(outcome.content) < 2_000
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000

    async def test_junk_on_stdout_breaks_nothing_and_is_told(self, join: Join) -> None:
        box = await join(bad("junk", secrets={"TOKEN": SECRET}))
        outcome = await box.call("go")
        child = box.servers.children.seats[box.source.id].child

        assert child is not None
        assert outcome.result == "said"
        assert box.changes.is_set()
        assert child.junk == 53
        assert "debug: 0 •••" in box.log
        assert SECRET not in box.log

    async def test_a_server_that_stops_reading_is_stuck(self, join: Join) -> None:
        box = await join(bad("deaf", call_seconds=2))
        await box.call("go")
        outcome = await box.call("go", text="x" * 900_000)

        assert code_of(outcome) in ("tools.source_timed_out", "tools.server_stuck")
        assert box.state != "running"

    async def test_what_is_written_to_stderr_is_bounded(self, join: Join) -> None:
        box = await join(bad("shouts"))
        assert (await box.call("go")).result == "said"

        assert 10_000 < len(box.log) < 250_000

    async def test_a_secret_is_never_told(self, join: Join) -> None:
        box = await join(good(secrets={"TOKEN": SECRET}))
        outcome = await box.call("die", secret=SECRET)

        assert code_of(outcome) == "tools.server_ended"
        assert "now I end, •••" in outcome.content
        assert SECRET not in box.log

    async def test_one_that_keeps_dying_is_left_alone_for_a_while(self, join: Join) -> None:
        box = await join(bad("dies"))
        codes = [code_of(await box.call("go")) for _ in range(3)]

        assert codes == ["tools.server_ended", "tools.server_ended", "tools.source_resting"]
        assert box.state == "restarting"

    async def test_one_that_keeps_failing_is_left_alone_for_a_while(self, join: Join) -> None:
        box = await join(bad("hangs", call_seconds=0.3))
        for _ in range(FAILURES_TO_OPEN):
            await box.call("go")

        assert code_of(await box.call("go")) == "tools.source_resting"


async def test_children_of_a_server_that_has_ended_are_gone(servers: StdioServers) -> None:
    with pytest.raises(CodaError):
        await servers.offer(bad("forks"))
    listing = await asyncio.create_subprocess_exec("pgrep", "-f", "time.sleep(601)", stdout=asyncio.subprocess.PIPE)
    found, _ = await listing.communicate()

    assert await gone(*(int(pid) for pid in found.split()))
