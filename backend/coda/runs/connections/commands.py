"""What each frame of a client does. Every command is one short transaction, and none is open between them."""

from contextlib import ExitStack
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.checks import check
from coda.access.principal import Principal
from coda.core.db import DatabaseUnavailable, is_database_outage
from coda.core.errors import CodaError
from coda.runs.connections import frames
from coda.runs.connections.errors import TooManyFollowed
from coda.runs.connections.outbox import Outbox
from coda.runs.connections.services import SocketServices
from coda.runs.stream.attach import Attachment
from coda.runs.stream.follower import Follower
from coda.runs.types import RunKey

_logger = structlog.get_logger(__name__)


class SocketCommands:
    """The commands of one socket. Rights are read anew for each."""

    def __init__(self, services: SocketServices, principal: Principal, outbox: Outbox) -> None:
        self._services, self._principal, self._outbox = services, principal, outbox
        self._commands, self._streams = services.commands, services.streams

    async def handle(self, text: str) -> None:
        """Do what a frame asks for and reply.

        Raises SocketClosing for a frame that cannot be understood, and for somebody who is signed out.
        """
        envelope = frames.read_envelope(text)
        ref = envelope.ref
        try:
            await self._do(frames.read_frame(envelope))
        except CodaError as error:
            self._outbox.reply(frames.refusal(ref, error))
        except (DBAPIError, OSError) as error:
            self._outbox.reply(frames.refusal(ref, _as_refusal(error, envelope.op)))

    async def _do(self, frame: frames.ClientFrame) -> None:
        if isinstance(frame, frames.PingFrame):
            self._outbox.reply(frames.pong(frame.ref))
            return
        if self._services.quotas is not None:
            await self._services.quotas.count_command(self._principal)
        if isinstance(frame, frames.StartFrame):
            await self._start(frame)
            return
        principal = await self._services.rights.of(self._principal)
        check(principal, frame.needs)
        match frame:
            case frames.AttachFrame():
                await self._follow(principal, frame.ref, frame.run_id, after=frame.after)
            case frames.DetachFrame():
                run = await self._streams.read_run(principal.scope, frame.run_id)
                self._outbox.detach(frame.run_id)
                self._outbox.reply(frames.ack(frame.ref, run=run))
            case frames.EditFrame() | frames.RemoveFrame():
                await self._change(principal, frame)
            case _:
                await self._control(principal, frame)

    async def _change(self, principal: Principal, frame: frames.EditFrame | frames.RemoveFrame) -> None:
        """A command to a run that no worker has begun."""
        if isinstance(frame, frames.RemoveFrame):
            await self._commands.remove(principal, frame.run_id)
            self._outbox.detach(frame.run_id)
            self._outbox.reply(frames.ack(frame.ref))
            return
        edited = await self._commands.edit(principal, frame.run_id, frame.parts())
        shown = {"run": edited.run, "message": edited.message, "assistant": edited.assistant}
        self._outbox.reply(frames.ack(frame.ref, **shown))

    async def _control(self, principal: Principal, frame: frames.ControlFrame) -> None:
        """A command to a run. One that makes a new run follows that at once."""
        match frame:
            case frames.CancelFrame():
                run = await self._commands.cancel(principal, frame.run_id)
            case frames.PauseFrame():
                run = await self._commands.pause(principal, frame.run_id)
            case frames.SteerFrame():
                run = await self._commands.steer(principal, frame.run_id, frame.content, frame.id)
            case _:
                await self._go_on(principal, frame)
                return
        self._outbox.reply(frames.ack(frame.ref, run=run))

    async def _go_on(
        self, principal: Principal, frame: frames.ResumeFrame | frames.ContinueFrame | frames.ApproveFrame
    ) -> None:
        self._make_room()
        match frame:
            case frames.ResumeFrame():
                run = await self._commands.resume(principal, frame.run_id)
            case frames.ContinueFrame():
                run = await self._commands.continue_run(principal, frame.run_id)
            case frames.ApproveFrame():
                run = await self._commands.decide(principal, frame.run_id, frame.as_list())
        if run["id"] == str(frame.run_id):
            self._outbox.reply(frames.ack(frame.ref, run=run))
        else:
            await self._follow(principal, frame.ref, UUID(run["id"]), after=0)

    async def _start(self, frame: frames.StartFrame) -> None:
        """Listening begins before the run exists, so that its first event is not missed."""
        request = frame.as_request()
        self._make_room()
        self._outbox.expect(request.run_id)
        with ExitStack() as undo:
            undo.callback(self._outbox.give_up, request.run_id)
            key = RunKey(self._principal.org_id, request.run_id)
            subscription = await self._streams.hub.subscribe(key, self._outbox.mailbox)
            undo.callback(subscription.close)
            started = await self._commands.start(self._principal, frame.session_id, request, refresh=self._read_writer)
            if started.is_new:
                attachment = Attachment(started.run, (), Follower(request.run_id, last_seq=0), subscription)
            else:
                attachment = await self._streams.attach(
                    self._principal.scope, request.run_id, after=0, mailbox=self._outbox.mailbox
                )
                subscription.close()
            undo.pop_all()
        text = frames.ack(frame.ref, run=started.run, message=started.message, assistant=started.assistant)
        self._outbox.open(text, attachment)

    async def _follow(self, principal: Principal, ref: str, run_id: UUID, *, after: int) -> None:
        self._make_room()
        self._outbox.expect(run_id)
        with ExitStack() as undo:
            undo.callback(self._outbox.give_up, run_id)
            attachment = await self._streams.attach(principal.scope, run_id, after=after, mailbox=self._outbox.mailbox)
            undo.pop_all()
        self._outbox.open(frames.ack(ref, run=attachment.run), attachment)

    async def _read_writer(self, db: AsyncSession, principal: Principal) -> Principal:
        principal = await self._services.rights.read(db, principal)
        check(principal, frames.StartFrame.needs)
        return principal

    def _make_room(self) -> None:
        if self._outbox.followed >= self._services.limits.runs_per_socket:
            raise TooManyFollowed(self._services.limits.runs_per_socket)


def _as_refusal(error: DBAPIError | OSError, op: str) -> CodaError:
    if is_database_outage(error):
        return DatabaseUnavailable()
    _logger.error("socket.command_failed", op=op, exc_info=error)
    return CodaError("Something went wrong on the server. It has been logged.")
