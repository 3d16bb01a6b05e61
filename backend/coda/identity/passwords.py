"""Password hashes: argon2 in a few threads, the same work whether or not the account exists."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from coda.identity.errors import SignInBusy, UnsuitablePassword

SHORTEST: Final = 8
LONGEST: Final = 256
ARGON2: Final = Argon2Hasher()
_AT_ONCE: Final = 2
_MAX_WAITING: Final = 64

T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords beside the event loop; a bounded number at once, a bounded number waiting."""

    def __init__(self, *, at_once: int = _AT_ONCE, max_waiting: int = _MAX_WAITING) -> None:
        self._argon2 = PasswordHash((ARGON2,))
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="argon2")
        self._room = at_once + max_waiting

    async def hash(self, password: str) -> str:
        """The hash to store; raises UnsuitablePassword or SignInBusy."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UnsuitablePassword(shortest=SHORTEST, longest=LONGEST)
        return await self._run(self._hash, _composed(password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether this is the password of the hash; without a hash False, after the same time. Raises SignInBusy."""
        return await self._run(self._matches, _composed(password), stored)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[..., T], *arguments: str | None) -> T:
        if self._room == 0:
            raise SignInBusy
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        finally:
            self._room += 1

    def _hash(self, password: str) -> str:
        return self._argon2.hash(password)

    def _matches(self, password: str, stored: str | None) -> bool:
        nobodys = self._nobodys_hash  # before the branch: its first use costs the same for everybody
        try:
            matches = self._argon2.verify(password, stored or nobodys)
        except UnknownHashError:
            return False
        return matches and stored is not None

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._argon2.hash(secrets.token_urlsafe())


def _composed(password: str) -> str:
    """The same letters, however a keyboard composed them."""
    return unicodedata.normalize("NFKC", password)
