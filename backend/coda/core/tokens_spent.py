"""Tells of tokens as they are booked, to whoever counts them; also of those whose transaction fails after all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TokensSpent:
    """What one model call read and wrote, and for whom."""

    org_id: UUID
    user_id: UUID
    api_key_id: UUID | None
    tokens: int


Listener = Callable[[TokensSpent], None]
_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Be told of everything that this process books."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def announce(spent: TokensSpent) -> None:
    """Tell everybody who listens."""
    for listener in _listeners:
        listener(spent)
