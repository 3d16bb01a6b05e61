"""A question to the whole agent: where it goes, and the answer that is read of its run."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.conversations.parts import text_part
from coda.conversations.schemas import ChatSessionCreate
from coda.conversations.wiring import session_service, turns
from coda.gateways.answers.agent import AgentCompletion, FollowedRun
from coda.gateways.answers.completion import finish_once_open, finish_safely
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.errors import AnswerTookTooLong, ChatWaits, InvalidArguments
from coda.gateways.mcp_server.progress import Progress
from coda.runs.schemas import MAX_QUESTION
from coda.runs.types import StartRun

_STATUS: Final = {"interrupt": "waiting", "cancelled": "stopped"}
_WAITS: Final = "This answer waits for a person, and goes on once they have decided in Coda:"


class Question(BaseModel):
    """The arguments of `ask`."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(
        min_length=1, max_length=MAX_QUESTION, pattern=r"\S", description="What the agent is asked, in any language."
    )
    session_id: UUID | None = Field(
        None, description="The chat to go on in, as an answer before has named it. A new chat without it."
    )
    model: str | None = Field(
        None, max_length=500, description="The model, `provider/name`. Without it the chat's last one, or the default."
    )

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Self:
        """Read the arguments; raises InvalidArguments."""
        try:
            return cls.model_validate(arguments)
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(step) for step in problem["loc"])
            raise InvalidArguments(f"{place}: {problem['msg']}.") from None


class Answer(BaseModel):
    """What is told of an answer beside its text. `waiting`: it goes on once a person has decided at `link`."""

    session_id: UUID
    message_id: UUID
    run_id: UUID
    model: str
    status: str = Field(description="`done`, `waiting` for a person, or `stopped` by one.")
    link: str
    usage: dict[str, Any] | None = None


class ReadAnswer:
    """The answer so far. What the run takes back of it was never said."""

    def __init__(self) -> None:
        self.status = "done"
        self.usage: Mapping[str, Any] | None = None
        self._texts: dict[str, list[str]] = {}
        self._asked: list[str] = []

    @property
    def text(self) -> str:
        """What was said, and what a person is asked."""
        texts = ("".join(pieces) for pieces in self._texts.values())
        return "\n\n".join([*(text for text in texts if text), *self._asked])

    def read(self, event: Mapping[str, Any]) -> None:
        """The next event of the run."""
        match event["type"]:
            case "TEXT_MESSAGE_CONTENT":
                self._texts.setdefault(event["messageId"], []).append(event["delta"])
            case "CUSTOM":
                self._read_custom(event["name"], event["value"])
            case "RUN_FINISHED":
                outcome = event["outcome"]
                self.status = _STATUS.get(outcome["type"], "done")
                self._asked = [item["message"] for item in outcome.get("interrupts") or () if item["message"]]

    def _read_custom(self, name: str, value: Mapping[str, Any]) -> None:
        if name == "coda.usage":
            self.usage = value
        elif name == "coda.discard":
            for message_id in value["message_ids"]:
                self._texts.pop(message_id, None)


@dataclass(frozen=True, slots=True)
class Asking:
    """One question of one caller's; `run_id` is known to its client by the id of its request."""

    caller: McpCaller
    question: Question
    run_id: UUID

    async def answer(self, progress: Progress) -> tuple[str, Answer]:
        """The answer's text and what belongs to it. Whoever leaves, or waits too long, ends the run.

        Raises MissingKeyScope, ReadOnly, ModelNotFound, ChatSessionNotFound, ChatWaits, RunsBusy, TooManyQueued,
        AnswerTookTooLong, and the error that ended the run.
        """
        check(self.caller.principal, Permission.RUNS_WRITE)
        completion = await self._open()
        read = ReadAnswer()
        limit = self.caller.settings.runs.max_duration.total_seconds()
        deadline = asyncio.timeout(limit)
        try:
            async with deadline:
                async for event, _ in completion.events():
                    read.read(event)
                    await progress.tell(event)
        except TimeoutError:
            if not deadline.expired():
                raise
            raise AnswerTookTooLong(limit, self._link(completion)) from None
        finally:
            await finish_safely(completion)
        return self._told(completion, read)

    async def _open(self) -> AgentCompletion:
        """The run, followed. A client that leaves meanwhile leaves no run behind."""
        opening = asyncio.create_task(self._start())
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            finish_once_open(opening)
            raise

    async def _start(self) -> AgentCompletion:
        caller, question = self.caller, self.question
        commands = caller.agents.commands
        if question.model is not None:
            await caller.gateway.open(caller.principal.scope, question.model)  # before anything is stored for it
        await commands.check_admission(caller.principal)
        session_id = await self._session()
        start = StartRun(self.run_id, None, (text_part(question.question),), model=question.model)
        started = await commands.start(caller.principal, session_id, start)
        return await caller.agents.follow(caller.principal, FollowedRun(self.run_id, started.run["model"]))

    async def _session(self) -> UUID:
        """The chat of the question, made where none is named: twice the same one."""
        wanted, scope = self.question.session_id, self.caller.principal.scope
        async with self.caller.database.transaction(scope) as db:
            sessions = session_service(db, scope)
            if wanted is None:
                made, _ = await sessions.create(ChatSessionCreate(id=uuid5(self.run_id, "session")), origin="mcp")
                return made.id
            chat_session = await sessions.get_to_change(wanted)
            if chat_session.active_leaf_id is not None:
                answer = await turns(db, scope).find_message(wanted, chat_session.active_leaf_id)
                if answer is not None and answer.status == "waiting" and answer.run_id != self.run_id:
                    raise ChatWaits(wanted, self.caller.chat_link(wanted))
            return wanted

    def _link(self, completion: AgentCompletion) -> str:
        return self.caller.chat_link(completion.branch.session_id)

    def _told(self, completion: AgentCompletion, read: ReadAnswer) -> tuple[str, Answer]:
        link = self._link(completion)
        text = f"{read.text}\n\n{_WAITS} {link}" if read.status == "waiting" else read.text
        return text, Answer(
            session_id=completion.branch.session_id,
            message_id=completion.branch.message_id,
            run_id=self.run_id,
            model=completion.followed.model,
            status=read.status,
            link=link,
            usage=None if read.usage is None else dict(read.usage),
        )
