"""The embedded Postgres: first start, second start, and everything that can be in its way."""

import asyncio
import os
import shutil
import signal
import stat
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from coda.core.db.external import libpq_url
from coda.core.postgres import (
    DataFolderInUse,
    DataFolderUnsuitable,
    EmbeddedPostgres,
    EmbeddedPostgresFailed,
    PostgresVersionMismatch,
)
from coda.core.postgres import folder as folder_module
from coda.core.postgres.folder import filesystem_of
from coda.core.postgres.server import WATCH_INTERVAL


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder in a place that only this account may enter, as `mktemp -d` makes it."""
    parent = Path(tempfile.mkdtemp(prefix="coda-pg-"))
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture(scope="module")
async def used_dir() -> AsyncIterator[Path]:
    """A folder that Coda has run on before."""
    parent = Path(tempfile.mkdtemp(prefix="coda-pg-"))
    async with EmbeddedPostgres(parent / "data", durable=False):
        pass
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
async def started(used_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(used_dir, durable=False)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def postgres(data_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_dir, durable=False)
    yield server
    await server.stop()


async def ask(url: str, query: str) -> object:
    connection = await asyncpg.connect(libpq_url(url))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def answer_within(seconds: float, url: str) -> object:
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await ask(url, "select 1")
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)


def is_running(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


class TestFirstStart:
    async def test_gives_three_logins_without_power_over_row_security(self, postgres: EmbeddedPostgres) -> None:
        urls = await postgres.start()

        for url, role in ((urls.owner, "coda_owner"), (urls.app, "coda_app"), (urls.system, "coda_system")):
            assert await ask(url, "select current_user") == role
            powers = "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = "
            assert await ask(url, f"{powers} current_user") is False

    async def test_has_pgvector_and_no_tcp(self, postgres: EmbeddedPostgres) -> None:
        urls = await postgres.start()

        assert await ask(urls.owner, "select '[1,2]'::vector::text") == "[1,2]"
        assert await ask(urls.owner, "show listen_addresses") == ""

    async def test_keeps_passwords_and_socket_to_itself(self, postgres: EmbeddedPostgres, data_dir: Path) -> None:
        urls = await postgres.start()

        folder = data_dir / "postgres"
        assert stat.S_IMODE((folder / "passwords.json").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
        assert (folder / "data" / ".s.PGSQL.5432").is_socket()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(urls.app.replace(urls.app.split(":")[2].split("@")[0], "wrong"), "select 1")

    async def test_a_broken_first_start_leaves_no_cluster_and_heals(self, data_dir: Path) -> None:
        left_over = data_dir / "postgres" / "data.new-0000"
        left_over.mkdir(parents=True)
        (left_over / "PG_VERSION").write_text("18\n")

        async with EmbeddedPostgres(data_dir, durable=False) as postgres:
            assert await ask(postgres.urls().app, "select 1") == 1
        assert not left_over.exists()


class TestNextStart:
    async def test_keeps_data_and_passwords(self, used_dir: Path) -> None:
        async with EmbeddedPostgres(used_dir, durable=False) as postgres:
            first = postgres.urls()
            await ask(first.owner, "create table kept (x int)")
        async with EmbeddedPostgres(used_dir, durable=False) as postgres:
            assert postgres.urls() == first
            assert await ask(first.owner, "select count(*) from kept") == 0

    async def test_is_quick(self, used_dir: Path) -> None:
        clock = asyncio.get_running_loop().time
        took = []
        for _ in range(3):
            started = clock()
            async with EmbeddedPostgres(used_dir):
                took.append(clock() - started)
        assert min(took) < 0.5

    async def test_ignores_a_stale_pid_file_whose_number_is_used_again(self, used_dir: Path) -> None:
        (used_dir / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{used_dir}\n")

        async with EmbeddedPostgres(used_dir, durable=False) as postgres:
            assert await ask(postgres.urls().app, "select 1") == 1

    async def test_reaches_a_folder_too_deep_for_a_socket(self, data_dir: Path) -> None:
        deep = data_dir / ("deep-" * 12) / ("deeper-" * 12)

        async with EmbeddedPostgres(deep, durable=False) as postgres:
            short = Path(postgres.urls().app.split("host=")[1])
            assert await ask(postgres.urls().app, "select 1") == 1
        assert not short.parent.exists()


class TestTwoStarts:
    async def test_the_second_says_so(self, started: EmbeddedPostgres, used_dir: Path) -> None:
        with pytest.raises(DataFolderInUse, match=f"already running on {used_dir}"):
            await EmbeddedPostgres(used_dir).start()
        assert is_running(started.pid)

    async def test_a_command_shares_the_running_server(self, started: EmbeddedPostgres, used_dir: Path) -> None:
        async with EmbeddedPostgres(used_dir) as beside:
            assert beside.urls() == started.urls()
            assert beside.pid is None
        assert await ask(started.urls().app, "select 1") == 1

    async def test_a_command_alone_starts_and_stops_one(self, used_dir: Path) -> None:
        async with EmbeddedPostgres(used_dir, durable=False) as alone:
            pid = alone.pid
            assert is_running(pid)
        assert not is_running(pid)


class TestAfterAKill:
    START_AND_WAIT = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from coda.core.postgres import EmbeddedPostgres

        async def main():
            postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
            await postgres.start()
            print(postgres.pid, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """)

    async def test_of_coda_the_orphan_is_adopted(self, used_dir: Path) -> None:
        coda = await asyncio.create_subprocess_exec(
            sys.executable, "-c", self.START_AND_WAIT, str(used_dir), stdout=asyncio.subprocess.PIPE
        )
        assert coda.stdout is not None
        orphan = int(await coda.stdout.readline())
        coda.kill()
        await coda.wait()
        assert is_running(orphan)

        async with EmbeddedPostgres(used_dir) as postgres:
            assert postgres.pid == orphan
            assert await ask(postgres.urls().app, "select 1") == 1
        assert not is_running(orphan)

    async def test_ctrl_c_in_the_terminal_does_not_reach_postgres(self, started: EmbeddedPostgres) -> None:
        assert started.pid is not None
        assert os.getsid(started.pid) != os.getsid(0)

    async def test_of_postgres_it_is_started_again(self, started: EmbeddedPostgres) -> None:
        urls = started.urls()
        watching = asyncio.create_task(started.watch())
        killed = started.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)

        assert await answer_within(20, urls.app) == 1
        assert started.pid != killed
        watching.cancel()

    async def test_is_not_what_a_server_that_stands_still_is_taken_for(self, started: EmbeddedPostgres) -> None:
        urls, stalled = started.urls(), started.pid
        assert stalled is not None
        os.kill(stalled, signal.SIGSTOP)
        watching = asyncio.create_task(started.watch())
        await asyncio.sleep(3 * WATCH_INTERVAL)  # it has looked at least twice
        os.kill(stalled, signal.SIGCONT)

        assert await answer_within(20, urls.app) == 1
        assert not watching.done()
        assert started.pid == stalled
        watching.cancel()


