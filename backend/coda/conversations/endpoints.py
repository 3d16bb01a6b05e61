"""Routes of chat sessions, their messages, feedback and drafts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from coda.conversations.dependencies import (
    Drafts,
    DraftsToSave,
    Messages,
    MessagesToRate,
    Sessions,
    SessionsToChange,
    Tabs,
)
from coda.conversations.schemas import (
    ChatSessionCreate,
    ChatSessionDetail,
    ChatSessionPage,
    ChatSessionPatch,
    ChatSessionRead,
    DraftPut,
    DraftRead,
    Feedback,
    FeedbackPut,
    MessagePage,
    Tree,
)
from coda.conversations.types import LONGEST_SEARCH, SESSION_ORIGINS, SessionFilter, SessionOrigin
from coda.core.http.responses import PageCursor, PageLimit, errors

router = APIRouter(prefix="/api/v1")

Origins = Annotated[
    list[SessionOrigin] | None,
    Query(
        max_length=len(SESSION_ORIGINS),
        description="What they were begun by; several times for several. All without it.",
    ),
]
Pins = Annotated[bool, Query(description="With `origin`: pinned ones whatever they were begun by.")]
Words = Annotated[str, Query(max_length=LONGEST_SEARCH, description="Words to find in titles and messages.")]


@router.get("/sessions", tags=["sessions"], responses=errors(401, 403, 422))
async def list_sessions(
    sessions: Sessions,
    q: Words | None = None,
    origin: Origins = None,
    pins: Pins = False,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> ChatSessionPage:
    """The caller's chat sessions, pinned first, then by last change."""
    wanted = SessionFilter(q, frozenset(origin) if origin else None, with_pins=pins)
    page = await sessions.list(wanted, cursor=cursor, limit=limit)
    return ChatSessionPage.of(page, await sessions.hits(page.items, wanted))


@router.post("/sessions", tags=["sessions"], status_code=status.HTTP_201_CREATED, responses=errors(401, 403, 409, 422))
async def create_session(
    sessions: SessionsToChange, tabs: Tabs, request: ChatSessionCreate | None = None
) -> ChatSessionRead:
    """Start a chat session."""
    chat_session, is_new = await sessions.create(request or ChatSessionCreate())
    if is_new:
        tabs.hear(chat_session.id, "created")
    return ChatSessionRead.of(chat_session)


@router.get("/sessions/{session_id}", tags=["sessions"], responses=errors(401, 403, 404, 422))
async def read_session(session_id: UUID, sessions: Sessions) -> ChatSessionDetail:
    """One chat session, with what it has used so far."""
    return ChatSessionDetail.with_usage(*await sessions.get_with_usage(session_id))


@router.patch("/sessions/{session_id}", tags=["sessions"], responses=errors(401, 403, 404, 422))
async def update_session(
    session_id: UUID, change: ChatSessionPatch, sessions: SessionsToChange, tabs: Tabs
) -> ChatSessionRead:
    """Rename, pin, or show another branch."""
    chat_session = await sessions.change(session_id, change)
    tabs.hear(session_id, "updated")
    return ChatSessionRead.of(chat_session)


@router.delete(
    "/sessions/{session_id}",
    tags=["sessions"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=errors(401, 403, 404, 422),
)
async def delete_session(session_id: UUID, sessions: SessionsToChange, tabs: Tabs) -> None:
    """Delete a chat session; its answers are stopped. It can be restored."""
    await sessions.delete(session_id)
    tabs.hear(session_id, "deleted")


@router.post("/sessions/{session_id}/restore", tags=["sessions"], responses=errors(401, 403, 404, 422))
async def restore_session(session_id: UUID, sessions: SessionsToChange, tabs: Tabs) -> ChatSessionRead:
    """Bring a deleted chat session back."""
    chat_session = await sessions.restore(session_id)
    tabs.hear(session_id, "created")
    return ChatSessionRead.of(chat_session)


@router.get("/sessions/{session_id}/messages", tags=["sessions"], responses=errors(401, 403, 404, 422))
async def list_messages(
    session_id: UUID,
    messages: Messages,
    leaf_id: Annotated[UUID | None, Query(description="Default: the active leaf.")] = None,
    before: PageCursor = None,
    limit: PageLimit = 50,
) -> MessagePage:
    """The path from the root to a leaf, page by page from its end; oldest first within a page."""
    page = await messages.list_path(session_id, leaf_id=leaf_id, before=before, limit=limit)
    return MessagePage(items=list(page.items), next_cursor=page.next_cursor)


@router.get("/sessions/{session_id}/tree", tags=["sessions"], responses=errors(401, 403, 404, 422))
async def read_tree(session_id: UUID, messages: Messages) -> Tree:
    """All messages as a tree, parents before children."""
    return await messages.tree(session_id)


@router.get("/sessions/{session_id}/draft", tags=["web-app"], responses=errors(401, 403, 404, 422))
async def read_draft(session_id: UUID, drafts: Drafts) -> DraftRead:
    """What the caller typed and did not send."""
    return await drafts.read(session_id)


@router.put("/sessions/{session_id}/draft", tags=["web-app"], responses=errors(401, 403, 404, 422))
async def save_draft(session_id: UUID, draft: DraftPut, drafts: DraftsToSave) -> DraftRead:
    """Keep what the caller typed."""
    return await drafts.save(session_id, draft.text)


@router.put("/messages/{message_id}/feedback", tags=["messages"], responses=errors(401, 403, 404, 409, 422))
async def put_feedback(message_id: UUID, feedback: FeedbackPut, messages: MessagesToRate) -> Feedback | None:
    """Thumb up or down an answer."""
    return await messages.rate(message_id, feedback)
