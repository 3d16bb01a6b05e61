"""What the nodes of one run share: its facts, its answer, its prompt, its counts, and the doors to the world."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from opentelemetry import trace

from coda.context.refit import refit
from coda.core.clock import Stopwatch
from coda.llm.gateway import ResolvedModel
from coda.llm.types import ChatMessage, ChatRequest, FinishReason, MeteredUsage
from coda.observability.metrics import FIRST_TOKEN
from coda.runs.execution.answer import Answer
from coda.runs.execution.limits import Caps
from coda.runs.execution.steps import Step, StepLog
from coda.runs.execution.stream_control import StreamControl
from coda.runs.execution.transactions import Journal
from coda.runs.execution.usage import AnswerUsage
from coda.runs.log.run_log import RunLog
from coda.runs.queue.run_queue import Claim
from coda.runs.repository.steers import TakenSteer
from coda.runs.stream import events
from coda.tools.types import ToolOutcome
from coda.usage.types import money

if TYPE_CHECKING:
    from coda.runs.graph.model_call import CallInFlight
    from coda.runs.graph.services import Doors

T = TypeVar("T")
tracer = trace.get_tracer("coda.runs")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before it works."""

    run_id: UUID
    root_run_id: UUID
    parent_run_id: UUID | None
    session_id: UUID
    message_id: UUID
    question_id: UUID
    user_id: UUID
    api_key_id: UUID | None
    model_id: str
    params: Mapping[str, Any]
    session_title: str | None
    time_zone: str
    has_steers: bool = False
    continues: bool = False


@dataclass(slots=True)
class StoredCall:
    """A tool call that is in the database; `outcome` once it was made. `is_begun`: a lost attempt was making it."""

    id: UUID
    provider_id: str
    name: str
    arguments: str
    turn: int
    outcome: ToolOutcome | None = None
    is_begun: bool = False

    def as_message(self) -> ChatMessage:
        """The result as the model reads it."""
        content = self.outcome.content if self.outcome else ""
        return ChatMessage(role="tool", content=content, tool_call_id=self.provider_id, name=self.name)


