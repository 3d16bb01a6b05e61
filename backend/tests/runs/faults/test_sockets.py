"""A database that is slow, silent or short of connections refuses single commands; sockets that work stay open."""

import asyncio
from datetime import timedelta

import pytest

from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.connections.services import build_socket_services
from tests.runs.conftest import Person
from tests.runs.faults.asking import PATIENCE, assert_seen_as_stored, begin, heard
from tests.runs.faults.conftest import Wires
from tests.runs.site import Line, Site
from tests.runs.waiting import until

LONG = "openai/paced-n150-d20"


async def refused(line: Line) -> str:
    """The code of the error that a command which needs the database gets."""
    reply = await line.ask("attach", run_id=new_id(), after=0)
    return str(reply["error"]["code"])


class TestWithASilentDatabase:
    async def test_a_socket_stays_and_gets_the_whole_answer(self, site: Site, person: Person, wires: Wires) -> None:
        async with site.line(person) as line:
            ack = await begin(line, person, model=LONG)
            await heard(line, words=5)

            wires.database.go_silent()
            wires.redis.reset()  # now what came meanwhile has to be read from Postgres
            for _ in range(20):
                assert (await line.ask("ping"))["op"] == "pong"
            for _ in range(2):
                assert await refused(line) == "core.database_unavailable"
            wires.database.heal()

            seen = await asyncio.wait_for(line.until_end(ack["run"]["id"]), PATIENCE)
            assert line.connection.close_code is None
        await assert_seen_as_stored(person, ack, seen)

    async def test_who_comes_in_is_asked_to_try_again(self, site: Site, person: Person, wires: Wires) -> None:
        token, _ = await site.sign_in(person)
        wires.database.go_silent()
        async with site.line(token=token) as line:
            assert await line.close_code() == 1013
        wires.database.heal()
        async with site.line(token=token) as line:
            assert (await line.ask("ping"))["op"] == "pong"


class TestAHerd:
    """Everybody comes back at once, and there are two connections to the database."""

    CROWD = 150

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"database_pool_size": 2})

    @pytest.fixture
    def database_timeout(self) -> timedelta:
        return timedelta(seconds=15)

    async def test_is_let_in_and_stays(self, site: Site, person: Person) -> None:
        process = site.process
        site.app.state.sockets = build_socket_services(
            process.database, process.streams, process.run_commands, process.authenticator
        )
        token, _ = await site.sign_in(person)

        async def visit() -> int | None:
            async with site.line(token=token, open_timeout=PATIENCE) as line:
                missing = await line.ask("attach", run_id=new_id(), after=0)
                assert missing["error"]["code"] == "runs.not_found"
                inside.append(line)
                await until(lambda: len(inside) == self.CROWD, within=PATIENCE)
                return line.connection.close_code

        inside: list[Line] = []
        assert set(await asyncio.gather(*(visit() for _ in range(self.CROWD)))) == {None}
