"""Starting a run: one transaction, before which nothing is acknowledged."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from coda.access.principal import Principal
from coda.conversations.errors import MessageNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.service import TurnService
from coda.conversations.tree import Turn
from coda.conversations.types import UNFINISHED, NewMessage, Part
from coda.core.ids import new_id
from coda.llm.available import AvailableModels
from coda.llm.errors import ImagesRefused
from coda.llm.gateway import Gateway, ResolvedModel
from coda.runs.errors import (
    InvalidParent,
    MessageIdTaken,
    NothingToAnswer,
    RunIdTaken,
)
from coda.runs.models import Run
from coda.runs.queue.admission import AdmissionControl, QueueLoad, QueuePosition
from coda.runs.queue.run_queue import Claim, RunQueue, Slot
from coda.runs.repository import RunRepository
from coda.runs.types import ActiveLeaf, StartRun
from coda.usage.types import Holds


@dataclass(frozen=True, slots=True)
class StartResult:
    """A run as it was stored, and its turn. `claim`: to be executed in the reserved slot after the commit."""

    run: Run
    turn: Turn
    is_new: bool
    position: QueuePosition | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class RunStarter:
    """The one transaction in which a question, its answer and its run come to be.

    `last_used`: finds the model that answered the person last, wherever that was.
    """

    runs: RunRepository
    queue: RunQueue
    admission: AdmissionControl
    turns: TurnService
    reservations: Holds
    gateway: Gateway
    models: AvailableModels
    last_used: Callable[[], Awaitable[str | None]]

    async def start(
        self, principal: Principal, session_id: UUID, request: StartRun, *, slot: Slot | None = None
    ) -> StartResult:
        """Store the question and queue its run; the same request again gives the same run.

        Under an unfinished answer the run waits for that. With a `slot` it is claimed at once, unless others
        wait. Raises ChatSessionNotFound, MessageNotFound, RunIdTaken, MessageIdTaken, InvalidParent, NothingToAnswer,
        RunsBusy, TooManyQueued, and ModelNotFound.
        """
        chat_session = await self.turns.lock_session(session_id)
        load = await self.admission.load(
            user_id=principal.user_id, run_id=request.run_id, message_id=request.message_id
        )
        if load.is_run_known:
            return await self._again(principal, session_id, request)
        self._admit(load, request)
        model = await self._model(chat_session, request.model)
        turn, after = await self._turn(chat_session, request, model=model)
        run = _run(principal, request, answer=turn.answer)
        run.request_hash = _hash(session_id, request)
        is_next = after is None and load.waiting == 0
        claim = await self.queue.enqueue(
            run, after_message_id=after.id if after else None, slot=slot if is_next else None
        )
        await self.reservations.hold(run_id=run.id, user_id=principal.user_id, amount_usd=model.worst_case_usd())
        position = None if claim else await self._position(run.id, load, is_blocked=after is not None)
        return StartResult(run, turn, is_new=True, position=position, claim=claim)

    def _admit(self, load: QueueLoad, request: StartRun) -> None:
        if load.is_run_removed:
            raise RunIdTaken(request.run_id)
        if load.is_message_removed and request.message_id is not None:
            raise MessageIdTaken(request.message_id)
        self.admission.check(load)

    async def _position(self, run_id: UUID, load: QueueLoad, *, is_blocked: bool) -> QueuePosition | None:
        """Asked for only where there is something to wait for."""
        if not is_blocked and not self.admission.must_wait(load):
            return None
        return (await self.admission.positions({run_id: "blocked" if is_blocked else "queued"})).get(run_id)

    async def _again(self, principal: Principal, session_id: UUID, request: StartRun) -> StartResult:
        run = await self.runs.find_any(request.run_id)
        if run is None or run.request_hash != _hash(session_id, request) or run.user_id != principal.user_id:
            raise RunIdTaken(request.run_id)
        answer = await self._get(run.session_id, run.message_id)
        question = None
        if request.regenerate is None and answer.parent_id is not None:
            question = await self._get(run.session_id, answer.parent_id)
        return StartResult(run, Turn(question, answer), is_new=False)

    async def _model(self, chat_session: ChatSession, wanted: str | None) -> ResolvedModel:
        """The model that is named; else the chat's last one, the person's last one, or the default."""
        if not wanted:
            wanted = self.models.default(chat_session.last_model or await self.last_used())
        return self.gateway.open_from(self.models, wanted)

    async def _turn(
        self, chat_session: ChatSession, request: StartRun, *, model: ResolvedModel
    ) -> tuple[Turn, Message | None]:
        """The new turn, and the unfinished answer above it, if there is one."""
        answer = NewMessage(new_id(), "assistant", (), "queued", model=model.info.id, run_id=request.run_id)
        if request.regenerate is not None:
            question, above = await self._known_question(chat_session.id, request.regenerate)
            after = _unfinished(above)
            return await self.turns.answer_again(question, answer, is_next=after is None), after
        if not request.content:
            raise NothingToAnswer
        parent = await self._parent(chat_session, request)
        after = _unfinished(parent)
        content = await self.turns.resolve(request.content)
        check_sight(model, content)
        new = NewMessage(request.message_id or new_id(), "user", content, "complete")
        turn = await self.turns.ask(chat_session.id, new, answer, parent=parent, is_next=after is None)
        if turn is None:
            raise MessageIdTaken(new.id)
        return turn, after

    async def _known_question(self, session_id: UUID, answer_id: UUID) -> tuple[Message, Message | None]:
        """The question of an answer, and the message above it."""
        answer = await self._get(session_id, answer_id)
        if answer.role != "assistant" or answer.parent_id is None:
            raise InvalidParent("Only an answer can be regenerated.")
        question = await self._get(session_id, answer.parent_id)
        return question, await self._get(session_id, question.parent_id) if question.parent_id else None

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


def check_sight(model: ResolvedModel, content: Sequence[Part]) -> None:
    """Raises ImagesRefused for a picture to a model that is known to see none: nothing was stored or asked for yet."""
    if model.is_blind and any(part["type"] == "image" for part in content):
        raise ImagesRefused


def _unfinished(answer: Message | None) -> Message | None:
    return answer if answer is not None and answer.status in UNFINISHED else None


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
        takes_steers=True,
        continues=False,
        last_seq=0,
    )


def _hash(session_id: UUID, request: StartRun) -> bytes:
    """What makes two requests of one run id the same request."""
    parent = "active" if isinstance(request.parent_id, ActiveLeaf) else str(request.parent_id)
    content = [str(session_id), str(request.message_id), request.content, parent, str(request.regenerate)]
    return hashlib.sha256(orjson.dumps([*content, request.model, dict(request.params)])).digest()
