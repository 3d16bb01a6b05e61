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
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Final

import structlog

from coda.observability.metrics import LOOP_BLOCKED, LOOP_BLOCKED_SECONDS

log = structlog.get_logger(__name__)

LONGEST: Final = 0.2
_LOOKS: Final = 2
"""So often the loop is looked at in the longest time that it may be kept."""
_CLOSE_LOOKS: Final = 8
"""The same once it has not answered for one of them."""
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
    """Begins with `start`, called on the loop; `on_block` is called in the watching thread once a block is over.

    The thread costs the loop as little as can be: it asks for an answer only where the loop has worked for a while
    since the last one, and the answer is left for the next look, for each waking of a thread stops the other one.
    """

    def __init__(self, on_block: OnBlock = tell, *, longest: float = LONGEST) -> None:
        self._on_block, self._longest = on_block, longest
        self._stopped = threading.Event()
        self._answered_at: float | None = None
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
        look_every = self._longest / _LOOKS
        answered_at = clock()
        while not self._stopped.wait(look_every):
            if loop.is_closed():
                return
            if loop.is_running() and clock() - answered_at >= look_every / _LOOKS:
                answered_at = self._ask(loop, ident, clock)

    def _ask(self, loop: asyncio.AbstractEventLoop, ident: int, clock: Callable[[], float]) -> float:
        """Ask the loop for an answer, and look until it is there; gives when it came."""
        self._answered_at = None
        begun, stack = clock(), None
        pause = self._longest / _LOOKS
        with suppress(RuntimeError):  # it was closed at this moment
            loop.call_soon_threadsafe(self._answer, clock)
        while self._answered_at is None:
            if self._stopped.wait(pause) or not loop.is_running():
                return clock()
            pause = self._longest / _CLOSE_LOOKS
            if stack is None and self._answered_at is None and clock() - begun >= self._longest:
                stack = _stack_of(sys._current_frames().get(ident))
        if stack is not None:
            self._on_block(Block(self._answered_at - begun, stack))
        return self._answered_at

    def _answer(self, clock: Callable[[], float]) -> None:
        self._answered_at = clock()


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
