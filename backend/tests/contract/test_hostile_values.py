"""Values that break programs, in every field and parameter of every route: each is served or refused, never a 5xx."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from coda.access.roles import Role
from coda.core.rate_limit import MemoryRateLimiter
from coda.identity.throttle import SignInThrottle
from tests.access_matrix import MATRIX
from tests.callers import Caller, Town
from tests.hostile import IN_ADDRESSES, VALUES, WORST, Json, encoded, example, hostile

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_SERVER_ERROR: Final = 500
_ENDLESS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with one hostile value."""

    operation: str
    method: str
    address: str
    content: str | None
    place: str


def attempts(document: Json, known: dict[str, str]) -> Iterator[Attempt]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield from attempts_on(path, method, item[method], document["components"]["schemas"], known)


def attempts_on(path: str, method: str, operation: Json, definitions: Json, known: dict[str, str]) -> Iterator[Attempt]:
    name = operation["operationId"]
    parameters = [each for each in operation.get("parameters", []) if each["in"] in ("path", "query")]
    plain = {each["name"]: str(example(each["schema"], definitions)) for each in parameters if each["in"] == "path"}
    if method != "delete":
        plain |= {key: value for key, value in known.items() if key in plain}
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    sent = encoded(example(schema, definitions)) if schema else None
    for each in parameters:
        for value in IN_ADDRESSES:
            is_in_path = each["in"] == "path"
            address = path.format(**(plain | {each["name"]: value} if is_in_path else plain))
            yield Attempt(name, method, address if is_in_path else f"{address}?{each['name']}={value}", sent, value)
    accepted = next((line.body for line in MATRIX if (line.method.lower(), line.path) == (method, path)), None)
    bodies = ((example(schema, definitions), WORST), (accepted, VALUES)) if schema else ()
    for body, values in bodies:
        for place, content in hostile(body, values=values) if body else ():
            yield Attempt(name, method, path.format(**plain), content, place)


@pytest.fixture(scope="module")
async def admin(town: Town) -> Caller:
    return await town.settle(await town.found(), Role.ADMIN)


@pytest.fixture(scope="module")
async def known(client: AsyncClient, admin: Caller) -> dict[str, str]:
    """Ids of what is there and the caller's, so that values come further than to a 404."""
    session = (await client.post("/api/v1/sessions", json={}, headers=admin.headers)).json()
    asked = {"message": {"content": "What is 17.5 % of 2,340?"}, "model": "demo/coda"}
    started = await client.post(f"/api/v1/sessions/{session['id']}/runs", json=asked, headers=admin.headers)
    run, answer = started.json()["run"], started.json()["assistant"]
    await client.get(f"/api/v1/runs/{run['id']}/events", headers=admin.headers)
    return {"session_id": session["id"], "run_id": run["id"], "message_id": answer["id"]}


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Json:
    """Made outside of the event loop: it takes a while."""
    made: Json = app.openapi()
    return made


@pytest.mark.parametrize("step", [pytest.param(3, id="every third"), pytest.param(1, id="all", marks=pytest.mark.long)])
async def test_no_route_breaks(
    app: FastAPI, client: AsyncClient, admin: Caller, known: dict[str, str], document: Json, step: int
) -> None:
    patient = app.state.settings.identity.model_copy(
        update={"attempts_per_account": _ENDLESS, "attempts_per_address": _ENDLESS}
    )
    object.__setattr__(app.state.identity, "throttle", SignInThrottle(MemoryRateLimiter(), patient))
    headers = {"Content-Type": "application/json", **admin.headers}
    broken: list[str] = []
    tried: dict[str, Any] = {}
    for attempt in islice(attempts(document, known), None, None, step):
        response = await client.request(attempt.method, attempt.address, content=attempt.content, headers=headers)
        tried.setdefault(attempt.operation, set()).add(response.status_code)
        if response.status_code >= _SERVER_ERROR:
            said = f"{attempt.operation} {response.status_code}: {response.text[:200]}"
            broken.append(f"{said} for {attempt.place} of {(attempt.content or attempt.address)[:300]}")

    assert broken == []
    assert len(tried) > 40
    assert [name for name in ("start_run", "put_feedback", "update_session") if tried[name] <= {404, 422}] == []
