"""What all sockets of a process share."""

from dataclasses import dataclass, field

from coda.access.authenticator import Authenticator
from coda.access.quotas import Quotas
from coda.core.db import Database
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.registry import ConnectionRegistry
from coda.runs.connections.rights import Rights
from coda.runs.connections.run_commands import RunCommands
from coda.runs.stream.attach import RunStreams


@dataclass(frozen=True, slots=True)
class SocketServices:
    """Commands, streams, rights and the registry of connections, as `app.state.sockets`."""

    commands: RunCommands
    streams: RunStreams
    rights: Rights
    registry: ConnectionRegistry
    limits: SocketLimits = field(default_factory=SocketLimits)
    quotas: Quotas | None = None


def build_socket_services(
    database: Database,
    streams: RunStreams,
    commands: RunCommands,
    authenticator: Authenticator,
    *,
    limits: SocketLimits | None = None,
    quotas: Quotas | None = None,
) -> SocketServices:
    """For the composition root, which starts and closes `registry`."""
    limits = limits or SocketLimits()
    rights = Rights(database, authenticator)
    return SocketServices(commands, streams, rights, ConnectionRegistry(streams.hub, rights, limits), limits, quotas)
