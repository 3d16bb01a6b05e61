"""What a prompt is made of: segments, in the order in which the model reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from coda.llm.types import ChatMessage


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a segment would have had more of."""

    messages: int = 0
    tokens: int = 0
    pictures: int = 0

    def __add__(self, more: "LeftOut") -> "LeftOut":
        return LeftOut(self.messages + more.messages, self.tokens + more.tokens, self.pictures + more.pictures)


NOTHING = LeftOut()


@dataclass(frozen=True, slots=True)
class Item:
    """What goes in or stays out as one. `count`: how many the reader takes it for; `reference`: its source's own."""

    messages: tuple[ChatMessage, ...]
    tokens: int
    count: int = 1
    reference: Any = None


@dataclass(frozen=True)
class Segment:
    """Items of one kind. Those of a lower `priority` make room first; without `shrink` a segment stays whole."""

    kind: str
    priority: int
    items: tuple[Item, ...]
    shrink: "Shrink | None" = None
    left_out: LeftOut = NOTHING

    @property
    def messages(self) -> list[ChatMessage]:
        """What the model reads of it."""
        return [message for item in self.items for message in item.messages]

    @cached_property
    def tokens(self) -> int:
        """What it takes of the window, estimated. Asked for again and again while a prompt is made to fit."""
        return sum([item.tokens for item in self.items])

    @property
    def count(self) -> int:
        """How many messages, tools or documents it holds."""
        return sum([item.count for item in self.items])


class Shrink(Protocol):
    """A rule by which a segment makes room.

    A stored plan names it with its version: a rule that would come to another result gets the next version, and the
    old one stays while plans may name it.
    """

    @property
    def rule(self) -> str:
        """Its name."""
        ...

    @property
    def version(self) -> int:
        """Counted from 1."""
        ...

    def apply(self, segment: Segment, *, excess: int) -> Segment:
        """The segment, smaller by at least `excess` tokens where it can be."""
        ...


def tokens_in(segments: Iterable[Segment]) -> int:
    """What they take of the window together."""
    return sum([segment.tokens for segment in segments])
