"""The scope of a unit of work: in which organization, and who acts."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

INSTANCE_ORG: Final = UUID("00000000-0000-8000-8000-000000000001")
"""The organization that the rows of the whole instance belong to. Nobody is its member; see `access.instance`."""


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person, or a run or job that works for one."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class Key:
    """A person's API key, and what of its owner's rights it was given."""

    user_id: UUID
    key_id: UUID
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShareLink:
    """Anybody who holds a link to one chat: they read the path from its root to one message, and change nothing."""

    session_id: UUID
    leaf_id: UUID


@dataclass(frozen=True, slots=True)
class System:
    """Coda itself: caches, checkpoints, clean-up. It sees the whole organization, so no request is ever served as it.

    Which modules may make one is a closed list in tests/core/test_scope.py.
    """


Actor = Person | Key | ShareLink | System


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows of one organization a transaction may touch."""

    org_id: UUID
    actor: Actor

    @property
    def user_id(self) -> UUID | None:
        """The person who acts, or whose key does; None where nobody does."""
        return self.actor.user_id if isinstance(self.actor, Person | Key) else None
