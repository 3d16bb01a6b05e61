"""The tree of a session's messages, as pure functions over rows: who stands beside whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from coda.conversations.models import Message


class Node(NamedTuple):
    """A message's place in the tree."""

    id: UUID
    parent_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Siblings:
    """The messages with one parent, oldest first, and the place of one of them, counted from 0."""

    index: int
    ids: tuple[UUID, ...]

    @property
    def count(self) -> int:
        """How many there are, this one included."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer and, unless another answer was wanted, its question.

    `elders` stood beside the upper one of the two when it was added, oldest first.
    """

    question: "Message | None"
    answer: "Message"
    elders: tuple[UUID, ...] = ()


def siblings_of(nodes: Iterable[Node]) -> Mapping[UUID, Siblings]:
    """The siblings of every node, among the nodes given. The roots of a session are siblings too."""
    families: dict[UUID | None, list[Node]] = defaultdict(list)
    for node in nodes:
        families[node.parent_id].append(node)
    found: dict[UUID, Siblings] = {}
    for family in families.values():
        ids = tuple(node.id for node in sorted(family, key=_age))
        found.update({node_id: Siblings(index, ids) for index, node_id in enumerate(ids)})
    return found


def parents_of(nodes: Iterable[Node]) -> tuple[UUID, ...]:
    """The parents of some nodes, each once."""
    return tuple(dict.fromkeys(node.parent_id for node in nodes if node.parent_id))


def _age(node: Node) -> tuple[datetime, UUID]:
    return node.created_at, node.id
