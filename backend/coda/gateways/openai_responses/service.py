"""Opens responses, and keeps them to be read, continued and forgotten by their id."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.text import storable_json
from coda.gateways.answers.agent import AgentCompletion
from coda.gateways.answers.completion import Completion
from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.answers.repeats.types import ClientRequest
from coda.gateways.answers.sessions import session_in_metadata
from coda.gateways.openai_api.service import AGENT_PREFIX, AgentOptions, CompletionService
from coda.gateways.openai_responses.background import BackgroundResponses, followed_of, following_of
from coda.gateways.openai_responses.errors import ResponseNotFound
from coda.gateways.openai_responses.history import History, ResponseHistory
from coda.gateways.openai_responses.ids import key_of
from coda.gateways.openai_responses.items import Item, as_items, chat_messages
from coda.gateways.openai_responses.models import StoredResponse
from coda.gateways.openai_responses.repository import StoredResponseRepository
from coda.gateways.openai_responses.requests import ResponsesRequest, own_name
from coda.gateways.openai_responses.stored import StoredCompletion
from coda.gateways.openai_responses.writer import ResponseWriter
from coda.llm.estimate import prompt_tokens


@dataclass(frozen=True, slots=True)
class ResponseKeeper:
    """Stores one response."""

    database: Database
    principal: Principal
    key: UUID
    previous: StoredResponse | None
    input: list[Item]

    async def store(
        self, completion: Completion, body: dict[str, Any], following: dict[str, Any] | None = None
    ) -> None:
        """What was asked and what came of it, or comes of it by the run that is followed."""
        branch = completion.branch
        row = StoredResponse(
            org_id=self.principal.org_id,
            id=self.key,
            user_id=self.principal.user_id,
            previous_id=self.previous.id if self.previous is not None else None,
            session_id=branch.session_id if branch is not None else None,
            message_id=branch.message_id if branch is not None else None,
            input=storable_json(self.input),
            body=storable_json(body),
            following=following,
        )
        async with self.database.transaction(self.principal.scope) as db:
            await StoredResponseRepository(db, self.principal.scope).insert(row)


@dataclass(frozen=True, slots=True)
class OpenResponse:
    """A response that is being made, and what writes it.

    `told`: it was made before, and is this. `after`: the number of the last event that its client has.
    """

    completion: Completion
    writer: ResponseWriter
    keeper: ResponseKeeper | None = None
    told: Mapping[str, Any] | None = None
    after: int = -1

    async def store(self, body: Mapping[str, Any]) -> None:
        """Keep it, where that was asked for, before its end is told: it can be continued at once."""
        if self.keeper is not None:
            await self.keeper.store(self.completion, dict(body))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, what is new in it, what it continues, and by what it is known again."""

    request: ResponsesRequest
    new: list[Item]
    before: History
    known_by: ClientRequest


