"""A tool call of an answer, as the database has it."""

from dataclasses import dataclass
from uuid import UUID

from coda.llm.types import ChatMessage, Opaque, ToolCallRequest
from coda.tools.types import ToolOutcome


@dataclass(slots=True)
class StoredCall:
    """A tool call that is in the database; every model knows it by our id, `provider_id` is its own provider's.

    `outcome` once it was made. `is_begun`: a lost attempt was making it.
    """

    id: UUID
    provider_id: str
    name: str
    arguments: str
    turn: int
    opaque: Opaque | None = None
    outcome: ToolOutcome | None = None
    is_begun: bool = False

    def as_request(self) -> ToolCallRequest:
        """The call as the model made it."""
        return ToolCallRequest(str(self.id), self.name, self.arguments, self.opaque)

    def as_message(self) -> ChatMessage:
        """The result as the model reads it."""
        content = self.outcome.content if self.outcome else ""
        return ChatMessage.of("tool", content, tool_call_id=str(self.id), name=self.name)
