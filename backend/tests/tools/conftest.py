"""A caller of tools."""

from time import monotonic
from uuid import UUID

import pytest

from coda.core.settings import ToolSettings
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.toolsets import FunctionToolset
from coda.tools.types import ToolCallContext


@pytest.fixture(scope="session")
def builtin() -> FunctionToolset:
    """The tools that Coda brings along."""
    return FunctionToolset("built-in", BUILTIN_TOOLS)


@pytest.fixture(scope="session")
def caller() -> ToolCallContext:
    """Somebody in Lisbon."""
    return ToolCallContext(UUID(int=1), UUID(int=2), "call-1", deadline=monotonic() + 3600, time_zone="Europe/Lisbon")


@pytest.fixture(scope="session")
def limits() -> ToolSettings:
    """The limits of a plain installation."""
    return ToolSettings()
