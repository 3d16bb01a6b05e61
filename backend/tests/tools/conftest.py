"""A caller of tools."""

from uuid import UUID

import pytest

from coda.core.settings import ToolSettings
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.registry import ToolRegistry
from coda.tools.types import ToolContext


@pytest.fixture(scope="session")
def registry() -> ToolRegistry:
    """The tools that Coda brings along."""
    return ToolRegistry(BUILTIN_TOOLS)


@pytest.fixture(scope="session")
def caller() -> ToolContext:
    """Somebody in Lisbon."""
    return ToolContext(UUID(int=1), UUID(int=2), idempotency_key="call-1", time_zone="Europe/Lisbon")


@pytest.fixture(scope="session")
def limits() -> ToolSettings:
    """The limits of a plain installation."""
    return ToolSettings()
