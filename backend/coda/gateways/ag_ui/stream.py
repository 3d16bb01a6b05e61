"""A run's frames as a client of AG-UI gets them: Coda's own events, under the ids that the client has given."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from coda.access.principal import Principal
from coda.core.errors import CodaError
from coda.gateways.ag_ui.decisions import APPROVAL_SCHEMA
from coda.gateways.ag_ui.errors import RunGoesOn
from coda.gateways.ag_ui.schemas import AgUiMessage, RunAgentInput
from coda.gateways.ag_ui.service import FollowedRun
from coda.gateways.ag_ui.told import ToldMessages, takes_back, without_answer
from coda.gateways.answers.errors import rights_over
from coda.runs.connections.errors import CloseCode, RunAccessLost, SocketClosing
from coda.runs.connections.feed import RunFeed
from coda.runs.stream.events import run_error
from coda.runs.stream.frames import dump
from coda.runs.types import CLIENT_TOOL

_RESULT: Final = '{"type":"TOOL_CALL_RESULT"'
_LIFECYCLE: Final = ('{"type":"RUN_STARTED"', '{"type":"RUN_FINISHED"')


class FollowedConnection:
    """A reader of one run's events. The run does not end with it."""

    def __init__(self, principal: Principal, feed: RunFeed) -> None:
        self.principal = principal
        self._feed = feed
        self._ended_by: CodaError | None = None

    @property
    def ended_by(self) -> CodaError:
        """Why the stream ended before the run."""
        return self._ended_by or RunGoesOn(UUID(self._feed.run["id"]))

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """The chat session of the run."""
        return (UUID(self._feed.run["session_id"]),)

    def disconnect(self, closing: SocketClosing) -> None:
        """End the stream: the process stops, or the caller's rights are gone."""
        is_restart = closing.code is CloseCode.RESTART
        self._end_by(RunGoesOn(UUID(self._feed.run["id"])) if is_restart else rights_over(self.principal))

    def detach_session(self, session_id: UUID) -> None:
        """End the stream: the caller may no longer read the chat."""
        self._end_by(RunAccessLost(UUID(self._feed.run["id"]), session_id))

    def send_notes(self, notes: str) -> None:
        """Notes are for sockets."""

    def _end_by(self, error: CodaError) -> None:
        if self._ended_by is None:
            self._ended_by = error
            asyncio.get_running_loop().call_soon(self._feed.close)


class EventWriter:
    """Writes one run's events for the client that sent this input."""

    def __init__(self, given: RunAgentInput, followed: FollowedRun) -> None:
        self._given = given
        known = self._known_before(given.messages, followed)
        self._retells = len(known) < len(given.messages)
        self._told = ToldMessages(known)
        self._own_results = {message.tool_call_id for message in known if message.role == "tool"}

    def blocks(self, frames: Sequence[str]) -> bytes:
        """Frames as server-sent events."""
        return b"".join(_block(text) for frame in frames for text in self._rendered(frame))

    def error(self, error: CodaError) -> bytes:
        """The last event of a stream that ends before its run."""
        event = run_error(code=error.code, message=error.message, details=error.details)
        return _block(dump(event))

    def _rendered(self, frame: str) -> list[str]:
        if frame.startswith(_RESULT) and orjson.loads(frame)["toolCallId"] in self._own_results:
            return []  # the client has made this call, and has its result
        self._told.add(frame)
        if takes_back(frame):
            return [frame, dump(self._told.snapshot())]
        if not frame.startswith(_LIFECYCLE):
            return [frame]
        event = orjson.loads(frame)
        event |= {"threadId": self._given.thread_id, "runId": self._given.run_id}
        event.pop("parentRunId", None)  # a name of Coda's, which the client has not given
        if event["type"] == "RUN_FINISHED":
            event["outcome"] = outcome_of(event["outcome"])
        elif self._retells:
            return [dump(event), dump(self._told.snapshot())]
        return [dump(event)]

    @staticmethod
    def _known_before(given: Sequence[AgUiMessage], followed: FollowedRun) -> Sequence[AgUiMessage]:
        """The client's messages without what this run tells again from its beginning."""
        run = followed.feed.run
        if not followed.is_known or run["parent_run_id"] is not None:
            return given
        return without_answer(given, UUID(run["message_id"]))


async def frames_of(feed: RunFeed, connection: FollowedConnection, writer: EventWriter) -> AsyncIterator[bytes]:
    """The run's events to its end; raises why the stream ends before."""
    async for frames in feed.frames():
        yield writer.blocks([frame.text for frame in frames])
    if not feed.is_over:
        raise connection.ended_by


def outcome_of(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a run ended. Where the client is to make calls, it is done for now; what a decision looks like is told."""
    if outcome["type"] != "interrupt":
        return outcome
    interrupts = outcome["interrupts"]
    if all(item["reason"] == CLIENT_TOOL for item in interrupts):
        return {"type": "success"}
    return {**outcome, "interrupts": [_answerable(item) for item in interrupts]}


def _answerable(interrupt: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**interrupt, "responseSchema": APPROVAL_SCHEMA} if interrupt["reason"] == "approval" else interrupt


def _block(text: str) -> bytes:
    return f"data: {text}\n\n".encode()
