"""The whole agent behind a completion: a run in a chat session of its own, which stays in the caller's list."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from coda.access.principal import Principal
from coda.conversations.parts import text_part
from coda.conversations.schemas import ChatSessionCreate
from coda.conversations.types import NewMessage
from coda.conversations.wiring import session_service, turns
from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.ids import new_id
from coda.gateways.openai_api.errors import AgentRunFailed, AnswerGoesOn, InvalidParameter
from coda.gateways.openai_api.requests import ChatCompletionRequest, chat_messages
from coda.identity.errors import LoginOver
from coda.llm.types import ChatDelta, ChatMessage, FinishReason, MeteredUsage
from coda.runs.connections.errors import CloseCode, RunAccessLost, SocketClosing, TooManyConnections
from coda.runs.connections.feed import RunFeed, open_feed
from coda.runs.connections.registry import ConnectionRegistry
from coda.runs.connections.run_commands import RunCommands
from coda.runs.stream.attach import RunStreams
from coda.runs.types import CONTENT_FILTER, LENGTH_LIMIT, StartRun
from coda.usage.types import UsageFigures

_BETWEEN = "\n\n"
_CUT_BY: Mapping[str, FinishReason] = {LENGTH_LIMIT: "length", CONTENT_FILTER: "content_filter"}
_PARAMS = ("temperature", "top_p", "reasoning_effort")


class AgentCompletion:
    """One run as deltas; the run books its own model calls. A client that leaves stops it, a restart doesn't."""

    def __init__(self, runner: "AgentRunner", principal: Principal, feed: RunFeed, *, run_id: UUID, model: str) -> None:
        self.principal = principal
        self._runner, self._feed, self._run_id, self._model = runner, feed, run_id, model
        self._registration = runner.registry.registered(self)
        self._ended_by: CodaError | None = None
        self._usage: Mapping[str, Any] | None = None
        self._finish: FinishReason = "stop"
        self._is_over = self._is_finished = self._has_text = self._has_reasoning = False

    async def __aiter__(self) -> AsyncIterator[ChatDelta]:
        async for frames in self._feed.frames():
            for frame in frames:
                delta = self._read(orjson.loads(frame.text))
                if delta is not None:
                    yield delta
        if self._ended_by is not None and not self._is_over:
            raise self._ended_by

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """The chat session of the run."""
        return (UUID(self._feed.run["session_id"]),)

    def register(self) -> None:
        """Be told when the process stops, and when the caller's rights are gone; raises TooManyConnections."""
        self._registration.__enter__()

    def disconnect(self, closing: SocketClosing) -> None:
        """End the stream; when the process stops, not before another one had time to bring the answer to its end."""
        if closing.code is CloseCode.RESTART:
            self._end_by(AnswerGoesOn(self._run_id), delay=self._runner.patience())
        else:
            self._end_by(LoginOver())

    def detach_session(self, session_id: UUID) -> None:
        """End the stream: the caller may no longer read the chat."""
        self._end_by(RunAccessLost(self._run_id, session_id))

    def _end_by(self, error: CodaError, *, delay: float = 0.0) -> None:
        if self._ended_by is None:
            self._ended_by = error
            asyncio.get_running_loop().call_later(delay, self._feed.close)

    def send_notes(self, notes: str) -> None:
        """Notes are for sockets."""

    def _read(self, event: Mapping[str, Any]) -> ChatDelta | None:
        match event["type"]:
            case "TEXT_MESSAGE_CONTENT":
                self._has_text = True
                return ChatDelta(text=event["delta"])
            case "REASONING_MESSAGE_CONTENT":
                self._has_reasoning = True
                return ChatDelta(reasoning=event["delta"])
            case "TEXT_MESSAGE_START" if self._has_text:
                return ChatDelta(text=_BETWEEN)
            case "REASONING_MESSAGE_START" if self._has_reasoning:
                return ChatDelta(reasoning=_BETWEEN)
            case "CUSTOM" if event["name"] == "coda.usage":
                self._usage = event["value"]
            case "CUSTOM" if event["name"] == "coda.notice":
                self._finish = _CUT_BY.get(event["value"]["code"], self._finish)
            case "RUN_FINISHED":
                self._is_over = True
                return self._end(event["outcome"])
            case "RUN_ERROR":
                self._is_over = True
                raise AgentRunFailed(code=event["code"], message=event["message"], run_id=self._run_id)
        return None

    def _end(self, outcome: Mapping[str, Any]) -> ChatDelta:
        """A run that waits for a person is over for this wire, which knows no waiting: it says so in words."""
        if outcome["type"] != "interrupt":
            return ChatDelta(finish=self._finish)
        asked = [item["message"] or "" for item in outcome["interrupts"]]
        said = " ".join([*asked, "This answer waits for a person: go on with it in Coda."])
        return ChatDelta(text=f"{_BETWEEN if self._has_text else ''}[{said}]", finish="stop")

    def metered(self) -> MeteredUsage | None:
        """The sums of all the run's model calls."""
        if self._usage is None:
            return None
        provider = self._model.partition("/")[0]
        return MeteredUsage.of(UsageFigures.from_dict(self._usage), provider=provider, model=self._model)

    async def finish(self) -> None:
        """Leave the stream; a run that is not over is asked to stop, if it is the caller who leaves it."""
        self._feed.close()
        if self._is_finished:
            return
        self._is_finished = True
        self._registration.__exit__(None, None, None)
        if not (self._is_over or isinstance(self._ended_by, AnswerGoesOn | RunAccessLost)):
            await self._runner.commands.cancel(self.principal, self._run_id)


