"""Starts and continues runs for clients of AG-UI: a thread is a chat session, a run is a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coda.access.principal import Principal
from coda.conversations.parts import text_of, text_part
from coda.core.db import Database
from coda.gateways.ag_ui.decisions import decision_of, result_of
from coda.gateways.ag_ui.errors import InterruptsOpen, InterruptUnknown, NothingToRun, QuestionTooLong
from coda.gateways.ag_ui.ids import own_or_derived, uuid_of
from coda.gateways.ag_ui.imports import text_of_message
from coda.gateways.ag_ui.instructions import instructions_of
from coda.gateways.ag_ui.schemas import AgUiMessage, AgUiResume, RunAgentInput
from coda.gateways.ag_ui.sessions import Threads
from coda.llm.gateway import Gateway
from coda.runs.connections.feed import RunFeed, open_feed
from coda.runs.connections.run_commands import RunCommands
from coda.runs.errors import RunIdTaken, RunNotFound
from coda.runs.schemas import MAX_QUESTION
from coda.runs.stream.attach import RunStreams
from coda.runs.types import CLIENT_TOOL, StartRun


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """A run, from its beginning on. `is_known`: the same request was made before."""

    feed: RunFeed
    is_known: bool


@dataclass(frozen=True, slots=True)
class AgUiService:
    """The one use case of this wire."""

    database: Database
    commands: RunCommands
    streams: RunStreams
    gateway: Gateway

    async def open(self, principal: Principal, given: RunAgentInput) -> FollowedRun:
        """Start the run that is asked for, or find it, and follow it from its beginning.

        Raises NothingToRun, QuestionTooLong, UnreadableContent, InterruptsOpen, InterruptUnknown, ModelNotFound, and
        what a start or a decision raises.
        """
        run_id = own_or_derived(given.run_id, principal.user_id, "run", given.thread_id)
        if await self._is_known(principal, run_id, given):
            return await self._follow(principal, run_id, is_known=True)
        if given.resume:
            return await self._follow(principal, await self._resume(principal, given.thread_id, given.resume))
        results = _results(given.messages)
        if results:
            return await self._follow(principal, await self._go_on(principal, given.thread_id, results))
        if not given.messages or not _is_question(given.messages[-1]):
            raise NothingToRun
        is_known = not await self._ask(principal, run_id, given)
        return await self._follow(principal, run_id, is_known=is_known)

    async def _is_known(self, principal: Principal, run_id: UUID, given: RunAgentInput) -> bool:
        """Whether this request was made before; raises RunIdTaken where its id was another's."""
        try:
            run = await self.streams.read_run(principal.scope, run_id)
        except RunNotFound:
            return False
        threads, session_id = Threads(self.database, principal), UUID(run["session_id"])
        question = await threads.question_of(session_id, UUID(run["message_id"]))
        asked = next((message for message in reversed(given.messages) if message.role == "user"), None)
        is_elsewhere = session_id not in threads.keys_of(given.thread_id)
        if is_elsewhere or question is None or asked is None or text_of(question.content) != text_of_message(asked):
            raise RunIdTaken(run_id)
        return True

    async def _ask(self, principal: Principal, run_id: UUID, given: RunAgentInput) -> bool:
        """Put the question where it belongs in its thread; False where the same request came first."""
        question = given.messages[-1]
        length = len(text_of_message(question))
        if length > MAX_QUESTION:
            raise QuestionTooLong(length, MAX_QUESTION)
        await self.commands.check_admission(principal)
        if given.model is not None:
            await self.gateway.open(principal.scope, given.model)  # before anything is stored or ended for it
        session_id, placement = await Threads(self.database, principal).place(given)
        if placement.waiting_run_id is not None:
            await self._end_waiting(principal, placement.waiting_run_id)
        is_again = placement.regenerate is not None
        start = StartRun(
            run_id=run_id,
            message_id=None if is_again else placement.message_id,
            content=None if is_again else (text_part(text_of_message(question)),),
            parent_id=placement.parent_id,
            regenerate=placement.regenerate,
            model=given.model,
            params=_params(given),
        )
        try:
            await self.commands.start(principal, session_id, start)
        except RunIdTaken:  # twice at the same moment: the other one was first, and has changed the thread
            if not await self._is_known(principal, run_id, given):
                raise
            return False
        return True

    async def _end_waiting(self, principal: Principal, run_id: UUID) -> None:
        """Who asks on gives no results of client tools any more; raises InterruptsOpen where a decision is awaited."""
        run = await self.streams.read_run(principal.scope, run_id)
        if any(item["reason"] != CLIENT_TOOL for item in run["interrupts"] or ()):
            raise InterruptsOpen(UUID(run["session_id"]))
        await self.commands.cancel(principal, run_id)

    async def _resume(self, principal: Principal, thread_id: str, answers: Sequence[AgUiResume]) -> UUID:
        """Go on by the answers to the interrupts of a run of this thread; gives the run that does."""
        waiting = await self.commands.find_interrupted(principal, answers[0].interrupt_id)
        if waiting is None or not self._is_in(principal, thread_id, waiting.session_id):
            raise InterruptUnknown
        by_id = {answer.interrupt_id: answer for answer in answers}
        if not by_id.keys() <= {item["id"] for item in waiting.interrupts}:
            raise InterruptUnknown
        calls = [item for item in waiting.interrupts if item["tool_call_id"]]
        if not calls:
            return UUID((await self.commands.resume(principal, waiting.run_id))["id"])
        decisions = [decision_of(by_id[item["id"]], item["tool_call_id"]) for item in calls if item["id"] in by_id]
        return UUID((await self.commands.decide(principal, waiting.run_id, decisions))["id"])

    async def _go_on(self, principal: Principal, thread_id: str, results: Sequence[AgUiMessage]) -> UUID:
        """Go on with the results of calls that the client has made in this thread; gives the run that does."""
        by_call = {call_id: result for result in results if (call_id := uuid_of(result.tool_call_id or ""))}
        waiting = await self.commands.find_waiting(principal, list(by_call)) if by_call else None
        if waiting is None or not self._is_in(principal, thread_id, waiting.session_id):
            raise NothingToRun
        decisions = [result_of(by_call.get(call_id), call_id) for call_id in sorted(waiting.call_ids)]
        return UUID((await self.commands.decide(principal, waiting.run_id, decisions))["id"])

    def _is_in(self, principal: Principal, thread_id: str, session_id: UUID) -> bool:
        return session_id in Threads(self.database, principal).keys_of(thread_id)

    async def _follow(self, principal: Principal, run_id: UUID, *, is_known: bool = False) -> FollowedRun:
        return FollowedRun(await open_feed(self.streams, principal.scope, run_id), is_known)


def _results(messages: Sequence[AgUiMessage]) -> list[AgUiMessage]:
    """The results at the end of the conversation, behind which nothing was said."""
    results: list[AgUiMessage] = []
    for message in reversed(messages):
        if message.role != "tool":
            break
        results.append(message)
    return results


def _is_question(message: AgUiMessage) -> bool:
    return message.role == "user" and bool(text_of_message(message).strip())


def _params(given: RunAgentInput) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if told := instructions_of(given):
        params["instructions"] = told
    if given.tools:
        params["client_tools"] = [tool.spec() for tool in given.tools]
    return params
