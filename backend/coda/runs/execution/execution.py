"""One run while it works: the parts that its nodes share, and what concerns several of them at once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from opentelemetry import trace
from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.assemble import AssembledContext, assemble, rebuild
from coda.context.budget import budget_of
from coda.context.plan import PromptPlan
from coda.context.prompt import FittedPrompt
from coda.context.sources import ContextRequest
from coda.core.scope import Scope
from coda.llm.types import ChatRequest, MeteredUsage
from coda.observability.metrics import FIRST_TOKEN
from coda.runs.execution.calls import StoredCall
from coda.runs.execution.facts import RunFacts
from coda.runs.execution.model import RunModel
from coda.runs.execution.output.answer import Answer
from coda.runs.execution.output.output import Output
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.execution.progress.progress import Progress
from coda.runs.execution.services import RunServices
from coda.runs.execution.steps import Beginning, Step
from coda.runs.execution.tools import RunTools
from coda.runs.execution.transactions import FencedTransactions
from coda.runs.execution.transcript import Transcript
from coda.runs.queue.run_queue import Claim
from coda.runs.repository import PromptRepository, TakenSteer
from coda.runs.stream import events
from coda.tools.types import ToolOutcome

_tracer = trace.get_tracer("coda.runs")
_SHORTEST_ANSWER = 64


@dataclass(frozen=True, slots=True)
class Execution:
    """A run that has begun; `ClaimedRun` makes it, whole."""

    claim: Claim
    facts: RunFacts
    model: RunModel
    tools: RunTools
    transcript: Transcript
    progress: Progress
    output: Output
    services: RunServices
    transactions: FencedTransactions

    @property
    def scope(self) -> Scope:
        """Whose data the run sees."""
        return self.transactions.scope

    @property
    def answer(self) -> Answer:
        """The answer that it writes."""
        return self.output.answer

    @property
    def log(self) -> StreamControl:
        """Where its events go."""
        return self.output.log

    def transaction(self, *, locks_run: bool = False) -> AbstractAsyncContextManager[AsyncSession]:
        """One fenced transaction; see `FencedTransactions.fenced`."""
        return self.transactions.fenced(locks_run=locks_run)

    async def flush_steps(self, db: AsyncSession, *, plan: PromptPlan | None = None) -> None:
        """Write what steps have begun and ended since the last time; with a new plan, the answer's tools as well."""
        beginning = Beginning(plan, self.tools.selection, self.services.stored_texts) if plan is not None else None
        await self.progress.steps.flush(db, self.scope, beginning=beginning)

    @asynccontextmanager
    async def node(self, name: str) -> AsyncIterator[Step]:
        """One visit to a node: its step, its events, its span. A visit that is cut stays open for the closing."""
        visit_name, step = self.progress.enter_node(name)
        self.log.append(events.step_started(visit_name))
        with _tracer.start_as_current_span(f"node {name}", attributes={"coda.step": visit_name}):
            yield step
        self.leave_node(visit_name)

    def leave_node(self, visit_name: str) -> None:
        """The visit is over for the watchers."""
        self.progress.leave_node(visit_name)
        self.log.append(events.step_finished(visit_name))

    async def begin_transcript(self, db: AsyncSession) -> AssembledContext:
        """Build the first prompt: anew, or from the plan that an earlier attempt or run of the answer has stored."""
        is_first = self.claim.is_first and not self.claim.resumes
        plan = None if is_first else await PromptRepository(db, self.scope).find_plan(self.facts.root_run_id)
        info, facts = self.model.info, self.facts
        tools = self.tools.specs(info)
        request = ContextRequest(
            db,
            self.scope,
            facts.question_id,
            budget_of(info),
            tools,
            facts.time_zone,
            instructions=facts.params.get("instructions"),
            sees=not self.model.is_blind,
        )
        assembled = await (assemble(request) if plan is None else rebuild(PromptPlan.of(plan), request))
        self.transcript.begin(assembled)
        return assembled

    def next_request(self, *, with_tools: bool) -> ChatRequest:
        """The next model call, from the transcript as it stands; raises PromptTooLong.

        Without tools they are still described, or a provider would refuse the earlier calls in the prompt. The answer
        is limited to what it may still cost.
        """
        prompt = self.transcript.prompt()
        prompt.check()
        request = self._request(prompt, with_tools=with_tools)
        output = self.model.affordable_output(request, self.progress.limits.left_usd, prompt_tokens=prompt.tokens)
        return request if output is None else replace(request, max_output_tokens=max(output, 1))

    def can_pay(self) -> bool:
        """Whether what the answer may still cost is enough to read its prompt and to say something."""
        prompt = self.transcript.prompt()
        request = self._request(prompt, with_tools=True)
        output = self.model.affordable_output(request, self.progress.limits.left_usd, prompt_tokens=prompt.tokens)
        return output is None or output >= _SHORTEST_ANSWER

    def lost_request(self) -> ChatRequest:
        """The model call that a lost attempt has made from the transcript as it stands."""
        return self._request(self.transcript.prompt(), with_tools=True)

    def _request(self, prompt: FittedPrompt, *, with_tools: bool) -> ChatRequest:
        info, owes_call = self.model.info, self.owes_client_call
        is_capped = owes_call and self.progress.limits.reached() is not None
        tools = self.tools.specs(info, only_of_client=is_capped)
        return self.facts.asked.request(prompt.messages, tools, info, with_tools=with_tools, owes_call=owes_call)

    @property
    def owes_client_call(self) -> bool:
        """Whether a tool of the client's has to be called before the answer ends, and none was."""
        calls = list(self.transcript.calls.values())
        return self.facts.asked.must_call and not self.tools.of_client(calls)

    def is_formless(self, *, with_tools: bool) -> bool:
        """Whether the model was asked for a form that it could not keep to yet, for it might have called tools."""
        asked = self.facts.asked
        return asked.has_form and asked.may_call and with_tools and bool(self.tools.specs(self.model.info))

    def plan_turn(self) -> None:
        """Open the steps of the next model call, so that they are written with the present transaction."""
        self.progress.plan_turn(self.facts.model_id)

    def first_token(self) -> None:
        """The answer's first delta of any kind has come: tell the time."""
        ttft_ms = self.progress.timing.first_token()
        FIRST_TOKEN.observe(ttft_ms / 1000)
        self.output.tell_timing({"ttft_ms": ttft_ms, "total_ms": None})

    def read_steers(self, steers: Sequence[TakenSteer]) -> None:
        """The agent reads steers, and watchers see that it does."""
        for steer in steers:
            self.answer.steer(steer.content, steer.id)
            self.transcript.add_steer(steer.content)

    async def invoke(self, call: StoredCall) -> ToolOutcome:
        """Make one tool call, once this process has room for it."""
        async with self.services.tool_gate.place(self.facts.user_id):
            return await self.tools.invoke(call, has_consent=call.id in self.transcript.decisions)

    def cut_call(self) -> None:
        """The model call under way is cut: it counts, with what it has said."""
        cut = self.progress.cut_call()
        if cut is not None and cut.metered is not None:
            cut.step.data.update(turn=self.answer.turn, parts=self.answer.turn_parts())
            cut.step.usage = cut.metered.figures.as_dict()
            self.output.tell_usage(self.progress.usage)

    async def book(self, db: AsyncSession, metered: MeteredUsage, *, step_id: UUID) -> None:
        """Write one model call into the ledger."""
        await self.services.book(db, self.scope, self.facts, metered, step_id=step_id)

    async def book_cut_call(self, db: AsyncSession) -> None:
        """Write a model call that was cut into the ledger."""
        cut = self.progress.unbooked_call
        if cut is not None and cut.metered is not None:
            await self.book(db, cut.metered, step_id=cut.step.id)