@dataclass(slots=True)
class RunContext:
    """One run being driven. Set up by the executor; filled by `begin`, or by the take-over of a lost run."""

    claim: Claim
    journal: Journal
    doors: "Doors"
    caps: Caps
    steps: StepLog
    control: StreamControl
    watch: Stopwatch = field(default_factory=Stopwatch)
    usage: AnswerUsage = field(default_factory=AnswerUsage)
    prompt: list[ChatMessage] = field(default_factory=list)
    calls: dict[UUID, StoredCall] = field(default_factory=dict)
    settled: dict[int, list[UUID]] = field(default_factory=dict)
    answered: set[UUID] = field(default_factory=set)
    visits: dict[str, int] = field(default_factory=dict)
    open_nodes: list[str] = field(default_factory=list)
    decisions: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    first_steers: list[str] = field(default_factory=list)
    turns_before: int = 0
    finish: FinishReason | None = None
    steers: int = 0
    ttft_ms: int | None = None
    earlier_ms: int = 0
    lost_ms: int = 0
    final_timing: dict[str, int | None] | None = None
    in_flight: "CallInFlight | None" = None
    facts_: RunFacts | None = None
    log_: RunLog | None = None
    model_: ResolvedModel | None = None
    answer_: Answer | None = None
    planned: tuple[Step, Step] | None = None
    trace_id: str | None = None
    question_text: str | None = None

    @property
    def facts(self) -> RunFacts:
        """The run's facts; there once the run has begun."""
        return _there(self.facts_)

    @property
    def log(self) -> StreamControl:
        """Where the run's events go, held back while it is paused; there once the run has begun."""
        _there(self.log_)
        return self.control

    @property
    def model(self) -> ResolvedModel:
        """The run's model; there once the run has begun."""
        return _there(self.model_)

    @property
    def answer(self) -> Answer:
        """The answer being written; there once the run has begun."""
        return _there(self.answer_)

    @asynccontextmanager
    async def node(self, name: str) -> AsyncIterator[Step]:
        """One visit to a node: its step, its events, its span. A visit that is cut stays open for the closing."""
        self.visits[name] = visit = self.visits.get(name, 0) + 1
        step_name = f"{name}#{visit}"
        planned = self.planned if name == "reason" else None
        step = planned[0] if planned else self.steps.open("node", step_name)
        self.log.append(events.step_started(step_name))
        self.open_nodes.append(step_name)
        with tracer.start_as_current_span(f"node {name}", attributes={"coda.step": step_name}):
            yield step
        self.close_node(step_name)

    def close_node(self, step_name: str) -> None:
        """The visit is over for the watchers."""
        self.open_nodes.remove(step_name)
        self.log.append(events.step_finished(step_name))

    def open_queue_step(self) -> None:
        """The time that the run waited for a worker, as database time tells it."""
        step = self.steps.open("wait", "queue")
        step.started_at -= timedelta(milliseconds=self.claim.waited_ms)
        step.finish(duration_ms=self.claim.waited_ms)

    def add_result(self, call: StoredCall) -> None:
        """Put a tool's result into the prompt, once."""
        if call.id not in self.answered:
            self.answered.add(call.id)
            self.prompt.append(call.as_message())

    def add_steer(self, content: str) -> None:
        """Put what a person threw in into the prompt."""
        self.steers += 1
        self.prompt.append(ChatMessage(role="user", content=content))

    def take_steers(self, steers: Sequence[TakenSteer]) -> None:
        """The agent reads what people threw in, and their watchers see that it does."""
        for steer in steers:
            self.answer.steer(steer.content, steer.id)
            self.add_steer(steer.content)

    def needs_approval(self, call: StoredCall) -> bool:
        """Whether a person has to decide on this call first."""
        tool = self.doors.registry.find(call.name)
        return tool is not None and tool.needs_approval and call.outcome is None

    def rewrite_call(self, call: StoredCall) -> None:
        """A person changed the arguments: the model reads its call as it is made."""
        for place, message in enumerate(self.prompt):
            if any(request.id == call.provider_id for request in message.tool_calls):
                requests = tuple(
                    replace(request, arguments=call.arguments) if request.id == call.provider_id else request
                    for request in message.tool_calls
                )
                self.prompt[place] = replace(message, tool_calls=requests)

    def plan_turn(self) -> None:
        """Open the steps of the next model call, so that they are written with the present transaction."""
        node = self.steps.open("node", f"reason#{self.visits.get('reason', 0) + 1}")
        self.planned = node, self.steps.open("model", self.facts.model_id, parent=node)

    def model_step(self, node: Step) -> Step:
        """The step of the model call that now begins."""
        planned, self.planned = self.planned, None
        return planned[1] if planned else self.steps.open("model", self.facts.model_id, parent=node)

    def request(self, *, with_tools: bool) -> ChatRequest:
        """The next model call, from the prompt as it stands.

        Without tools they are still described, or a provider would refuse the earlier calls in the prompt.
        """
        params, info = self.facts.params, self.model.info
        tools = self.doors.registry.specs() if info.capabilities.tools else ()
        return ChatRequest(
            model=info.name,
            messages=refit(self.prompt, model=info, tools=tools, steers=self.steers),
            tools=tools,
            tool_choice=None if with_tools or not tools else "none",
            max_output_tokens=params.get("max_output_tokens"),
            temperature=params.get("temperature"),
            top_p=params.get("top_p"),
            reasoning_effort=params.get("reasoning_effort"),
            context_window=info.context_window,
        )

    def first_delta(self) -> None:
        """The answer's first delta of any kind has come: tell the time."""
        self.ttft_ms = self.elapsed_ms()
        FIRST_TOKEN.observe(self.ttft_ms / 1000)
        self.log.append(events.custom("coda.timing", {"ttft_ms": self.ttft_ms, "total_ms": None}))

    def elapsed_ms(self) -> int:
        """Milliseconds since the question was accepted, those left out in which the answer waited for a person."""
        return self.earlier_ms + self.claim.waited_ms + self.watch.elapsed_ms()

    def timing(self) -> dict[str, int | None]:
        """The answer's times up to now."""
        return {"ttft_ms": self.ttft_ms, "total_ms": self.elapsed_ms()}


def usage_of(metered: MeteredUsage) -> dict[str, Any]:
    """One model call's usage as its step shows it."""
    return {
        "input_tokens": metered.usage.input_tokens,
        "output_tokens": metered.usage.output_tokens,
        "reasoning_tokens": metered.usage.reasoning_tokens,
        "cached_input_tokens": metered.usage.cached_input_tokens,
        "cost_usd": money(metered.cost_usd),
        "confidence": metered.confidence,
    }


def _there(value: T | None) -> T:
    if value is None:
        raise AssertionError("the run has not begun")
    return value
