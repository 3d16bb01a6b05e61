"""What all sockets of a process share."""

from dataclasses import dataclass, field

from coda.core.db import Database
from coda.runs.socket.limits import SocketLimits
from coda.runs.socket.rights import Rights
from coda.runs.socket.seats import Seats
from coda.runs.stream.attach import RunStreams
from coda.runs.types import RunCommands


@dataclass(frozen=True, slots=True)
class SocketHouse:
    """Commands, streams, rights and seats, as `app.state.sockets`."""

    commands: RunCommands
    streams: RunStreams
    rights: Rights
    seats: Seats
    limits: SocketLimits = field(default_factory=SocketLimits)


def build_sockets(
    database: Database, streams: RunStreams, commands: RunCommands, *, limits: SocketLimits | None = None
) -> SocketHouse:
    """For the composition root, which starts and closes `seats`."""
    limits = limits or SocketLimits()
    rights = Rights(database)
    return SocketHouse(commands, streams, rights, Seats(streams.hub, rights, limits), limits)
