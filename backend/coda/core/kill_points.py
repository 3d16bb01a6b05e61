"""Places where a test may kill this process by name, to prove that nothing is lost there. Never armed outside tests.

With `CODA_TEST_KILL_POINTS` naming a folder, a process that passes a point takes one file out of the folder of that
name and dies by SIGKILL. Several processes may pass the same point: each file kills one of them.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path
from typing import Final

VARIABLE: Final = "CODA_TEST_KILL_POINTS"
_folder: Final = Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None


class KillPoint(StrEnum):
    """The places, in the order in which a run passes them."""

    BEFORE_ACK = "before_ack"
    AFTER_ACK = "after_ack"
    AFTER_CLAIM = "after_claim"
    MID_STREAM = "mid_stream"
    BEFORE_SETTLE = "before_settle"
    AFTER_SETTLE = "after_settle"
    BEFORE_SIDE_EFFECT = "before_side_effect"
    AFTER_SIDE_EFFECT = "after_side_effect"
    BEFORE_FINAL_COMMIT = "before_final_commit"


def reached(point: KillPoint) -> None:
    """The process passes a point; it goes on unless a test has armed that."""
    if _folder is not None:
        _die_once(_folder / point)


def _die_once(armed: Path) -> None:
    for token in armed.glob("*"):
        try:
            token.unlink()
        except FileNotFoundError:  # another process took it
            continue
        os.kill(os.getpid(), signal.SIGKILL)
