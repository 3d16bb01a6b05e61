"""Watches the event loop from a thread: what kept it from everybody else is logged with its stack, and counted.

Measured is the processor time of the loop's thread where the platform tells it: a machine that is busy with something
else makes no false alarm. While code holds the interpreter's lock the watching thread stands still, too; the stack is
then that of the moment after.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final

import structlog

from coda.observability.metrics import LOOP_BLOCKED, LOOP_BLOCKED_SECONDS

log = structlog.get_logger(__name__)

LONGEST: Final = 0.2
_LOOK_EVERY: Final = 0.05
_MOST_FRAMES: Final = 40


@dataclass(frozen=True, slots=True)
class Block:
    """One time that the loop was blocked: how long, in seconds, and where it was seen, innermost frame last."""

    seconds: float
    stack: traceback.StackSummary


OnBlock = Callable[[Block], None]


def tell(block: Block) -> None:
    """Log and count it."""
    LOOP_BLOCKED.inc()
    LOOP_BLOCKED_SECONDS.observe(block.seconds)
    log.warning("loop.blocked", seconds=round(block.seconds, 3), stack="".join(block.stack.format()))


class LoopWatchdog:
    """Begins with `start`, called on the loop; `on_block` is called in the watching thread once a block is over."""

    def __init__(self, on_block: OnBlock = tell, *, longest: float = LONGEST) -> None:
        self._on_block, self._longest = on_block, longest
        self._stopped = threading.Event()
        self._answered = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the running loop."""
        loop, ident = asyncio.get_running_loop(), threading.get_ident()
        self._thread = threading.Thread(
            target=self._watch, args=(loop, ident, _clock_of(ident)), name="loop-watchdog", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, loop: asyncio.AbstractEventLoop, ident: int, clock: Callable[[], float]) -> None:
        while not self._stopped.wait(_LOOK_EVERY):
            if loop.is_closed():
                return
            if loop.is_running():
                self._ask(loop, ident, clock)

    def _ask(self, loop: asyncio.AbstractEventLoop, ident: int, clock: Callable[[], float]) -> None:
        """Ask the loop for an answer, and wait for it."""
        self._answered.clear()
        begun, stack = clock(), None
        try:
            loop.call_soon_threadsafe(self._answered.set)
        except RuntimeError:  # it was closed at this moment
            return
        while not self._answered.wait(_LOOK_EVERY):
            if self._stopped.is_set() or not loop.is_running():
                return
            if stack is None and clock() - begun >= self._longest:
                stack = _stack_of(sys._current_frames().get(ident))
        seconds = clock() - begun
        if stack is not None:
            self._on_block(Block(seconds, stack))


def _clock_of(ident: int) -> Callable[[], float]:
    """The processor time of a thread, else the time of the wall."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    clock = time.pthread_getcpuclockid(ident)
    return lambda: time.clock_gettime(clock)


def _stack_of(frame: FrameType | None) -> traceback.StackSummary:
    summary = traceback.StackSummary.extract(traceback.walk_stack(frame), limit=_MOST_FRAMES, lookup_lines=False)
    summary.reverse()
    return summary
