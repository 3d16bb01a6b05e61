"""The whole agent behind an answer: a run in a chat session of its own, read from its stream."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from coda.access.principal import Principal
from coda.core.errors import CodaError
from coda.gateways.answers.completion import Branch
from coda.gateways.answers.errors import AgentRunFailed, AnswerGoesOn, rights_over
from coda.gateways.answers.repeats.types import ClaimedRequest
from coda.gateways.answers.run_deltas import Event, RunDeltas
from coda.llm.types import ChatDelta, MeteredUsage
from coda.runs.connections.errors import CloseCode, RunAccessLost, SocketClosing
from coda.runs.connections.feed import RunFeed
from coda.usage.types import UsageFigures

if TYPE_CHECKING:
    from coda.gateways.answers.runner import AgentRunner


@dataclass(frozen=True, slots=True)
class FollowedRun:
    """What is known of a run beside its stream; `used`: what its answer had used before this run.

    `request`: the request that it answers, where that may come again. `stays`: it goes on without its client.
    """

    run_id: UUID
    model: str
    has_form: bool = False
    used: UsageFigures | None = None
    request: ClaimedRequest | None = None
    stays: bool = False

    def metered(self, usage: Mapping[str, Any] | None) -> MeteredUsage | None:
        """What this run has used, by the usage that its stream told last."""
        if usage is None:
            return None
        figures = UsageFigures.from_dict(usage)
        if self.used is not None:
            figures = figures.since(self.used)
        return MeteredUsage.of(figures, provider=self.model.partition("/")[0], model=self.model)


class AgentCompletion:
    """One run as deltas; the run books its own model calls. A client that leaves stops it, a restart doesn't."""

    def __init__(self, runner: "AgentRunner", principal: Principal, feed: RunFeed, asked: FollowedRun) -> None:
        self.principal = principal
        self._runner, self._feed, self._asked, self._run_id = runner, feed, asked, asked.run_id
        self._registration = runner.registry.registered(self)
        self._deltas = RunDeltas(has_form=asked.has_form)
        self._ended_by: CodaError | None = None
        self._is_finished = False

    async def __aiter__(self) -> AsyncIterator[ChatDelta]:
        async for _, deltas in self.events():
            for delta in deltas:
                yield delta

    async def events(self) -> AsyncIterator[tuple[Event, Sequence[ChatDelta]]]:
        """The run's events, each with the deltas that are read of it; raises as the deltas do."""
        async for frames in self._feed.frames():
            for frame in frames:
                event = orjson.loads(frame.text)
                yield event, list(self._deltas.read(event))
        if self._deltas.error is not None:
            raise self._failure(self._deltas.error)
        if self._ended_by is not None and not self._deltas.is_over:
            raise self._ended_by

    @property
    def headers(self) -> Mapping[str, str]:
        """Where the answer is kept. Once there is a run, the same request again would ask twice."""
        run = self._feed.run
        return {"Coda-Session-Id": run["session_id"], "Coda-Run-Id": run["id"], "x-should-retry": "false"}

    @property
    def branch(self) -> Branch:
        """The answer that the run writes."""
        return Branch(UUID(self._feed.run["session_id"]), UUID(self._feed.run["message_id"]))

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
            self._end_by(rights_over(self.principal))

    def detach_session(self, session_id: UUID) -> None:
        """End the stream: the caller may no longer read the chat."""
        self._end_by(RunAccessLost(self._run_id, session_id))

    def _end_by(self, error: CodaError, *, delay: float = 0.0) -> None:
        if self._ended_by is None:
            self._ended_by = error
            asyncio.get_running_loop().call_later(delay, self._feed.close)

    def send_notes(self, notes: str) -> None:
        """Notes are for sockets."""

    def _failure(self, event: Mapping[str, Any]) -> AgentRunFailed:
        details = event["metadata"]["coda"].get("details", {})
        return AgentRunFailed(code=event["code"], message=event["message"], details=details, run_id=self._run_id)

    def metered(self) -> MeteredUsage | None:
        """The sums of the model calls that this request has caused."""
        return self._asked.metered(self._deltas.usage)

    @property
    def followed(self) -> FollowedRun:
        """The run."""
        return self._asked

    async def finish(self) -> None:
        """Leave the stream; a run that is not over is asked to stop, if it is the caller who leaves it."""
        self._feed.close()
        if self._is_finished:
            return
        self._is_finished = True
        self._registration.__exit__(None, None, None)
        if self._asked.stays:
            return
        if not (self._deltas.is_over or isinstance(self._ended_by, AnswerGoesOn | RunAccessLost)):
            await self._runner.leave(self.principal, self._asked)
        elif self._deltas.error is not None:
            await self._runner.fail(self.principal, self._asked)
