"""What a worker can be told about a run that it executes."""

from enum import StrEnum


class RunCommand(StrEnum):
    """A command in the queue row of a run; the latest one counts."""

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"


def command_of(value: str | None) -> RunCommand | None:
    """The command that a queue row holds, if any."""
    return None if value is None else RunCommand(value)
