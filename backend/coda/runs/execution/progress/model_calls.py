"""The model call that is under way."""

from collections.abc import Sequence
from dataclasses import dataclass

from coda.llm.types import ChatDelta, FinishReason, MeteredUsage, TurnPayload
from coda.llm.wrappers.metering import ModelCall
from coda.runs.execution.steps import Step


@dataclass(slots=True)
class CallInFlight:
    """A model call under way; when it is cut, what came until then is still booked: `metered` is set then.

    `has_begun`: something came of it. `left_out`: what its server refused. `is_shortened`: so was its prompt.
    """

    step: Step
    call: ModelCall
    finish: FinishReason | None = None
    payload: TurnPayload | None = None
    left_out: Sequence[str] = ()
    has_begun: bool = False
    is_shortened: bool = False
    metered: MeteredUsage | None = None

    def learn(self, delta: ChatDelta) -> None:
        """What a delta says of the call as a whole."""
        self.finish = delta.finish or self.finish
        self.payload = delta.payload or self.payload
        self.left_out = delta.left_out or self.left_out
