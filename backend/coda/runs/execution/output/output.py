"""The answer of one run, its log, and the events that are about the run as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coda.runs.execution.facts import RunFacts
from coda.runs.execution.outcome import RunOutcome
from coda.runs.execution.output.answer import Answer
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.execution.progress.usage import AnswerUsage
from coda.runs.stream import events


@dataclass(frozen=True, slots=True)
class Output:
    """What watchers get. `log` buffers events while the run is paused."""

    answer: Answer
    log: StreamControl

    def tell_start(self, facts: RunFacts) -> None:
        """The stream's first event."""
        self.log.append(
            events.run_started(
                session_id=facts.session_id,
                run_id=facts.run_id,
                parent_run_id=facts.parent_run_id,
                coda={
                    "message_id": str(facts.message_id),
                    "root_run_id": str(facts.root_run_id),
                    "model": facts.model_id,
                },
            )
        )

    def tell_context(self, record: Mapping[str, Any]) -> None:
        """What went into the prompt."""
        self.log.append(events.custom("coda.context", record))

    def tell_usage(self, usage: AnswerUsage) -> None:
        """What the answer has used until now."""
        self.log.append(events.custom("coda.usage", usage.as_dict()))

    def tell_timing(self, timing: Mapping[str, int | None]) -> None:
        """How long it took to the first token, and to the end where it has come."""
        self.log.append(events.custom("coda.timing", timing))

    def tell_end(self, facts: RunFacts, outcome: RunOutcome) -> None:
        """The stream's last event."""
        if outcome.error:
            error = notice_of(outcome.error)
            self.answer.fail(**error)
            self.log.append(events.run_error(**error))
        else:
            self.log.append(
                events.run_finished(session_id=facts.session_id, run_id=facts.run_id, outcome=outcome.outcome)
            )


def notice_of(error: Mapping[str, Any]) -> dict[str, Any]:
    """An error as a notice to the reader."""
    return {"code": error["code"], "message": error["message"], "details": error.get("details", {})}
