"""Password hashes: right, beside the event loop, bounded, and as slow for strangers as for friends."""

import time
from collections.abc import AsyncIterator
from statistics import median
from time import process_time

import anyio
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from coda.identity import passwords as module
from coda.identity.errors import SignInBusy, UnsuitablePassword
from coda.identity.passwords import Passwords

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _as_slow_as_in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ARGON2", Argon2Hasher())


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


class TestPasswords:
    async def test_match_what_they_hashed_and_nothing_else(self, passwords: Passwords) -> None:
        stored = await passwords.hash(PASSWORD)

        assert stored.startswith("$argon2id$")
        assert await passwords.matches(PASSWORD, stored)
        assert not await passwords.matches(PASSWORD + "x", stored)
        assert not await passwords.matches("", stored)
        assert not await passwords.matches(PASSWORD, None)
        assert not await passwords.matches(PASSWORD, "no hash at all")
        assert await passwords.hash(PASSWORD) != stored

    async def test_are_the_same_however_a_keyboard_composes_them(self, passwords: Passwords) -> None:
        stored = await passwords.hash("senha-ação-é")

        assert await passwords.matches("senha-ac\u0327a\u0303o-e\u0301", stored)

    @pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
    async def test_have_a_sane_length(self, passwords: Passwords, password: str) -> None:
        with pytest.raises(UnsuitablePassword, match="8 to 256"):
            await passwords.hash(password)

    async def test_unknown_accounts_cost_the_same_work(self, passwords: Passwords) -> None:
        stored = await passwords.hash(PASSWORD)
        await passwords.matches("warm up", None)

        async def seconds(hash_: str | None) -> float:
            best = float("inf")
            for _ in range(5):
                started = time.process_time()
                await passwords.matches("a wrong guess", hash_)
                best = min(best, time.process_time() - started)
            return best

        known, unknown = await seconds(stored), await seconds(None)
        assert 0.4 < unknown / known < 2.5

    async def test_leave_the_event_loop_free(self, passwords: Passwords) -> None:
        ticks = 0
        async with anyio.create_task_group() as group:

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await anyio.sleep(0.001)

            group.start_soon(tick)
            await passwords.hash(PASSWORD)
            group.cancel_scope.cancel()
        assert ticks > 3

    async def test_turn_people_away_rather_than_queue_for_ever(self) -> None:
        passwords = Passwords(at_once=1, max_waiting=2)
        refused = 0

        async def check() -> None:
            nonlocal refused
            try:
                await passwords.matches(PASSWORD, None)
            except SignInBusy:
                refused += 1

        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(check)
        assert refused == 3
        assert not await passwords.matches(PASSWORD, None)
        passwords.close()


async def test_an_unknown_account_costs_as_much_as_a_known_one() -> None:
    """Processor time, not the clock: what else this machine does tells nothing of an account."""
    passwords = Passwords(at_once=1)
    stored = await passwords.hash("correct horse battery staple")
    spent: dict[str | None, list[float]] = {stored: [], None: []}
    for _ in range(9):
        for of, times in spent.items():
            began = process_time()
            assert not await passwords.matches("a guess", of)
            times.append(process_time() - began)
    passwords.close()

    known, unknown = (median(times) for times in spent.values())
    assert 0.8 < unknown / known < 1.25
