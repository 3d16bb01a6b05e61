"""Whether there is an account is told neither by what a sign-in does nor by how long it takes, over the whole route."""

from collections.abc import AsyncIterator, Mapping
from statistics import median
from time import process_time
from typing import Final
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from coda.access.roles import Role
from coda.core.db import Database
from coda.core.settings import Settings
from coda.identity.wiring import Identity
from tests.auth.site import make_app, make_client
from tests.callers import PASSWORD, Town
from tests.runs.worker.test_round_trips import round_trips

ROUNDS: Final = 25
_CHEAP: Final = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8_192, parallelism=1),))
NEARLY_EQUAL: Final = 1.25
"""What the medians of two kinds may differ by. Hashes are cheap here, so that all else that is done counts for much."""
WRONG: Final = "not their password"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Many tries are let through."""
    patient = settings.identity.model_copy(update={"attempts_per_account": 1_000, "attempts_per_address": 10_000})
    return settings.model_copy(update={"identity": patient})


def cheap_app(database: Database, settings: Settings) -> FastAPI:
    app = make_app(database, settings)
    app.state.identity.passwords._argon2 = _CHEAP
    return app


def strict(settings: Settings) -> Settings:
    """One wrong try, and an account is shut."""
    return settings.model_copy(update={"identity": settings.identity.model_copy(update={"attempts_per_account": 1})})


@pytest.fixture
def app(database: Database, settings: Settings) -> FastAPI:
    return cheap_app(database, settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with make_client(app) as client:
        yield client


@pytest.fixture
async def kinds(town: Town, org_id: UUID, identity: Identity) -> Mapping[str, str]:
    """Addresses of people whom a sign-in with a wrong password refuses, and of nobody."""
    password_hash = await identity.passwords.hash(PASSWORD)
    found = {"nobody": f"nobody-{uuid4().hex[:12]}@example.org"}
    for kind, change in {
        "member": "password_hash = :hash",
        "without a password": "password_hash = nullif(:hash, :hash)",
        "suspended": "password_hash = :hash, suspended_at = now()",
        "suspended without a password": "password_hash = nullif(:hash, :hash), suspended_at = now()",
    }.items():
        person = await town.settle(org_id, Role.MEMBER)
        statement = f"update users set {change} where id = :id"  # noqa: S608 - made of constants
        await town.execute(statement, id=person.principal.user_id, hash=password_hash)
        found[kind] = person.email
    return found


async def sign_in(client: AsyncClient, email: str, password: str = WRONG) -> Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": password})


async def test_the_same_is_done_and_answered(client: AsyncClient, kinds: Mapping[str, str], database: Database) -> None:
    done = {}
    for kind, email in kinds.items():
        with round_trips(database) as seen:
            answer = await sign_in(client, email)
        done[kind] = (answer.status_code, answer.json()["error"], sorted(answer.headers), tuple(seen))

    assert len({repr(each) for each in done.values()}) == 1, done


async def test_it_takes_the_same_time(client: AsyncClient, kinds: Mapping[str, str]) -> None:
    """Of the processor: the machine's other work does not count. In turn, so that what changes changes for all."""
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind, email in [*kinds.items()] * (ROUNDS + 1):
        began = process_time()
        assert (await sign_in(client, email)).status_code == 401
        took[kind].append(process_time() - began)

    medians = {kind: median(times[1:]) for kind, times in took.items()}
    assert max(medians.values()) <= min(medians.values()) * NEARLY_EQUAL, medians


async def test_who_is_throttled_is_refused_alike(
    database: Database, settings: Settings, kinds: Mapping[str, str]
) -> None:
    done = {}
    async with make_client(cheap_app(database, strict(settings))) as client:
        for kind, email in kinds.items():
            assert (await sign_in(client, email)).status_code == 401
            with round_trips(database) as seen:
                answer = await sign_in(client, email.upper())
            done[kind] = (answer.status_code, answer.json()["error"]["code"], tuple(seen))

    assert {each[0] for each in done.values()} == {429}
    assert len(set(done.values())) == 1, done


async def test_an_address_of_nobody_is_one_however_it_is_spelled(database: Database, settings: Settings) -> None:
    async with make_client(cheap_app(database, strict(settings))) as client:
        first = await sign_in(client, "nobody@b\u00fccher.example")
        again = await sign_in(client, "nobody@bu\u0308cher.example")

    assert (first.status_code, again.status_code) == (401, 429)


@pytest.mark.parametrize("path", ["reset", "invite", "setup"])
async def test_a_link_that_is_none_costs_no_hash(client: AsyncClient, path: str) -> None:
    """Nobody can guess one, so there is nothing to hide; what is refused at once cannot be used to keep others out."""
    fields = {"reset": {}, "invite": {"name": "x"}, "setup": {"email": "x@example.org"}}[path]
    began = process_time()
    answer = await client.post(f"/api/v1/auth/{path}", json={"token": "none", "password": PASSWORD, **fields})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "identity.link_not_found")
    assert process_time() - began < 1
