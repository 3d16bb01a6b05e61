"""Blocks of the event loop that our own code is to blame for, while a test runs.

What a test itself computes, imports, and the making of an application before anybody is served do not count.
"""

import gc
from pathlib import Path
from time import thread_time

import coda
from coda.observability.watchdog import LONGEST, Block, LoopWatchdog

_OURS = str(Path(coda.__file__).parent)
_BEFORE_ANYBODY_IS_SERVED = frozenset({"create_app"})
_IMPORTS = "<frozen importlib"


class LoopBlocks:
    """Collects the blocks of the loop that took longer than `longest`, in seconds."""

    def __init__(self, *, longest: float = LONGEST) -> None:
        self.found: list[Block] = []
        self._longest = longest
        self._watchdog = LoopWatchdog(self._take, longest=longest)
        self._collecting_since = self._collected = 0.0

    def start(self) -> None:
        gc.callbacks.append(self._on_collection)
        self._watchdog.start()

    def stop(self) -> None:
        self._watchdog.stop()
        gc.callbacks.remove(self._on_collection)

    def taken(self) -> list[str]:
        """What was found since the last time, in words."""
        found, self.found = self.found, []
        self._collected = 0.0
        return [f"{block.seconds:.2f} s\n{''.join(block.stack.format())}" for block in found]

    def _take(self, block: Block) -> None:
        if block.seconds - self._collected > self._longest and is_ours(block):
            self.found.append(block)
        self._collected = 0.0

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        """A test session holds a million objects that no server has: looking through them is not our code's work."""
        if phase == "start":
            self._collecting_since = thread_time()
        else:
            self._collected += max(0.0, thread_time() - self._collecting_since)


def is_ours(block: Block) -> bool:
    """Whether the loop ran code of ours that somebody could have waited behind."""
    frames = list(block.stack)
    if any(frame.filename.startswith(_IMPORTS) or frame.name in _BEFORE_ANYBODY_IS_SERVED for frame in frames):
        return False
    return any(frame.filename.startswith(_OURS) for frame in frames)