@dataclass(frozen=True, slots=True)
class ResponseService:
    """The use cases of this wire."""

    completions: CompletionService
    database: Database

    async def open(self, principal: Principal, request: ResponsesRequest, known_by: ClientRequest) -> OpenResponse:
        """Raises InvalidParameter, ResponseNotFound, ModelNotFound and ChatSessionNotFound.

        What the provider says comes while iterating. In the background it is stored already.
        """
        request.check_supported()
        history = ResponseHistory(self.database, principal)
        new = await history.resolved(as_items(request.input))
        before = await self._before(history, request)
        in_background = bool(request.background)
        writer = ResponseWriter(new_id(), request.echo(), streams=bool(request.stream), in_background=in_background)
        completion = await self._complete(principal, _Asked(request, new, before, known_by))
        if not request.is_stored:
            return OpenResponse(completion, writer)
        keeper = ResponseKeeper(self.database, principal, writer.key, before.previous, new)
        if isinstance(completion, AgentCompletion) and in_background:
            await keeper.store(completion, writer.body("queued", None), following_of(completion.followed))
            return OpenResponse(completion, writer)
        return OpenResponse(completion, writer, keeper)

    async def _before(self, history: ResponseHistory, request: ResponsesRequest) -> History:
        """What is continued. Only an agent goes on behind an answer that is still being made."""
        before = await history.before(request.previous_response_id)
        for row in before.unfinished:
            await self.background.settled(history.principal, row)
        if before.unfinished:
            before = await history.before(request.previous_response_id)
        goes_on = request.model.startswith(AGENT_PREFIX) and before.branch is not None
        if before.unfinished and not goes_on:
            message = "This response is still being made: go on with it when it is complete."
            raise InvalidParameter("previous_response_id", message)
        return before

    async def _complete(self, principal: Principal, asked: _Asked) -> Completion:
        """An agent goes on in its chat, where it has one; everybody else reads again what was said before."""
        request, session = asked.request, asked.known_by.session
        is_agent = request.model.startswith(AGENT_PREFIX)
        branch = asked.before.branch if is_agent else None
        earlier = () if branch is not None else asked.before.earlier
        try:
            chat = request.as_chat([*chat_messages(earlier), *chat_messages(asked.new)])
            if is_agent and session is None:
                session = session_in_metadata({"metadata": request.metadata})
            options = AgentOptions(
                branch,
                session if not branch else None,
                origin="responses",
                known_by=asked.known_by,
                stays=bool(request.background),
            )
            return await self.completions.open(principal, chat, options)
        except InvalidParameter as error:
            raise InvalidParameter(own_name(str(error.details["param"])), error.message) from error

    @property
    def background(self) -> BackgroundResponses:
        """Those that are made without a client."""
        return BackgroundResponses(self.database, self.completions.agents)

    async def get(self, principal: Principal, public_id: str) -> StoredResponse:
        """A stored response; raises ResponseNotFound."""
        key = key_of(public_id)
        if key is not None:
            async with self.database.transaction(principal.scope) as db:
                found = await StoredResponseRepository(db, principal.scope).find(key)
            if found is not None:
                return found
        raise ResponseNotFound(public_id)

    async def read(self, principal: Principal, public_id: str) -> Mapping[str, Any]:
        """A response as it stands; raises ResponseNotFound."""
        return await self.background.settled(principal, await self.get(principal, public_id))

    async def follow(self, principal: Principal, public_id: str, *, after: int) -> OpenResponse:
        """A response from its beginning, or behind the event of that number; raises ResponseNotFound."""
        row = await self.get(principal, public_id)
        body = await self.background.settled(principal, row)
        writer = ResponseWriter.again(row.id, body, streams=True)
        if row.following is None or body["status"] not in ("queued", "in_progress"):
            return OpenResponse(StoredCompletion(body), writer, told=body, after=after)
        completion = await self.completions.agents.follow(principal, followed_of(row.following))
        return OpenResponse(completion, writer, after=after)

    async def cancel(self, principal: Principal, public_id: str) -> Mapping[str, Any]:
        """Stop one that is made in the background; raises ResponseNotFound, InvalidParameter."""
        row = await self.get(principal, public_id)
        if not row.body.get("background"):
            raise InvalidParameter("response_id", "Only a response that is made in the background can be cancelled.")
        return await self.background.cancel(principal, row)

    async def count(self, principal: Principal, request: ResponsesRequest) -> int:
        """The tokens of the input, estimated; raises InvalidParameter, ResponseNotFound."""
        request.check_supported()
        history = ResponseHistory(self.database, principal)
        new = await history.resolved(as_items(request.input))
        before = await history.before(request.previous_response_id)
        chat = request.as_chat([*chat_messages(before.earlier), *chat_messages(new)])
        return await asyncio.to_thread(prompt_tokens, chat.as_chat_request())

    async def delete(self, principal: Principal, public_id: str) -> None:
        """Forget a response; the chat of an agent's stays in Coda. Raises ResponseNotFound."""
        key = key_of(public_id)
        async with self.database.transaction(principal.scope) as db:
            if key is None or not await StoredResponseRepository(db, principal.scope).delete(key):
                raise ResponseNotFound(public_id)
