"""Chat sessions and messages as the API takes and gives them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from coda.conversations.models import ChatSession, Message, MessageFeedback
from coda.conversations.part_shapes import Part
from coda.conversations.tree import Siblings as SiblingIds
from coda.conversations.types import MessageStatus, Role, SessionHit, SessionOrigin, SessionRunStatus
from coda.core.documented import DocumentedAs
from coda.core.names import OneLine
from coda.core.pagination import Page
from coda.usage.types import Confidence, UsageTotals, money

Title = Annotated[OneLine, StringConstraints(min_length=1, max_length=200)]


class Request(BaseModel):
    """What callers send: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ChatSessionCreate(Request):
    """The caller may choose the id; creating the same one again gives the session that exists."""

    id: UUID | None = None
    title: Title | None = None


class ChatSessionPatch(Request):
    """What is left out stays. `active_leaf_id` of an inner message means the newest leaf below it."""

    title: Title | None = None
    active_leaf_id: UUID | None = None
    pinned: bool | None = None


class DraftPut(Request):
    """An empty text removes the draft."""

    text: Annotated[str, Field(max_length=200_000)]


class FeedbackPut(Request):
    """A null rating takes the feedback back."""

    rating: Literal["up", "down"] | None
    reason: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    text: Annotated[str, Field(max_length=4_000)] | None = None


class ChatSessionRead(BaseModel):
    """One chat session; `run_status` is what its dot shows, `origin` what it was begun by."""

    id: UUID
    title: str | None
    pinned: bool
    active_leaf_id: UUID | None
    created_at: datetime
    updated_at: datetime
    run_status: SessionRunStatus | None
    origin: SessionOrigin

    @classmethod
    def of(cls, chat_session: ChatSession) -> "ChatSessionRead":
        """The public form of a session."""
        return cls.model_validate(
            {
                "id": chat_session.id,
                "title": chat_session.title,
                "pinned": chat_session.pinned_at is not None,
                "active_leaf_id": chat_session.active_leaf_id,
                "created_at": chat_session.created_at,
                "updated_at": chat_session.updated_at,
                "run_status": chat_session.run_status,
                "origin": chat_session.origin,
            }
        )


class SessionUsage(BaseModel):
    """All model calls of a session, other branches and titles too. Cost of what is priced; null: nothing is."""

    calls: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cost_usd: str | None
    unpriced_calls: int
    confidence: Confidence | None

    @classmethod
    def of(cls, totals: UsageTotals) -> "SessionUsage":
        """The public form of a session's totals."""
        is_unpriced = 0 < totals.calls == totals.unpriced_calls
        return cls.model_validate(asdict(totals) | {"cost_usd": None if is_unpriced else money(totals.cost_usd)})


class ChatSessionDetail(ChatSessionRead):
    """One chat session, with what it has used so far."""

    usage: SessionUsage

    @classmethod
    def with_usage(cls, chat_session: ChatSession, totals: UsageTotals) -> "ChatSessionDetail":
        """The public form of a session and its totals."""
        read = ChatSessionRead.of(chat_session)
        return cls(**dict(read), usage=SessionUsage.of(totals))


class SessionHitRead(BaseModel):
    """A message that has words which were looked for, and the text around the first of them in one line."""

    message_id: UUID
    role: Role
    snippet: str


class ListedChatSession(ChatSessionRead):
    """One chat session of a list; `hit` is null where nothing was looked for, or its title only has the words."""

    hit: SessionHitRead | None

    @classmethod
    def with_hit(cls, chat_session: ChatSession, hit: SessionHit | None) -> "ListedChatSession":
        """The public form of a session and of where the words stand in it."""
        read = ChatSessionRead.of(chat_session)
        return cls(**dict(read), hit=None if hit is None else SessionHitRead(**asdict(hit)))


class ChatSessionPage(BaseModel):
    """Pinned sessions first, then by last change."""

    items: list[ListedChatSession]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[ChatSession], hits: Mapping[UUID, SessionHit]) -> "ChatSessionPage":
        """The public form of a page, with where words stand by session."""
        items = [ListedChatSession.with_hit(item, hits.get(item.id)) for item in page.items]
        return cls(items=items, next_cursor=page.next_cursor)


class DraftRead(BaseModel):
    """A draft; empty where there is none."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    text: str
    updated_at: datetime | None


class Feedback(BaseModel):
    """A person's thumb on an answer."""

    rating: Literal["up", "down"]
    reason: str | None
    text: str | None


class Siblings(BaseModel):
    """Messages with the same parent, oldest first; `index` counts from 0."""

    index: int
    count: int
    ids: list[UUID]


class MessageUsage(BaseModel):
    """Of the whole answer. Input includes cached tokens, output includes reasoning tokens; cost null: unpriced."""

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cost_usd: str | None
    confidence: Literal["provider-reported", "computed", "estimated"]

    @classmethod
    def of(cls, message: Message) -> "MessageUsage | None":
        """What an answer used; None before its first model call was counted."""
        figures = message.usage
        return None if figures is None else cls.model_validate(figures.as_dict())


class MessageTiming(BaseModel):
    """Milliseconds to the first delta, and of all the answer's runs."""

    ttft_ms: int | None
    total_ms: int | None


class MessageRead(BaseModel):
    """One message. Clients ignore parts whose type they do not know."""

    id: UUID
    session_id: UUID
    parent_id: UUID | None
    role: Role
    content: list[Annotated[dict[str, Any], DocumentedAs(Part)]]
    status: MessageStatus
    model: str | None
    run_id: UUID | None
    created_at: datetime
    siblings: Siblings
    usage: MessageUsage | None
    timing: MessageTiming | None
    trace_id: str | None
    feedback: Feedback | None = None

    @classmethod
    def of(cls, message: Message, siblings: SiblingIds, feedback: MessageFeedback | None = None) -> "MessageRead":
        """The public form of a message."""
        timed = message.ttft_ms is not None or message.total_ms is not None
        return cls.model_validate(
            {
                "id": message.id,
                "session_id": message.session_id,
                "parent_id": message.parent_id,
                "role": message.role,
                "content": message.content,
                "status": message.status,
                "model": message.model,
                "run_id": message.run_id,
                "created_at": message.created_at,
                "siblings": Siblings(index=siblings.index, count=siblings.count, ids=list(siblings.ids)),
                "usage": MessageUsage.of(message),
                "timing": MessageTiming(ttft_ms=message.ttft_ms, total_ms=message.total_ms) if timed else None,
                "trace_id": message.trace_id,
                "feedback": {"rating": feedback.rating, "reason": feedback.reason, "text": feedback.text}
                if feedback
                else None,
            }
        )


class MessagePage(BaseModel):
    """Oldest first; `next_cursor` leads to older messages."""

    items: list[MessageRead]
    next_cursor: str | None


class TreeNode(BaseModel):
    """A message's place in the tree, and a few of its words."""

    id: UUID
    parent_id: UUID | None
    role: Role
    preview: str
    created_at: datetime


class Tree(BaseModel):
    """All messages of a session, parents before children."""

    nodes: list[TreeNode]
    active_leaf_id: UUID | None
