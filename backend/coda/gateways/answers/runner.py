"""Starts runs of the agent for clients of other wires, each in a chat session that is kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from coda.access.principal import Principal
from coda.conversations.schemas import ChatSessionCreate
from coda.conversations.types import NewMessage, SessionOrigin
from coda.conversations.wiring import session_service, turns
from coda.core.db import Database
from coda.core.ids import new_id
from coda.gateways.answers.agent import AgentCompletion, FollowedRun
from coda.gateways.answers.agent_params import run_params
from coda.gateways.answers.client_calls import ClientResult, decisions_of, not_waiting, results_at_end
from coda.gateways.answers.completion import Branch, end_safely
from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.answers.history import Entry, history_of
from coda.gateways.answers.pictures import PictureKeeper
from coda.gateways.answers.repeats.service import RepeatedRequests
from coda.gateways.answers.repeats.types import ClaimedRequest, ClientRequest
from coda.llm.types import ChatRequest
from coda.runs.connections.feed import open_feed
from coda.runs.connections.registry import ConnectionRegistry
from coda.runs.connections.run_commands import RunCommands
from coda.runs.execution.asked import AskedOf
from coda.runs.stream.attach import RunStreams
from coda.runs.types import ACTIVE_LEAF, ActiveLeaf, StartRun


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a question goes."""

    session_id: UUID
    parent_id: UUID | ActiveLeaf | None


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """What a client asks of the agent. `origin`: the wire that it asks by. `request`: by what it is known again.
    `stays`: the run goes on when its client leaves.

    With `branch` or `session_id` the conversation is there already: the last message goes below this answer, or below
    the newest one.
    """

    chat: ChatRequest
    model: str
    origin: SessionOrigin
    branch: Branch | None = None
    session_id: UUID | None = None
    request: ClientRequest | None = None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class AgentRunner:
    """Starts runs for clients of this wire. `patience`: how long a process that stops waits for others, in seconds."""

    database: Database
    commands: RunCommands
    streams: RunStreams
    registry: ConnectionRegistry
    patience: Callable[[], float]
    pictures: PictureKeeper

    @property
    def repeats(self) -> RepeatedRequests:
        """What clients have asked lately."""
        return RepeatedRequests(self.database)

    async def start(self, principal: Principal, asked: AgentRequest) -> AgentCompletion:
        """Keep the conversation as a chat session and answer its last message.

        Where the request ends with results of client tools, the answer that waits for them goes on. Raises
        InvalidParameter, and ChatSessionNotFound for what is not the caller's.
        """
        params = run_params(asked.chat)
        results = results_at_end(asked.chat.messages)
        if results:
            return await self._go_on(principal, results, asked)
        pictures = await self.pictures.keep(principal.scope, asked.chat.messages)
        history = history_of(asked.chat.messages, pictures)
        claimed = None if asked.request is None else await self.repeats.claim(principal, asked.request)
        if claimed is None or claimed.state == "new":
            return await self._ask(principal, asked, history, params, claimed)
        has_form = AskedOf(params).has_form
        if claimed.state == "ended":
            claimed = await self._ask_again(principal, asked, params, claimed)
        followed = FollowedRun(claimed.run_id, asked.model, has_form, request=claimed, stays=asked.stays)
        return await self.follow(principal, followed)

    async def _ask(
        self,
        principal: Principal,
        asked: AgentRequest,
        history: Sequence[Entry],
        params: Mapping[str, Any],
        claimed: ClaimedRequest | None,
    ) -> AgentCompletion:
        await self.commands.check_admission(principal)
        place = await self._place(principal, history[:-1], asked, claimed)
        run_id = new_id() if claimed is None else claimed.run_id
        start = StartRun(
            run_id=run_id,
            message_id=None,
            content=tuple(history[-1].parts),
            parent_id=place.parent_id,
            model=asked.model,
            params=params,
        )
        await self.commands.start(principal, place.session_id, start)
        has_form = AskedOf(params).has_form
        followed = FollowedRun(run_id, asked.model, has_form, request=claimed, stays=asked.stays)
        return await self.follow(principal, followed)

    async def _ask_again(
        self, principal: Principal, asked: AgentRequest, params: Mapping[str, Any], claimed: ClaimedRequest
    ) -> ClaimedRequest:
        """The run before ended without an answer: its question is answered again, in its chat."""
        run_id = new_id()
        start = StartRun(
            run_id=run_id,
            message_id=None,
            content=None,
            regenerate=claimed.message_id,
            model=asked.model,
            params=params,
        )
        await self.commands.start(principal, claimed.session_id, start)
        return await self.repeats.follow(principal, claimed, run_id)

    async def leave(self, principal: Principal, followed: FollowedRun) -> None:
        """The client gets no answer; the run stops, unless the same request came again and follows it."""
        if followed.request is None or await self.repeats.leave(principal, followed.request):
            await self.commands.cancel(principal, followed.run_id)

    async def fail(self, principal: Principal, followed: FollowedRun) -> None:
        """The client was told that the run has failed."""
        if followed.request is not None:
            await self.repeats.leave(principal, followed.request)

    async def _go_on(
        self, principal: Principal, results: Sequence[ClientResult], asked: AgentRequest
    ) -> AgentCompletion:
        waiting = await self.commands.find_waiting(principal, [result.call_id for result in results])
        if waiting is None or asked.session_id not in (None, waiting.session_id):
            raise not_waiting(results[0])
        run = await self.commands.decide(principal, waiting.run_id, decisions_of(results, waiting.call_ids))
        followed = FollowedRun(UUID(run["id"]), waiting.model, waiting.has_form, waiting.used, stays=asked.stays)
        return await self.follow(principal, followed)

    async def follow(self, principal: Principal, followed: FollowedRun) -> AgentCompletion:
        """The run from its beginning; raises RunNotFound."""
        feed = None
        try:
            feed = await open_feed(self.streams, principal.scope, followed.run_id)
            completion = AgentCompletion(self, principal, feed, followed)
            completion.register()
        except BaseException:  # whoever cannot follow it leaves no run behind
            if feed is not None:
                feed.close()
            if not followed.stays:
                await end_safely(self.leave(principal, followed))
            raise
        return completion

    async def _place(
        self, principal: Principal, earlier: Sequence[Entry], asked: AgentRequest, claimed: ClaimedRequest | None
    ) -> _Place:
        if asked.branch is not None:
            if earlier:
                raise InvalidParameter("messages", "A continued conversation takes one message: the user's.")
            await self._end_waiting(principal, asked.branch.session_id, asked.branch.message_id)
            return _Place(asked.branch.session_id, asked.branch.message_id)
        if asked.session_id is not None:
            await self._end_waiting(principal, asked.session_id, None)
            return _Place(asked.session_id, ACTIVE_LEAF)
        return await self._keep(principal, earlier, asked, new_id() if claimed is None else claimed.session_id)

    async def _end_waiting(self, principal: Principal, session_id: UUID, message_id: UUID | None) -> None:
        """A client that asks on instead of giving the results of its tools will not give them any more.

        Raises ChatSessionNotFound.
        """
        scope = principal.scope
        async with self.database.transaction(scope) as db:
            chat_session = await session_service(db, scope).get_to_change(session_id)
            above = message_id or chat_session.active_leaf_id
            answer = await turns(db, scope).find_message(session_id, above) if above is not None else None
            run_id = answer.run_id if answer is not None and answer.status == "waiting" else None
        if run_id is not None:
            await self.commands.cancel(principal, run_id)

    async def _keep(
        self, principal: Principal, earlier: Sequence[Entry], asked: AgentRequest, session_id: UUID
    ) -> _Place:
        """Store the earlier messages in a session of their own; twice the same one."""
        scope = principal.scope
        keys = [uuid5(session_id, str(number)) for number in range(len(earlier))]
        async with self.database.transaction(scope) as db:
            sessions = session_service(db, scope)
            _, is_new = await sessions.create(ChatSessionCreate(id=session_id), origin=asked.origin)
            parent = None
            for key, entry in zip(keys, earlier if is_new else (), strict=False):
                made_by = asked.model if entry.role == "assistant" else None
                new = NewMessage(key, entry.role, entry.parts, "complete", model=made_by)
                parent = await turns(db, scope).add(session_id, new, parent=parent)
        return _Place(session_id, keys[-1] if keys else None)
