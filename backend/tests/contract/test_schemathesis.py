"""Whatever is sent, by the OpenAPI document's rules or against them: no 5xx, no answer of another form."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
import schemathesis
from httpx import AsyncClient
from hypothesis import HealthCheck, settings
from schemathesis import BaseSchema
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from coda.access.roles import Role
from coda.core.db import Database, DatabaseUrls
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.settings import Settings
from coda.identity.wiring import build_identity
from coda.main import create_app
from tests.callers import Town
from tests.contract.own_process import served_apart
from tests.profiles import IS_LONG, examples

OUTWARD: Final = ["create_connection", "test_connection", "create_tool_source", "test_tool_source"]
"""These reach out to addresses of the caller's choice: they are tested where such addresses are simulated."""

Case = schemathesis.Case[Any]

STREAMED: Final = ("stream_run", "run_agent")
"""OpenAPI 3.1 cannot describe the events of a stream: tests/runs and tests/gateways do."""

EXAMPLES: Final = examples(suite=2, long=40)
_STARTS_WITHIN: Final = 60.0
_NOWHERE: Final = "postgresql+asyncpg://nobody@/nowhere"

document = create_app(
    Settings.model_validate({"secret_key": "not used: no request is made here"}),
    DatabaseUrls(owner=_NOWHERE, app=_NOWHERE, system=_NOWHERE, direct=_NOWHERE),
).openapi()


def schema_of(*, with_edges: bool) -> BaseSchema:
    """What the document allows and forbids. `with_edges`: also all values at the edges, thousands of requests."""
    config = schemathesis.Config(seed=None if IS_LONG else 20261121)
    config.projects.default.phases.coverage.enabled = with_edges
    return schemathesis.openapi.from_dict(document, config=config).exclude(operation_id=OUTWARD)


with_edges, without_edges = schema_of(with_edges=True), schema_of(with_edges=IS_LONG)
few_examples = settings(
    max_examples=EXAMPLES,
    derandomize=not IS_LONG,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody with a key, and the ids of things that are theirs."""

    headers: dict[str, str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
async def guests(database: Database, settings: Settings, base_url: str) -> dict[str, Guest]:
    """A member who knows of nothing, and an administrator who asks for what is there."""
    town = Town(database, build_identity(settings, MemoryRateLimiter()))
    org_id = await town.found()
    member = await town.key(await town.settle(org_id, Role.MEMBER))
    admin = await town.key(await town.settle(org_id, Role.ADMIN))
    async with AsyncClient(base_url=base_url, headers=admin.headers, timeout=_STARTS_WITHIN) as client:
        session = (await client.post("/api/v1/sessions", json={"title": "A title"})).json()
        asked = {"message": {"content": "What is 17.5 % of 2,340?"}, "model": "demo/coda"}
        started = (await client.post(f"/api/v1/sessions/{session['id']}/runs", json=asked)).json()
        await client.get(f"/api/v1/runs/{started['run']['id']}/events")
    ids = {
        "session_id": session["id"],
        "run_id": started["run"]["id"],
        "message_id": started["assistant"]["id"],
        "user_id": str(member.principal.user_id),
    }
    return {"member": Guest(member.headers, {}), "admin": Guest(admin.headers, ids)}


@pytest.fixture(scope="module")
def base_url(settings: Settings, database_urls: DatabaseUrls) -> Iterator[str]:
    with served_apart(settings, database_urls) as url:
        yield url


@with_edges.parametrize()
@few_examples
def test_no_surprise_for_an_administrator(case: Case, base_url: str, guests: dict[str, Guest]) -> None:
    send(case, base_url, guests["admin"])


@without_edges.parametrize()
@few_examples
def test_no_surprise_for_a_member(case: Case, base_url: str, guests: dict[str, Guest]) -> None:
    send(case, base_url, guests["member"])


def send(case: Case, base_url: str, guest: Guest) -> None:
    """Fail where the answer is an error of the server, or of another form than the document says."""
    known = {name: value for name, value in guest.ids.items() if name in case.path_parameters}
    case.path_parameters.update(known)

    checks: list[CheckFunction] = [not_a_server_error]
    if case.operation.definition.raw["operationId"] not in STREAMED:
        checks.append(response_schema_conformance)

    case.call_and_validate(base_url=base_url, headers=guest.headers, checks=checks, timeout=20)
