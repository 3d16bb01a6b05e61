"""What counts as an outage of the database, and work that goes on behind one."""

from collections.abc import Iterator

import asyncpg
import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from structlog.testing import capture_logs

from coda.core.db import Database, is_database_outage
from coda.core.db.errors import DatabaseUnavailable
from coda.core.db.outages import through_outage
from coda.core.tasks import unbroken

AWAY = [
    ConnectionRefusedError(),
    FileNotFoundError("no socket"),
    DatabaseUnavailable(),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.ConnectionDoesNotExistError("closed"),
    asyncpg.InterfaceError("connection is closed"),
]
WRONG = [asyncpg.UndefinedTableError("no such table"), asyncpg.UniqueViolationError("twice"), ValueError("x")]


class Action:
    """Fails as told, one error for each try, then gives 42."""

    def __init__(self, *errors: Exception) -> None:
        self.tries = 0
        self._errors: Iterator[Exception] = iter(errors)

    async def __call__(self) -> int:
        self.tries += 1
        for error in self._errors:
            raise error
        return 42


class TestOutage:
    @pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
    def test_a_database_that_does_not_answer_is_one(self, error: Exception) -> None:
        assert is_database_outage(error)

    @pytest.mark.parametrize("error", WRONG, ids=lambda error: type(error).__name__)
    def test_a_statement_that_is_wrong_is_none(self, error: Exception) -> None:
        assert not is_database_outage(error)

    async def test_a_table_that_is_not_there_is_none(self, database: Database) -> None:
        with pytest.raises(ProgrammingError) as caught:
            async with database.transaction(None) as db:
                await db.execute(text("select from no_such_table"))

        assert not is_database_outage(caught.value)

    async def test_a_connection_that_was_ended_is_one(self, database: Database) -> None:
        with pytest.raises(DBAPIError) as caught:
            async with database.transaction(None) as db:
                await db.execute(text("select pg_terminate_backend(pg_backend_pid())"))

        assert is_database_outage(caught.value)


class TestThroughOutage:
    async def test_it_is_done_again_while_the_database_is_away(self) -> None:
        action, noted = Action(*AWAY[:2]), list[Exception]()

        assert await through_outage(action, pauses=(0, 0, 0), note=noted.append) == 42

        assert (action.tries, noted) == (3, AWAY[:2])

    async def test_the_last_try_says_why_it_failed(self) -> None:
        action = Action(*AWAY)

        with pytest.raises(FileNotFoundError):
            await through_outage(action, pauses=(0,), note=lambda _: None)

        assert action.tries == 2

    async def test_what_is_wrong_is_not_done_again(self) -> None:
        action = Action(WRONG[0])

        with pytest.raises(asyncpg.UndefinedTableError):
            await through_outage(action, pauses=(0, 0), note=lambda _: None)

        assert action.tries == 1


class TestUnbroken:
    @pytest.mark.parametrize(("error", "level"), [(AWAY[0], "warning"), (WRONG[0], "error")])
    def test_only_what_is_expected_is_a_warning(self, error: Exception, level: str) -> None:
        with capture_logs() as logged, unbroken(structlog.get_logger(), "beat", is_expected=is_database_outage) as turn:
            raise error

        assert turn.has_failed
        assert [(entry["event"], entry["log_level"]) for entry in logged] == [("beat", level)]
