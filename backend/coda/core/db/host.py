"""Where this process finds its database: the embedded server, or the one that `CODA_DATABASE_URL` names."""

from types import TracebackType
from typing import Self

from coda.core.db.database import DatabaseUrls
from coda.core.db.external import external_urls, prepare_external
from coda.core.postgres import EmbeddedPostgres
from coda.core.settings import Settings


class DatabaseHost:
    """Finds or starts the database server; `stop` ends only what this process started."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.embedded = None if settings.database_url else EmbeddedPostgres(settings.data_dir)

    async def start(self) -> DatabaseUrls:
        """For the one serving process: owns the embedded server."""
        if self.embedded is not None:
            return await self.embedded.start()
        return await self._external()

    async def attach(self) -> DatabaseUrls:
        """For commands and further processes: shares a running embedded server, else starts one for a while."""
        if self.embedded is not None:
            return await self.embedded.attach()
        return await self._external()

    async def stop(self) -> None:
        """Call it last, when no connection is open any more."""
        if self.embedded is not None:
            await self.embedded.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _external(self) -> DatabaseUrls:
        urls = external_urls(self._settings)
        await prepare_external(urls)
        return urls
