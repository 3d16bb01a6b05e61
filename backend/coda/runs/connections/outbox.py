"""What waits to be sent on one socket: replies first, then what its runs say, in order and once each."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.core.scope import Scope
from coda.runs.connections.catching_up import CatchingUp
from coda.runs.stream.attach import Attachment, RunStreams
from coda.runs.stream.follower import Follower, FramesMissing
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import MAILBOX_LIMIT, Mailbox

_REPLIES_AT_ONCE = 16
_MESSAGE_SIZE = 128 * 1024


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    opens: Attachment | None = None


class Outbox:
    """A bounded queue; when it overflows the reader is too slow, and `on_overflow` is called."""

    def __init__(self, streams: RunStreams, *, on_overflow: Callable[[], None]) -> None:
        self.mailbox = Mailbox(on_overflow=on_overflow)
        self._on_overflow = on_overflow
        self._catching_up = CatchingUp(streams, pass_on=self._pass_on, fail=self.mailbox.wake)
        self._missed: list[str] = []
        self._replies: list[_Reply] = []
        self._taken = asyncio.Event()
        self._attachments: dict[UUID, Attachment] = {}
        self._expected: dict[UUID, list[Sequence[Frame]]] = {}
        self._expected_count = 0
        self._is_finishing = False

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will be sent."""
        return self._is_finishing and not self._replies

    @property
    def followed(self) -> int:
        """How many runs are followed, or about to be."""
        return len(self._attachments.keys() | self._expected.keys())

    @property
    def followed_sessions(self) -> set[UUID]:
        """The chat sessions of these runs; one that is still expected has been read just now."""
        return {_session_of(attachment) for attachment in self._all_attachments()}

    def reply(self, text: str) -> None:
        """Send a control frame."""
        self._add(_Reply(text))

    def expect(self, run_id: UUID) -> None:
        """Keep back what this run says until it is opened, or given up."""
        self._expected.setdefault(run_id, [])

    def give_up(self, run_id: UUID) -> None:
        """What was expected is refused. A run that was followed before still is, and reads what was kept back."""
        if not any(reply.opens and reply.opens.follower.run_id == run_id for reply in self._replies):
            self._release(run_id)
            self.mailbox.put(run_id, ())

    def open(self, text: str, attachment: Attachment) -> None:
        """Send an ack, then what the attachment begins with, then what the run has said meanwhile."""
        self._add(_Reply(text, attachment))

    def detach(self, run_id: UUID) -> None:
        """Follow a run no more."""
        self._release(run_id)
        self._drop(run_id)

    def detach_session(self, session_id: UUID) -> list[UUID]:
        """Follow no run of a chat session any more; gives the runs."""
        attachments = [one for one in self._all_attachments() if _session_of(one) == session_id]
        run_ids = list(dict.fromkeys(attachment.follower.run_id for attachment in attachments))
        for run_id in run_ids:
            self.detach(run_id)
        return run_ids

    def finish(self) -> None:
        """Send what there is, and nothing after it."""
        self._is_finishing = True
        self.mailbox.wake()

    def close(self) -> None:
        """Follow nothing any more."""
        for run_id in list(self._attachments):
            self.detach(run_id)
        for reply in self._replies:
            if reply.opens is not None:
                reply.opens.close()

    async def room(self) -> None:
        """Return once so few replies wait that another command may be read."""
        while len(self._replies) >= _REPLIES_AT_ONCE:
            await self._taken.wait()

    async def take(self, scope: Scope) -> list[str]:
        """Wait for something to send; gives messages of the socket, each a control frame, an event or an array."""
        deliveries = await self.mailbox.take()
        if self._catching_up.failure is not None:
            raise self._catching_up.failure
        messages = self._take_first(scope) if self._missed or self._replies else []
        events: list[str] = []
        for run_id, frames in deliveries:
            events += self._accept(run_id, frames, scope)
        messages += _messages(events)
        return messages

    def _take_first(self, scope: Scope) -> list[str]:
        """What goes before that which has just been said."""
        missed, self._missed = self._missed, []
        return [*_messages(missed), *self._take_replies(scope)]

    def _take_replies(self, scope: Scope) -> list[str]:
        replies, self._replies = self._replies, []
        taken, self._taken = self._taken, asyncio.Event()
        taken.set()
        messages: list[str] = []
        for reply in replies:
            messages.append(reply.text)
            if reply.opens is not None:
                events = [frame.text for frame in reply.opens.frames]
                for frames in self._follow(reply.opens):
                    events += self._accept(reply.opens.follower.run_id, frames, scope)
                messages += _messages(events)
        return messages

    def _add(self, reply: _Reply) -> None:
        self._replies.append(reply)
        if len(self._replies) > MAILBOX_LIMIT:
            self._on_overflow()
        self.mailbox.wake()

    def _follow(self, attachment: Attachment) -> list[Sequence[Frame]]:
        """From now on the run is followed; gives what it has said since it was expected."""
        run_id = attachment.follower.run_id
        if run_id not in self._expected:  # detached again before it was opened
            attachment.close()
            return []
        self._drop(run_id)
        if not attachment.follower.is_over:
            self._attachments[run_id] = attachment
        return self._release(run_id)

    def _all_attachments(self) -> list[Attachment]:
        opening = [reply.opens for reply in self._replies if reply.opens is not None]
        return [*self._attachments.values(), *opening]

    def _drop(self, run_id: UUID) -> None:
        self._catching_up.stop(run_id)
        attachment = self._attachments.pop(run_id, None)
        if attachment is not None:
            attachment.close()

    def _release(self, run_id: UUID) -> list[Sequence[Frame]]:
        kept = self._expected.pop(run_id, [])
        self._expected_count -= len(kept)
        return kept

    def _accept(self, run_id: UUID, frames: Sequence[Frame], scope: Scope) -> list[str]:
        if run_id in self._expected:
            self._keep(run_id, frames)
            return []
        attachment = self._attachments.get(run_id)
        if attachment is None or self._catching_up.keeps(run_id, frames):
            return []
        follower: Follower = attachment.follower
        try:
            fresh = follower.accept(frames)
        except FramesMissing:
            self._catching_up.begin(scope, follower)
            return []
        if follower.is_over:
            self.detach(run_id)
        return [frame.text for frame in fresh]

    def _pass_on(self, follower: Follower, frames: Sequence[Frame]) -> None:
        """What a run had said and this socket had missed."""
        self._missed += [frame.text for frame in frames]
        if follower.is_over:
            self.detach(follower.run_id)
        self.mailbox.wake()

    def _keep(self, run_id: UUID, frames: Sequence[Frame]) -> None:
        self._expected[run_id].append(frames)
        self._expected_count += 1
        if self._expected_count > MAILBOX_LIMIT:
            self._on_overflow()


def _session_of(attachment: Attachment) -> UUID:
    return UUID(attachment.run["session_id"])


def _messages(events: Sequence[str]) -> Sequence[str]:
    """One event as it is, several as an array, very many as several arrays."""
    return list(_arrays(events)) if len(events) > 1 else events


def _arrays(events: Sequence[str]) -> Iterator[str]:
    part: list[str] = []
    size = 0
    for event in events:
        if part and size + len(event) > _MESSAGE_SIZE:
            yield f"[{','.join(part)}]"
            part, size = [], 0
        part.append(event)
        size += len(event)
    if part:
        yield f"[{','.join(part)}]"
