"""Blocks of the event loop that our own code is to blame for, while a test runs.

What a test itself computes, imports and the making of an application, whose routes FastAPI makes at the first request,
do not count.
"""

from pathlib import Path

import coda
from coda.observability.watchdog import Block, LoopWatchdog

_OURS = str(Path(coda.__file__).parent)
_BEFORE_ANYBODY_IS_SERVED = frozenset(
    {"create_app", "build_graph", "install_openapi", "model_rebuild", "openapi", "effective_candidates"}
)
_IMPORTS = "<frozen importlib"


class LoopBlocks:
    """Collects the blocks of the session's loop."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._watchdog = LoopWatchdog(self._take)

    def start(self) -> None:
        self._watchdog.start()

    def stop(self) -> None:
        self._watchdog.stop()

    def taken(self) -> list[str]:
        """What was found since the last time, in words."""
        found, self.found = self.found, []
        return [f"{block.seconds:.2f} s\n{''.join(block.stack.format())}" for block in found]

    def _take(self, block: Block) -> None:
        if is_ours(block):
            self.found.append(block)


def is_ours(block: Block) -> bool:
    """Whether the loop ran code of ours that somebody could have waited behind."""
    frames = list(block.stack)
    if any(frame.filename.startswith(_IMPORTS) or frame.name in _BEFORE_ANYBODY_IS_SERVED for frame in frames):
        return False
    return any(frame.filename.startswith(_OURS) for frame in frames)
