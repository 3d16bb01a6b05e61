"""How much one socket, and one person, may ask for."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Bounds of a process's sockets."""

    sockets_per_user: int = 2_500
    runs_per_socket: int = 200
    frame_characters: int = 512 * 1024
    frames_at_once: int = 400
    frames_per_second: float = 40.0
    notes_gathered: timedelta = timedelta(milliseconds=100)
    rights_recheck: timedelta = timedelta(seconds=3)
    close_within: timedelta = timedelta(seconds=10)
    finish_within: timedelta = timedelta(seconds=3)
    keep_alive: timedelta = timedelta(seconds=15)


class FrameRate:
    """A token bucket for incoming frames."""

    __slots__ = ("_at", "_left", "_limits")

    def __init__(self, limits: SocketLimits, *, at: float) -> None:
        self._limits, self._at, self._left = limits, at, float(limits.frames_at_once)

    def allows(self, *, at: float) -> bool:
        """Count one more frame; False when there were too many."""
        self._left = min(self._limits.frames_at_once, self._left + (at - self._at) * self._limits.frames_per_second)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True