class TestRefusals:
    async def test_of_a_file_in_place_of_the_folder(self, data_dir: Path) -> None:
        with pytest.raises(DataFolderUnsuitable, match="not a folder"):
            await EmbeddedPostgres(Path(__file__)).start()

    async def test_of_a_folder_that_cannot_be_written(self) -> None:
        with pytest.raises(DataFolderUnsuitable, match="cannot be written"):
            await EmbeddedPostgres(Path("/proc/coda")).start()

    async def test_of_a_network_filesystem(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folder_module, "_NETWORK_FILESYSTEMS", {filesystem_of(data_dir.parent)})

        with pytest.raises(DataFolderUnsuitable, match="network filesystem"):
            await EmbeddedPostgres(data_dir).start()
        assert not (data_dir / "postgres" / "data").exists()

    async def test_of_another_major_version_which_then_leave_the_folder_free(self, used_dir: Path) -> None:
        version = used_dir / "postgres" / "data" / "PG_VERSION"
        version.write_text("17\n")
        with pytest.raises(PostgresVersionMismatch, match="files are of Postgres 17"):
            await EmbeddedPostgres(used_dir).start()
        version.write_text("18\n")

        async with EmbeddedPostgres(used_dir, durable=False) as postgres:
            assert is_running(postgres.pid)

    async def test_of_lost_passwords(self, used_dir: Path) -> None:
        passwords = used_dir / "postgres" / "passwords.json"
        kept = passwords.rename(passwords.with_name("kept"))

        with pytest.raises(EmbeddedPostgresFailed, match=r"lost its passwords\.json"):
            await EmbeddedPostgres(used_dir).start()
        kept.rename(passwords)


def test_the_filesystem_of_a_path_is_known() -> None:
    assert filesystem_of(Path("/proc/self")) == "proc"
