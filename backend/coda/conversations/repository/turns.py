"""A turn in one statement: a question and the answer to come, or another answer, shown as the session's branch.

Round trips are most of what a turn costs, so that what belongs together goes out together.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import Message
from coda.conversations.parts import ATTACHED, size_of, text_of
from coda.conversations.repository.messages import row_below
from coda.conversations.titles import title_of
from coda.conversations.tree import Turn
from coda.conversations.types import AnswerEnd, NewMessage
from coda.core.scope import Scope

_USAGE: Final = (
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cached_input_tokens",
    "cost_usd",
    "confidence",
)
_SHOW: Final = """
    shown as (
        update chat_sessions s
           set active_leaf_id = a.id, last_model = a.model, updated_at = now(),
               title = coalesce(s.title, cast(:title as text)),
               run_status = case when cast(:is_next as bool) then 'queued' else s.run_status end
          from answer a where s.org_id = a.org_id and s.id = a.session_id
    )
"""
_ELDERS: Final = """
    array(select m.id from messages m
           where m.org_id = :org_id and m.session_id = :session_id and m.parent_id {stands}
           order by m.created_at, m.id) as elders
"""


# What was sent is no draft any more; the draft that a browser saved last may lack the last words of it.
_FORGET_DRAFT: Final = r"""
    forgotten as (
        delete from drafts d using answer a
         where d.org_id = a.org_id and d.session_id = a.session_id and d.user_id = cast(:user_id as uuid)
           and starts_with(:sent, btrim(d.text, E' \t\r\n'))
    )
"""


def _asking(stands: str) -> TextClause:
    return text(f"""
        with question as (
            insert into messages (org_id, id, session_id, parent_id, depth, chars_above, role, content, status)
            values (:org_id, :question_id, :session_id, cast(:parent_id as uuid), cast(:depth as int),
                    cast(:chars_above as bigint), 'user', cast(:content as jsonb), 'complete')
            on conflict do nothing
         returning org_id, id, session_id, depth, chars_above, created_at
        ), answer as (
            insert into messages (org_id, id, session_id, parent_id, depth, chars_above, role, content, status,
                                  model, run_id)
            select org_id, cast(:answer_id as uuid), session_id, id, depth + 1,
                   chars_above + cast(:size as bigint), 'assistant', '[]', 'queued', :model, cast(:run_id as uuid)
              from question
         returning org_id, id, session_id, model
        ), {_SHOW}, {_FORGET_DRAFT}
        select q.created_at, {_ELDERS.format(stands=stands)} from question q
    """)  # noqa: S608 - made of constants


_ASK_AT_ROOT = _asking("is null")
_ASK_BELOW = _asking("= :parent_id")
_ANSWER_AGAIN = text(f"""
    with answer as (
        insert into messages (org_id, id, session_id, parent_id, depth, chars_above, role, content, status,
                              model, run_id)
        values (:org_id, :answer_id, :session_id, :parent_id, :depth, :chars_above, 'assistant', '[]', 'queued',
                :model, :run_id)
     returning org_id, id, session_id, model, created_at
    ), {_SHOW}
    select a.created_at, {_ELDERS.format(stands="= :parent_id")} from answer a
""")  # noqa: S608 - made of constants

_FINISH = text("""
    with ended as (
        update messages
           set content = cast(:content as jsonb), status = :status, input_tokens = :input_tokens,
               output_tokens = :output_tokens, reasoning_tokens = :reasoning_tokens,
               cached_input_tokens = :cached_input_tokens, cost_usd = cast(:cost_usd as numeric),
               usage_confidence = :confidence, ttft_ms = :ttft_ms, total_ms = :total_ms
         where org_id = :org_id and id = :message_id
     returning org_id, session_id
    )
    update chat_sessions s
       set run_status = :run_status, updated_at = now(),
           title = case when s.title_source = 'user' then s.title else coalesce(cast(:title as text), s.title) end,
           title_source = case when cast(:title as text) is null then s.title_source
                               else coalesce(nullif(s.title_source, 'generated'), 'generated') end
      from ended e
     where s.org_id = e.org_id and s.id = e.session_id
""")


class TurnRepository:
    """Turns of one organization's sessions; the caller has locked the session."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def ask(
        self, session_id: UUID, question: NewMessage, answer: NewMessage, *, parent: Message | None, is_next: bool
    ) -> Turn | None:
        """Put a question under a message, None for a root, and its answer below; None where the id is in use."""
        asked = self._below(session_id, question, parent)
        answered = self._below(session_id, answer, asked)
        given = {
            **_place(asked),
            "question_id": asked.id,
            "content": orjson.dumps(asked.content).decode(),
            "size": size_of(asked.content),
            **_answering(answered),
            "is_next": is_next,
            "user_id": self._scope.user_id,
            "sent": text_of(asked.content).strip(),
            # What a session is called until its first answer is there: `title_source` stays empty.
            "title": None if parent else title_of(text_of(asked.content) or _names_of(asked.content)),
        }
        row = (await self._db.execute(_ASK_BELOW if parent else _ASK_AT_ROOT, given)).first()
        if row is None:
            return None
        asked.created_at = answered.created_at = row.created_at
        return Turn(asked, answered, tuple(row.elders))

    async def answer_again(self, question: Message, answer: NewMessage, *, is_next: bool) -> Turn:
        """Put another answer under a question."""
        answered = self._below(question.session_id, answer, question)
        given = {**_place(answered), **_answering(answered), "is_next": is_next, "title": None}
        row = (await self._db.execute(_ANSWER_AGAIN, given)).one()
        answered.created_at = row.created_at
        return Turn(None, answered, tuple(row.elders))

    async def finish(self, answer_id: UUID, end: AnswerEnd) -> None:
        """Write an answer as it ended, and show it in its session."""
        usage, timing = end.usage or {}, end.timing or {}
        given = {
            "org_id": self._scope.org_id,
            "message_id": answer_id,
            "content": orjson.dumps(end.content).decode(),
            "status": end.status,
            **{name: usage.get(name) for name in _USAGE},
            **{name: timing.get(name) for name in ("ttft_ms", "total_ms")},
            "run_status": end.run_status,
            "title": end.title,
        }
        await self._db.execute(_FINISH, given)

    def _below(self, session_id: UUID, new: NewMessage, parent: Message | None) -> Message:
        return Message(**row_below(parent, new, org_id=self._scope.org_id, session_id=session_id))


def _names_of(content: Sequence[Mapping[str, Any]]) -> str:
    """What a question that says nothing is called by: what it shows."""
    return ", ".join(part["name"] for part in content if part.get("type") in ATTACHED)


def _place(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in ("org_id", "session_id", "parent_id", "depth", "chars_above")}


def _answering(answer: Message) -> dict[str, Any]:
    return {"answer_id": answer.id, "model": answer.model, "run_id": answer.run_id}
