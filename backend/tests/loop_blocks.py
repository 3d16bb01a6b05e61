"""Blocks of the event loop that our own code is to blame for, while a test runs.

What a test itself computes, imports and the making of an application, whose routes FastAPI makes at the first request,
do not count.
"""

import gc
from pathlib import Path
from time import thread_time

import coda
from coda.observability.watchdog import Block, LoopWatchdog

_OURS = str(Path(coda.__file__).parent)
_BEFORE_ANYBODY_IS_SERVED = frozenset(
    {"create_app", "build_graph", "install_openapi", "model_rebuild", "openapi", "get_openapi", "effective_candidates"}
)
_IMPORTS = "<frozen importlib"
_LONGEST = 1.0
"""Seconds of the processor: a fault of this kind takes many, and slow machines must not make alarms."""


class LoopBlocks:
    """Collects the blocks of the session's loop."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._watchdog = LoopWatchdog(self._take)
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
        if block.seconds - self._collected > _LONGEST and is_ours(block):
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
