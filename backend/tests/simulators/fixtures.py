"""Running simulators, for the conftest of whoever needs them."""

from collections.abc import AsyncIterator

import pytest

from tests.simulators.aimock import AIMock
from tests.simulators.faults import FaultServer
from tests.simulators.scripted import ScriptedServer
from tests.simulators.thinking import ThinkingServer


@pytest.fixture(scope="session")
async def aimock() -> AsyncIterator[AIMock]:
    """One aimock for all tests."""
    async with AIMock() as simulator:
        yield simulator


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    """A misbehaving provider of this test alone."""
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    """A provider that answers by a script of this test."""
    async with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
async def module_scripted() -> AsyncIterator[ScriptedServer]:
    """A provider that answers by the scripts of this module."""
    async with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
async def module_faults() -> AsyncIterator[FaultServer]:
    """A misbehaving provider of this module."""
    async with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
async def thinking() -> AsyncIterator[ThinkingServer]:
    """A provider of this module whose models want their reasoning back."""
    async with ThinkingServer() as server:
        yield server
