"""Stages run side by side, each speaks in one piece, and what failed is told at the end."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.stages import Stages, duration, is_to_keep_going, perform
from tests.chaos.cluster import until
from tests.chaos.nursery import is_alive

BACKEND = Path(__file__).parents[2]
MAKEFILE = """
.PHONY: hello there broken waits
hello there:
	@echo $@ is said
broken:
	@echo the reason; exit 1
waits:
	@sleep 600 & echo $$! > pid; wait
meets:
	@touch $(MEETS); while test ! -e $(WAITS_FOR); do sleep 0.05; done
one:
	@$(MAKE) meets MEETS=a WAITS_FOR=b
other:
	@$(MAKE) meets MEETS=b WAITS_FOR=a
""".replace("        ", "\t")


@pytest.fixture(autouse=True)
def _no_make_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite may itself be run by a make, which tells the makes below it so."""
    for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return tmp_path


def stages_of(root: Path, *, keeps_going: bool = False) -> Stages:
    return Stages(["make", "--no-print-directory"], root=root, keeps_going=keeps_going)


async def run(root: Path, *lanes: Sequence[str], keeps_going: bool = False) -> int:
    async with asyncio.timeout(60):
        return await perform(stages_of(root, keeps_going=keeps_going), lanes)


async def test_each_stage_speaks_in_one_piece(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(root, ["hello", "there"]) == 0

    said = capsys.readouterr().out
    assert "hello: passed, 0 s\nhello is said\n" in said
    assert said.index("hello is said") < said.index("there: begins")


async def test_lanes_run_beside_each_other(root: Path) -> None:
    assert await run(root, ["one"], ["other"]) == 0


async def test_a_failure_stops_the_others_and_is_told_last(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(root, ["waits"], ["hello", "broken", "there"]) == 1

    said = capsys.readouterr().out
    assert said.endswith(
        "broken FAILED:\nthe reason\nmake: *** [Makefile:6: broken] Error 1\n\nFailed: broken. Again: make broken\n"
    )
    assert "there is said" not in said
    assert "waits: passed" not in said


async def test_with_k_the_rest_is_run_and_the_first_failure_is_told_last(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(root, ["broken", "missing", "hello"], keeps_going=True) == 1

    said = capsys.readouterr().out
    assert "hello is said" in said
    assert said.index("missing FAILED:") < said.index("broken FAILED:")
    assert said.endswith("Failed: broken, missing. Again: make broken\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted_it_leaves_no_process(root: Path, number: signal.Signals) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from checks.stages import Stages, perform;"
        "sys.exit(asyncio.run(perform(Stages(['make'], root=Path(sys.argv[1])), [['waits']])))"
    )
    told = root / "pid"
    runner = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(root), cwd=BACKEND)
    await until(lambda: told.exists() and told.read_text().endswith("\n"))
    sleeper = int(told.read_text())
    runner.send_signal(number)

    assert await runner.wait() == 130
    await until(lambda: not is_alive(sleeper))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("k", True),
        ("ks -j2 --jobserver-auth=3,4", True),
        ("", False),
        ("s", False),
        (" -- DURATIONS=k", False),
        ("DURATIONS=k", False),
        ("--task", False),
    ],
)
def test_what_make_was_told(flags: str, expected: bool) -> None:
    assert is_to_keep_going(flags) is expected


def test_durations_are_said_as_people_say_them() -> None:
    assert [duration(seconds) for seconds in (0.2, 59.4, 60, 754)] == ["0 s", "59 s", "1 min 0 s", "12 min 34 s"]
