"""All SQL of conversations."""

from coda.conversations.repository.branches import BranchRepository
from coda.conversations.repository.drafts import DraftRepository
from coda.conversations.repository.feedback import FeedbackRepository
from coda.conversations.repository.messages import MessageRepository
from coda.conversations.repository.sessions import ChatSessionRepository
from coda.conversations.repository.turns import TurnRepository

__all__ = [
    "BranchRepository",
    "ChatSessionRepository",
    "DraftRepository",
    "FeedbackRepository",
    "MessageRepository",
    "TurnRepository",
]
