"""What a context source is, and what it is asked with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.budget import Budget
from coda.context.repository import PromptTextRepository
from coda.context.segments import Segment
from coda.context.sight import BLIND, Sight, stored_picture
from coda.conversations import wiring as conversations
from coda.conversations.errors import MessageNotFound
from coda.conversations.models import Message
from coda.conversations.parts import file_ids_of
from coda.core.scope import Scope
from coda.files.wiring import files_of
from coda.llm.estimate import MESSAGE_OVERHEAD, MOST_CHARS_PER_TOKEN
from coda.llm.types import ToolSpec

_SMALLEST_MESSAGE = 2 * MESSAGE_OVERHEAD
_ANY_LENGTH = 2**62


@dataclass(slots=True)
class ContextRequest:
    """The question that a prompt is built for. What several sources read is fetched once.

    `instructions`: what whoever asks tells the agent beside the question.
    `sees`: the model looks at pictures; `sight` has those of the path once that was fetched.
    `with_tools`: earlier tool calls are told as such, else in words.
    """

    db: AsyncSession
    scope: Scope
    question_id: UUID
    budget: Budget
    tools: Sequence[ToolSpec] = ()
    time_zone: str = "UTC"
    instructions: str | None = None
    sees: bool = True
    sight: Sight = field(default=BLIND, init=False)
    with_tools: bool = field(default=False, init=False)
    _path: Sequence[Message] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.with_tools = bool(self.tools)

    async def path(self, *, above: int | None = None) -> Sequence[Message]:
        """The question and what stands above it, newest first: `above` messages, else what the window can hold.

        The first who asks decides. Raises MessageNotFound where the question is gone.
        """
        if self._path is None:
            self._path = await self._fetch(above)
            self.sight = await self._look(self._path)
        if not self._path:
            raise MessageNotFound(self.question_id)
        return self._path

    async def _look(self, path: Sequence[Message]) -> Sight:
        """The pictures of the path; asked for only where there are some and the model sees them."""
        shown = [part for message in path for part in message.content if part.get("type") == "image"]
        if not shown or not self.sees:
            return Sight(self.sees)
        files = await files_of(self.db, self.scope, file_ids_of(shown))
        found = {file.id: stored_picture(self.scope.org_id, file) for file in files}
        return Sight(self.sees, {file_id: picture for file_id, picture in found.items() if picture is not None})

    async def text(self, sha256: str) -> str | None:
        """A text that a plan refers to; None once it is gone."""
        return await PromptTextRepository(self.db, self.scope).find(sha256)

    async def _fetch(self, above: int | None) -> Sequence[Message]:
        room = self.budget.for_prompt
        max_chars = room * MOST_CHARS_PER_TOKEN if above is None else _ANY_LENGTH
        limit = (room // _SMALLEST_MESSAGE + 1 if above is None else above) + 1
        messages = conversations.messages(self.db, self.scope)
        return await messages.path_to(self.question_id, max_chars=max_chars, limit=limit)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a stored plan remembers of a segment: where its content lies, and its hash.

    `where` is the source's own and holds no content; `texts` are what lies nowhere else, by their hash.
    """

    sha256: str
    where: Mapping[str, Any]
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Restored:
    """A segment found again. `is_whole`: nothing that the reference named is gone."""

    segment: Segment
    is_whole: bool = True


class ContextSource(Protocol):
    """One kind of content of prompts."""

    kind: str

    async def offer(self, request: ContextRequest) -> Sequence[Segment]:
        """What could go in; the assembler decides what does."""
        ...

    def refer(self, segment: Segment) -> Reference:
        """How to find again what of its segment has gone in."""
        ...

    async def restore(self, reference: Reference, request: ContextRequest) -> Restored:
        """The segment that was referred to; what is gone of it is left out."""
        ...