@dataclass(frozen=True, slots=True)
class AgentRunner:
    """Starts runs for clients of this wire. `patience`: how long a process that stops waits for others, in seconds."""

    database: Database
    commands: RunCommands
    streams: RunStreams
    registry: ConnectionRegistry
    patience: Callable[[], float]

    async def start(self, principal: Principal, request: ChatCompletionRequest, model: str) -> AgentCompletion:
        """Keep the conversation as a chat session and answer its last message; raises InvalidParameter."""
        request.check_supported()
        if request.tools:
            raise InvalidParameter("tools", "The agent brings its own tools; use the model without the prefix.")
        history = _history(chat_messages(request.messages))
        await self.commands.check_admission(principal)
        session_id, parent_id = await self._keep(principal, history[:-1], model)
        run_id = new_id()
        start = StartRun(
            run_id=run_id,
            message_id=None,
            content=_parts(history[-1]),
            parent_id=parent_id,
            model=model,
            params=_params(request),
        )
        await self.commands.start(principal, session_id, start)
        feed = await open_feed(self.streams, principal.scope, run_id)
        completion = AgentCompletion(self, principal, feed, run_id=run_id, model=model)
        try:
            completion.register()
        except TooManyConnections:
            feed.close()
            await self.commands.cancel(principal, run_id)
            raise
        return completion

    async def _keep(self, principal: Principal, earlier: Sequence[ChatMessage], model: str) -> tuple[UUID, UUID | None]:
        """Store the earlier messages; the session and the message under which the question goes."""
        scope = principal.scope
        async with self.database.transaction(scope) as db:
            chat_session, _ = await session_service(db, scope).create(ChatSessionCreate())
            parent = None
            for message in earlier:
                parent = await turns(db, scope).add(chat_session.id, _earlier(message, model), parent=parent)
            return chat_session.id, parent.id if parent is not None else None


def _history(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Questions and answers in turn, the last one a question. Instructions go before the question that follows."""
    history: list[ChatMessage] = []
    instructions: list[str] = []
    for at, message in enumerate(messages):
        if message.role == "tool" or message.tool_calls:
            raise InvalidParameter(f"messages[{at}]", "The agent makes its tool calls itself.")
        if message.role == "system":
            instructions.append(message.text)
            continue
        text = "\n\n".join([*instructions, message.text])
        instructions = []
        if history and history[-1].role == message.role:
            text = f"{history.pop().text}\n\n{text}"
        history.append(ChatMessage.of(message.role, text))
    if not history or history[-1].role != "user" or not history[-1].text.strip():
        raise InvalidParameter("messages", "The last message must be the user's.")
    return history[1:] if history[0].role == "assistant" else history


def _earlier(message: ChatMessage, model: str) -> NewMessage:
    if message.role == "assistant":
        return NewMessage(new_id(), "assistant", _parts(message), "complete", model=model)
    return NewMessage(new_id(), "user", _parts(message), "complete")


def _parts(message: ChatMessage) -> tuple[dict[str, Any], ...]:
    return (text_part(message.text),)


def _params(request: ChatCompletionRequest) -> dict[str, Any]:
    params = {name: getattr(request, name) for name in _PARAMS}
    params["max_output_tokens"] = request.max_completion_tokens or request.max_tokens
    return {name: value for name, value in params.items() if value is not None}
