"""How far a run is: the nodes that it visited, its steps, what it has used, and the model call under way."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from coda.llm.types import MeteredUsage
from coda.runs.execution.progress.limits import Caps
from coda.runs.execution.progress.model_calls import CallInFlight
from coda.runs.execution.progress.timing import Timing
from coda.runs.execution.progress.usage import AnswerUsage
from coda.runs.execution.steps import Step, StepLog


class Progress:
    """Counts what one run does. `visits` tells how often each node was entered by earlier attempts of the answer."""

    def __init__(
        self, *, steps: StepLog, limits: Caps, timing: Timing, visits: Mapping[str, int] | None = None
    ) -> None:
        self.steps = steps
        self.limits = limits
        self.timing = timing
        self.usage = AnswerUsage()
        self._visits = dict(visits or {})
        self._open_nodes: list[str] = []
        self._planned: tuple[Step, Step] | None = None
        self._in_flight: CallInFlight | None = None

    def enter_node(self, name: str) -> tuple[str, Step]:
        """A visit to a node begins: the name of the visit, and its step."""
        visit = self._visits[name] = self._visits.get(name, 0) + 1
        visit_name = f"{name}#{visit}"
        planned = self._planned if name == "reason" else None
        step = planned[0] if planned else self.steps.open("node", visit_name)
        self._open_nodes.append(visit_name)
        return visit_name, step

    def leave_node(self, visit_name: str) -> None:
        """A visit is over."""
        self._open_nodes.remove(visit_name)

    @property
    def open_nodes(self) -> Sequence[str]:
        """The visits that have not ended, oldest first."""
        return tuple(self._open_nodes)

    def plan_turn(self, model_id: str) -> None:
        """Open the steps of the next model call, so that they are written with the present transaction."""
        node = self.steps.open("node", f"reason#{self._visits.get('reason', 0) + 1}")
        self._planned = node, self.steps.open("model", model_id, parent=node)

    def model_step(self, node: Step, model_id: str) -> Step:
        """The step of the model call that now begins: the planned one, where there is one."""
        planned, self._planned = self._planned, None
        return planned[1] if planned else self.steps.open("model", model_id, parent=node)

    def begin_call(self, call: CallInFlight) -> None:
        """A model call is under way."""
        self._in_flight = call

    def count_turn(self, metered: MeteredUsage | None) -> None:
        """A model call is over and booked; until now the run's end would have counted and booked it."""
        self._in_flight = None
        if metered is not None:
            self.usage.add(metered)
        self.limits.count_turn(metered.cost_usd if metered else None)

    def count_lost_call(self, metered: MeteredUsage) -> None:
        """A model call that was paid for, and that another one has to take the place of."""
        self.usage.add(metered)
        self.limits.count_cost(metered.cost_usd)

    def cut_call(self) -> CallInFlight | None:
        """The model call under way is cut: it is paid for all the same. None where there is nothing to pay."""
        metered = self._in_flight.call.metered() if self._in_flight else None
        if self._in_flight is None or metered is None:
            return None
        self._in_flight.metered = metered
        self.usage.add(metered)
        return self._in_flight

    @property
    def unbooked_call(self) -> CallInFlight | None:
        """A model call that was cut and is not in the ledger yet."""
        return self._in_flight if self._in_flight and self._in_flight.metered else None

    def end(self, status: str) -> None:
        """The run ends here: steps that were planned never begin, and those which are open end so."""
        for step in self._planned or ():
            step.finish(status="discarded")
        self.steps.finish_open(status)

    @property
    def never_begun(self) -> list[UUID]:
        """Steps that were planned only: they may be in the database."""
        return [step.id for step in self._planned or ()]
