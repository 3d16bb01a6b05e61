"""A caller of tools."""

from collections.abc import AsyncIterator
from time import monotonic
from uuid import UUID

import pytest

from coda.core.settings import ToolSettings
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import ToolCallContext
from coda.tools.wiring import build_workers
from coda.tools.workers import WorkerPool


@pytest.fixture(scope="session")
def builtin() -> FunctionToolset:
    """The tools that Coda brings along."""
    return FunctionToolset("built-in", BUILTIN_TOOLS)


@pytest.fixture(scope="session")
async def workers() -> AsyncIterator[WorkerPool]:
    """The worker processes of a plain installation."""
    pool = build_workers(ToolSettings())
    yield pool
    await pool.close()


@pytest.fixture(scope="session")
def caller(workers: WorkerPool) -> ToolCallContext:
    """Somebody in Lisbon."""
    ends = monotonic() + 3600
    return ToolCallContext(
        UUID(int=1), UUID(int=2), "call-1", deadline=ends, workers=workers, time_zone="Europe/Lisbon"
    )


@pytest.fixture(scope="session")
def limits() -> ToolSettings:
    """The limits of a plain installation."""
    return ToolSettings()
