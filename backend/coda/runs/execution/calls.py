"""A tool call of an answer, as the database has it."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from coda.context.history import result_text
from coda.core.errors import CodaError
from coda.core.json_limits import check_shape
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
        """The result as the model reads it, now and in what follows: text as text, whoever gave it."""
        content = self.outcome.content if self.outcome else ""
        if content.startswith('"'):
            content = result_text(orjson.loads(content))
        return ChatMessage.of("tool", content, tool_call_id=str(self.id), name=self.name)


def client_outcome(content: str) -> ToolOutcome:
    """What a client says that its tool gave: JSON as it is, any other text as a JSON string."""
    try:
        check_shape(content.encode("utf-8", "replace"))
        orjson.loads(content)
    except (ValueError, CodaError):
        content = orjson.dumps(content).decode()
    return ToolOutcome(True, content, 0)
