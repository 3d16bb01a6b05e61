"""Rights are re-read as long as anybody is connected, whatever happens meanwhile."""

from collections.abc import Sequence
from datetime import timedelta

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.assembly import Process
from coda.core.db import Database, DatabaseUnavailable
from coda.core.ids import new_id
from coda.runs.connections.errors import SocketClosing
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.rights import Rights
from coda.runs.connections.seats import Seats
from coda.runs.stream.hub.memory import MemoryHub
from tests.runs.waiting import until


class Visitor:
    """Somebody connected."""

    def __init__(self) -> None:
        self.principal = Principal(new_id(), new_id(), Role.MEMBER, is_operator=False, login_id=new_id())
        self.closings: list[SocketClosing] = []

    def dismiss(self, closing: SocketClosing) -> None:
        self.closings.append(closing)

    def tell(self, notes: str) -> None:
        raise AssertionError(notes)


class AwayFirst(Rights):
    """A database that does not answer at first."""

    def __init__(self, database: Database, authenticator: Authenticator) -> None:
        super().__init__(database, authenticator)
        self.asked = 0

    async def list_valid(self, principals: Sequence[Principal]) -> set[Principal]:
        self.asked += 1
        if self.asked < 3:
            raise DatabaseUnavailable
        return await super().list_valid(principals)


async def test_a_database_away_does_not_end_the_rereading(process: Process) -> None:
    rights = AwayFirst(process.database, process.authenticator)
    seats = Seats(MemoryHub(), rights, SocketLimits(rights_reread=timedelta(milliseconds=10)))
    seats.start()
    visitor = Visitor()

    with seats.taken(visitor):
        await until(lambda: bool(visitor.closings))

    assert visitor.closings[0].code == 4401
    await seats.close()
