"""How a run ends, in all the places that tell of it: run, message, session, stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coda.conversations.types import MessageStatus, SessionRunStatus
from coda.core.errors import CodaError
from coda.runs.stream.events import interrupt_event
from coda.runs.types import EndStatus


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """One end of a run. `error` makes it a failed one."""

    run_status: EndStatus
    message_status: MessageStatus
    session_status: SessionRunStatus
    outcome: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    notice: Mapping[str, Any] | None = None
    interrupts: Sequence[Mapping[str, Any]] = ()

    @property
    def is_early(self) -> bool:
        """Whether the run ends before the agent has had its say."""
        return self.run_status in ("cancelled", "failed")

    @property
    def waiting_calls(self) -> list[UUID]:
        """The tool calls that a person has to decide on."""
        return [UUID(item["tool_call_id"]) for item in self.interrupts if item["tool_call_id"]]


SUCCESS = RunOutcome("finished", "complete", "done", {"type": "success"})
CANCELLED = RunOutcome("cancelled", "stopped", "done", {"type": "cancelled"})


def interrupted(interrupts: Sequence[Mapping[str, Any]]) -> RunOutcome:
    """A run that waits for a person: it is over, and another run continues its answer."""
    shown = {"type": "interrupt", "interrupts": [interrupt_event(item) for item in interrupts]}
    return RunOutcome("interrupted", "waiting", "waiting", shown, interrupts=interrupts)


def stopped_at(limit: CodaError) -> RunOutcome:
    """A run that was stopped because it worked too long: what it said is kept, with a notice."""
    return RunOutcome("cancelled", "stopped", "done", {"type": "cancelled"}, notice=limit.as_dict())


def failed(error: CodaError) -> RunOutcome:
    """A run that ended with an error."""
    return RunOutcome("failed", "failed", "failed", error=error.as_dict())
