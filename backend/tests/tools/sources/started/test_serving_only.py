"""A process that only serves starts no servers, and no other one is there here to do it."""

from uuid import uuid4

import pytest

from coda.assembly import assemble
from coda.core.db import DatabaseUrls
from coda.core.guarded_http import Reach
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.core.settings import Settings
from coda.tools.mcp.stdio.errors import ServerElsewhere
from coda.tools.sources.started import asking
from coda.tools.sources.started.commands import STDIO, StdioEntry, stored
from coda.tools.sources.types import Source
from tests.tools.sources.started.conftest import command


async def test_a_process_that_only_serves_starts_none(
    settings: Settings, database_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_LONGEST_WAIT", 0.5)
    async with assemble(settings, database_urls, works=False) as process:
        services = process.tool_sources
        config, _ = stored(StdioEntry.model_validate(command()))
        scope = Scope(INSTANCE_ORG, System())
        source = Source(uuid4(), INSTANCE_ORG, STDIO, "new", "new", None, config, Reach.PUBLIC)
        tried = await services.workers.test(scope, source)

        assert tried is not None
        assert tried.error is not None
        assert tried.error.code == "tools.no_worker_answered"
        with pytest.raises(ServerElsewhere):
            await services.kinds[STDIO].offer(source)
