"""The embedded Postgres as the rest of Coda sees it: start, attach, watch, stop."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import structlog

from coda.core.db.database import DatabaseUrls
from coda.core.postgres.errors import DataFolderInUse, EmbeddedPostgresFailed
from coda.core.postgres.folder import Passwords, PostgresFolder
from coda.core.postgres.postmaster import Postmaster, find_server, wait_for_server
from coda.core.postgres.provision import DATABASE, provision
from coda.core.tasks import to_the_end

log = structlog.get_logger(__name__)

_ATTACH_TIMEOUT = 30.0
WATCH_INTERVAL = 0.5
_RESTARTS_ALLOWED = 3
_RESTARTS_WINDOW = 60.0


class EmbeddedPostgres:
    """A Postgres server under `<data_dir>/postgres`, reached by a unix socket that only this account can open.

    `durable=False` gives up crash safety for speed; tests use it.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._folder = PostgresFolder(data_dir)
        self._postmaster = Postmaster(self._folder, is_durable=durable)
        self._passwords: Passwords | None = None
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Process id of the server, None when another Coda process runs it."""
        return self._postmaster.pid

    async def start(self) -> DatabaseUrls:
        """Own the data folder and run its server.

        Raises DataFolderInUse, DataFolderUnsuitable, PostgresVersionMismatch or EmbeddedPostgresFailed.
        """
        await asyncio.to_thread(self._own_folder)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            await to_the_end(asyncio.to_thread(self._start_server))  # so that what it starts can be stopped
            await self._provision()
            undo.pop_all()
        return self.urls()

    async def attach(self) -> DatabaseUrls:
        """Use the server that a running Coda has on this folder, else start one (and `stop()` ends just that)."""
        try:
            return await self.start()
        except DataFolderInUse:
            if not await asyncio.to_thread(wait_for_server, self._folder.cluster, timeout=_ATTACH_TIMEOUT):
                raise
            self._passwords = self._folder.read_passwords()
            return self.urls()

    async def stop(self) -> None:
        """End the server if this object started or adopted it, and give the folder up."""
        self._stopping = True
        if self._folder.is_locked:
            await asyncio.to_thread(self._postmaster.stop)
        self._folder.remove_short_path()
        self._folder.unlock()

    async def watch(self) -> None:
        """Run until cancelled: start the server again when it died; raises when it keeps dying."""
        restarts: list[float] = []
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(WATCH_INTERVAL)
            if self._stopping or await asyncio.to_thread(self._postmaster.is_alive):
                continue
            restarts = [at for at in restarts if at > clock() - _RESTARTS_WINDOW] + [clock()]
            if len(restarts) > _RESTARTS_ALLOWED:
                raise EmbeddedPostgresFailed("The embedded Postgres keeps dying; see postgres.log in the data folder.")
            log.error("postgres.died", restarting=True)
            await asyncio.to_thread(self._postmaster.start, self._known_passwords().superuser)

    def urls(self, database: str = DATABASE) -> DatabaseUrls:
        """Where each role signs in."""
        passwords = self._known_passwords()
        app = self._url("coda_app", passwords.app, database)
        return DatabaseUrls(
            owner=self._url("coda_owner", passwords.owner, database),
            app=app,
            system=self._url("coda_system", passwords.system, database),
            direct=app,
        )

    async def __aenter__(self) -> Self:
        await self.attach()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _own_folder(self) -> None:
        self._folder.prepare()
        self._folder.lock()
        self._stopping = False

    def _start_server(self) -> None:
        self._passwords = self._folder.make_passwords()
        if find_server(self._folder.cluster) is not None:
            log.info("postgres.adopting")
        self._postmaster.start(self._passwords.superuser)

    async def _provision(self) -> None:
        if not self._folder.provisioned.exists():
            await provision(str(self._folder.socket_dir()), self._known_passwords())
            self._folder.provisioned.touch(mode=0o600)

    def _known_passwords(self) -> Passwords:
        if self._passwords is None:
            raise EmbeddedPostgresFailed("The embedded Postgres is not started.")
        return self._passwords

    def _url(self, user: str, password: str, database: str, *, driver: str = "postgresql+asyncpg") -> str:
        return f"{driver}://{user}:{password}@/{database}?host={quote(str(self._folder.socket_dir()), safe='/')}"
