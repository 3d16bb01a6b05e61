"""Use cases of conversations."""

from coda.conversations.service.drafts import DraftService
from coda.conversations.service.messages import MessageService
from coda.conversations.service.sessions import ChatSessionService
from coda.conversations.service.turns import TurnService

__all__ = ["ChatSessionService", "DraftService", "MessageService", "TurnService"]
