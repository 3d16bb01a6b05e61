"""Starting a run: one transaction, before which nothing is acknowledged."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import orjson

from coda.conversations.errors import MessageNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.service import TurnService
from coda.conversations.types import UNFINISHED, NewMessage
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.llm.types import ModelInfo
from coda.llm.wiring import ModelHouse
from coda.organizations.principal import Principal
from coda.runs.errors import (
    InvalidParent,
    MessageIdTaken,
    NothingToAnswer,
    RunIdTaken,
)
from coda.runs.line import Admission, Place, WaitingLine
from coda.runs.models import Run
from coda.runs.queue import RunQueue
from coda.runs.repository import RunRepository
from coda.runs.types import ActiveLeaf, StartRun
from coda.usage.types import Holds


@dataclass(frozen=True, slots=True)
class Start:
    """A run as it was stored, with its answer and, unless an answer is regenerated, its question."""

    run: Run
    question: Message | None
    answer: Message
    is_new: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class RunStarter:
    """The one transaction in which a question, its answer and its run come to be."""

    runs: RunRepository
    queue: RunQueue
    line: WaitingLine
    turns: TurnService
    reservations: Holds
    models: ModelHouse
    default_model: Callable[[], Awaitable[str | None]]

    async def start(self, principal: Principal, session_id: UUID, request: StartRun) -> Start:
        """Store the question and queue its run; the same request again gives the same run.

        Under an unfinished answer the run waits for that. Raises ChatSessionNotFound, MessageNotFound, RunIdTaken,
        MessageIdTaken, InvalidParent, NothingToAnswer, RunsBusy, TooManyQueued, and what the gateway says of an
        unknown model.
        """
        chat_session = await self.turns.lock_session(session_id)
        request_hash = _hash(session_id, request)
        known = await self.runs.find_any(request.run_id)
        if known is not None:
            if known.request_hash != request_hash or known.user_id != principal.user_id:
                raise RunIdTaken(request.run_id)
            return await self._again(known, request)
        admission = await self._admit(principal, request)
        model = await self._model(principal.scope, chat_session, request.model)
        question, above = await self._question(chat_session, request)
        after = above if above is not None and above.status in UNFINISHED else None
        answer = await self._answer(chat_session, request, question=question, model=model, is_next=after is None)
        run = _run(principal, request, answer=answer)
        run.request_hash = request_hash
        await self.runs.insert(run)
        await self.queue.enqueue(
            run_id=run.id,
            org_id=principal.org_id,
            user_id=principal.user_id,
            after_message_id=after.id if after else None,
        )
        await self.reservations.hold(run_id=run.id, user_id=principal.user_id, amount_usd=worst_case(model))
        place = await self._place(run.id, admission, is_blocked=after is not None)
        return Start(run, None if request.regenerate else question, answer, is_new=True, place=place)

    async def _admit(self, principal: Principal, request: StartRun) -> Admission:
        admission = await self.line.admission(
            org_id=principal.org_id, user_id=principal.user_id, run_id=request.run_id, message_id=request.message_id
        )
        if admission.is_run_removed:
            raise RunIdTaken(request.run_id)
        if admission.is_message_removed and request.message_id is not None:
            raise MessageIdTaken(request.message_id)
        self.line.check(admission)
        return admission

    async def _place(self, run_id: UUID, admission: Admission, *, is_blocked: bool) -> Place | None:
        """Asked for only where there is something to wait for."""
        if not is_blocked and not self.line.has_to_wait(admission):
            return None
        return (await self.line.places({run_id: "blocked" if is_blocked else "queued"})).get(run_id)

    async def _again(self, run: Run, request: StartRun) -> Start:
        answer = await self._get(run.session_id, run.message_id)
        question = None
        if request.regenerate is None and answer.parent_id is not None:
            question = await self._get(run.session_id, answer.parent_id)
        return Start(run, question, answer, is_new=False)

    async def _model(self, scope: Scope, chat_session: ChatSession, wanted: str | None) -> ModelInfo:
        if wanted is None:
            wanted = await self.models.catalogue.default_model(
                scope, chat_session.last_model, await self.default_model()
            )
        return (await self.models.gateway.open(scope, wanted)).info

    async def _question(self, chat_session: ChatSession, request: StartRun) -> tuple[Message, Message | None]:
        """The question, and the message that it stands under."""
        if request.regenerate is not None:
            answer = await self._get(chat_session.id, request.regenerate)
            if answer.role != "assistant" or answer.parent_id is None:
                raise InvalidParent("Only an answer can be regenerated.")
            question = await self._get(chat_session.id, answer.parent_id)
            above = await self._get(chat_session.id, question.parent_id) if question.parent_id else None
            return question, above
        if not request.content:
            raise NothingToAnswer
        parent = await self._parent(chat_session, request)
        message_id = request.message_id or new_id()
        if request.message_id is not None and await self.turns.is_message_id_taken(message_id):
            raise MessageIdTaken(message_id)
        new = NewMessage(message_id, "user", request.content, "complete")
        return await self.turns.add(chat_session.id, new, parent=parent), parent

    async def _parent(self, chat_session: ChatSession, request: StartRun) -> Message | None:
        is_given = not isinstance(request.parent_id, ActiveLeaf)
        parent_id = request.parent_id if is_given else chat_session.active_leaf_id
        if parent_id is None or isinstance(parent_id, ActiveLeaf):
            return None
        parent = await self._get(chat_session.id, parent_id)
        if parent.role != "assistant":
            raise InvalidParent("A question stands under an answer. To ask it anew, use the parent of the question.")
        return parent

    async def _get(self, session_id: UUID, message_id: UUID) -> Message:
        message = await self.turns.find_message(session_id, message_id)
        if message is None:
            raise MessageNotFound(message_id)
        return message

    async def _answer(
        self, chat_session: ChatSession, request: StartRun, *, question: Message, model: ModelInfo, is_next: bool
    ) -> Message:
        new = NewMessage(new_id(), "assistant", (), "queued", model=model.id, run_id=request.run_id)
        answer = await self.turns.add(chat_session.id, new, parent=question)
        await self.turns.begin(chat_session.id, answer=answer, model=model.id, is_next=is_next)
        return answer


def _run(principal: Principal, request: StartRun, *, answer: Message) -> Run:
    return Run(
        org_id=principal.org_id,
        id=request.run_id,
        session_id=answer.session_id,
        message_id=answer.id,
        user_id=principal.user_id,
        api_key_id=principal.api_key_id,
        root_run_id=request.run_id,
        status="queued",
        model=answer.model,
        params=dict(request.params),
    )


def _hash(session_id: UUID, request: StartRun) -> bytes:
    """What makes two requests of one run id the same request."""
    parent = "active" if isinstance(request.parent_id, ActiveLeaf) else str(request.parent_id)
    content = [str(session_id), str(request.message_id), request.content, parent, str(request.regenerate)]
    return hashlib.sha256(orjson.dumps([*content, request.model, dict(request.params)])).digest()


def worst_case(model: ModelInfo) -> Decimal | None:
    """A whole window read and the longest answer written; None where a price or a size is not known."""
    if model.price is None or model.context_window is None:
        return None
    output = model.max_output_tokens or model.context_window
    cost = model.price.input_per_million * model.context_window + model.price.output_per_million * output
    return cost / 1_000_000
