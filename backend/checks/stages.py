"""Runs make targets side by side, keeps the output of each together, and tells of what failed at the end.

`python -m checks.stages LANE...`: a lane names targets that run one after the other; lanes run beside each other. When
a target fails the others are stopped, unless make was told to keep going (`make -k`).
"""

import argparse
import asyncio
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISED_MINUTES = 15
_INTERRUPTED = 130
_TELL_EVERY = 60.0
_ENDS_WITHIN = 60.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Stage:
    """One target of make; `output` is set once it has ended."""

    target: str
    begun: float = field(default_factory=time.monotonic)
    took: float = 0.0
    output: str = ""


class Stages:
    """The stages of one call. `make` is the command that makes a target in the folder `root`."""

    def __init__(self, make: Sequence[str], *, root: Path = ROOT, keeps_going: bool = False) -> None:
        self._make, self._root, self._keeps_going = make, root, keeps_going
        self._running: dict[int, Stage] = {}
        self._is_stopped = False
        self.passed: list[Stage] = []
        self.failed: list[Stage] = []
        self.is_interrupted = False

    async def run(self, lanes: Sequence[Sequence[str]]) -> None:
        """Run all lanes to their end."""
        telling = asyncio.create_task(self._tell())
        try:
            await asyncio.gather(*(self._lane(lane) for lane in lanes))
        finally:
            telling.cancel()

    def interrupt(self) -> None:
        """Somebody wants it all to end."""
        self.is_interrupted = True
        self._stop()

    def times(self) -> str:
        """How long each stage took, the longest first."""
        longest = sorted(self.passed + self.failed, key=lambda stage: -stage.took)
        return ", ".join(f"{stage.target} {duration(stage.took)}" for stage in longest)

    async def _lane(self, targets: Sequence[str]) -> None:
        for target in targets:
            if not self._is_stopped:
                await self._stage(target)

    async def _stage(self, target: str) -> None:
        with tempfile.TemporaryFile() as output:
            # make's own pipe, by which it counts jobs, is inherited: hence close_fds.
            process = await asyncio.create_subprocess_exec(
                *self._make, target, cwd=self._root, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, close_fds=False,
            )  # fmt: skip
            stage = self._running[process.pid] = Stage(target)
            say(f"{target}: begins")
            if self._is_stopped:
                self._signal(process.pid, signal.SIGINT)
            status = await process.wait()
            del self._running[process.pid]
            stage.took = time.monotonic() - stage.begun
            output.seek(0)
            stage.output = output.read().decode(errors="replace").strip("\n")
        if self._is_stopped:
            self._signal(process.pid, signal.SIGTERM)  # what a shell started with `&` does not hear SIGINT
        else:
            self._judge(stage, status)

    def _judge(self, stage: Stage, status: int) -> None:
        if status == 0:
            self.passed.append(stage)
            say(f"{stage.target}: passed, {duration(stage.took)}", stage.output)
            return
        self.failed.append(stage)
        say(f"{stage.target}: FAILED, {duration(stage.took)}; what it said comes at the end")
        if not self._keeps_going:
            self._stop()

    def _stop(self) -> None:
        """Ask every stage to end, as Ctrl-C does; those that do not are killed."""
        self._is_stopped = True
        self._signal_all(signal.SIGINT)
        asyncio.get_running_loop().call_later(_ENDS_WITHIN, self._signal_all, signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for leader in self._running:
            self._signal(leader, number)

    def _signal(self, leader: int, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(leader, number)

    async def _tell(self) -> None:
        """Whoever waits sees that it goes on."""
        while True:
            await asyncio.sleep(_TELL_EVERY)
            now = time.monotonic()
            running = (f"{stage.target} ({duration(now - stage.begun)})" for stage in self._running.values())
            say(f"... running: {', '.join(running)}")


def say(heading: str, text: str = "") -> None:
    """Write a line, and what belongs to it."""
    sys.stdout.write(f"{heading}\n{text}\n\n" if text else f"{heading}\n")
    sys.stdout.flush()


def duration(seconds: float) -> str:
    """As people say it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def is_to_keep_going(makeflags: str) -> bool:
    """Whether `make -k` was called; options without a value are letters of the first word."""
    first = makeflags.split(" ")[0]
    return "=" not in first and not first.startswith("--") and "k" in first


async def perform(stages: Stages, lanes: Sequence[Sequence[str]]) -> int:
    """Run the stages and tell what became of them; gives the exit status."""
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stages.interrupt)
    begun = time.monotonic()
    await stages.run(lanes)
    took, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    say(f"{duration(took)}, of processor time {duration(used.ru_utime + used.ru_stime)}: {stages.times()}")
    for stage in reversed(stages.failed):
        say(f"\n{stage.target} FAILED:", stage.output)
    if stages.is_interrupted:
        say("Interrupted.")
        return _INTERRUPTED
    if stages.failed:
        say(f"Failed: {', '.join(stage.target for stage in stages.failed)}. Again: make {stages.failed[0].target}")
        return 1
    if took > PROMISED_MINUTES * 60:
        say(
            f"That is more than the {PROMISED_MINUTES} minutes that it may take on 2 quiet cores;"
            " `make test DURATIONS=20` lists the slowest tests."
        )
    return 0


def main() -> int:
    """The exit status: 0 when every stage passed."""
    parser = argparse.ArgumentParser(prog="python -m checks.stages", description=__doc__)
    parser.add_argument("--make", default="make", help="the command that makes a target")
    parser.add_argument("lanes", nargs="+", metavar="LANE", help="targets with spaces between them")
    given = parser.parse_args()
    keeps_going = is_to_keep_going(os.environ.get("MAKEFLAGS", ""))
    stages = Stages([given.make, "--no-print-directory"], keeps_going=keeps_going)
    return asyncio.run(perform(stages, [lane.split() for lane in given.lanes]))


if __name__ == "__main__":
    sys.exit(main())
