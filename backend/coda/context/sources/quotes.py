"""Stored messages as prompts quote them: so many parts of a message, known by their hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from coda.conversations.models import Message


@dataclass(frozen=True, slots=True)
class Quote:
    """The first parts of a message. An answer that is continued only gets more of them."""

    id: UUID
    role: str
    content: Sequence[Mapping[str, Any]]
    is_root: bool

    @classmethod
    def of(cls, message: Message, *, parts: int | None = None) -> "Quote":
        """As it is now, or its first parts only."""
        return cls(message.id, message.role, message.content[:parts], message.parent_id is None)

    @property
    def digest(self) -> str:
        """The hash of what is stored, not of what a model reads: it outlives changes of how that is written."""
        return sha256(orjson.dumps(self.content, option=orjson.OPT_SORT_KEYS)).hexdigest()
