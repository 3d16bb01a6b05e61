"""Opens completions: a plain model call, or the whole agent."""

from dataclasses import dataclass
from typing import Final

from coda.access.principal import Principal
from coda.conversations.types import SessionOrigin
from coda.core.db import Database
from coda.gateways.answers.agent import AgentCompletion
from coda.gateways.answers.completion import Branch, Completion
from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.answers.plain import PlainCompletion
from coda.gateways.answers.repeats.types import ClientRequest
from coda.gateways.answers.runner import AgentRequest, AgentRunner
from coda.gateways.answers.sessions import session_id_of, session_in_metadata
from coda.gateways.openai_api.forms import check_form
from coda.gateways.openai_api.requests import ChatCompletionRequest
from coda.llm.gateway import Gateway
from coda.llm.types import ChatRequest

AGENT_PREFIX = "coda-agent/"


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """How an agent is asked. `branch`: where it goes on.

    `session`: the id of the chat session in which it goes on, as the client gave it. `known_by`: what tells that the
    request came before. `stays`: the run goes on without its client.
    """

    branch: Branch | None = None
    session: str | None = None
    origin: SessionOrigin = "openai"
    known_by: ClientRequest | None = None
    stays: bool = False


_USUAL: Final = AgentOptions()


@dataclass(frozen=True, slots=True)
class CompletionService:
    """The one use case of this wire."""

    gateway: Gateway
    database: Database
    agents: AgentRunner

    async def open(
        self, principal: Principal, request: ChatCompletionRequest, options: AgentOptions = _USUAL
    ) -> Completion:
        """Raises InvalidParameter, ModelNotFound and ChatSessionNotFound; what the provider says comes later."""
        chat_request = request.as_chat_request()
        await check_form(chat_request.response_format)
        if request.model.startswith(AGENT_PREFIX):
            return await self._agent(principal, request.model.removeprefix(AGENT_PREFIX), chat_request, options)
        if options.session is not None:
            raise InvalidParameter("Coda-Session-Id", "Only models that begin with `coda-agent/` keep chats.")
        model = await self.gateway.open(principal.scope, request.model)
        return await PlainCompletion.begin(
            model, chat_request, database=self.database, principal=principal, registry=self.agents.registry
        )

    async def _agent(
        self, principal: Principal, model_id: str, request: ChatRequest, options: AgentOptions
    ) -> AgentCompletion:
        (await self.gateway.open(principal.scope, model_id)).check(request)
        wanted = options.session or session_in_metadata(request.extra)
        asked = AgentRequest(
            request,
            model_id,
            options.origin,
            branch=options.branch,
            session_id=session_id_of(wanted) if wanted is not None else None,
            request=options.known_by,
            stays=options.stays,
        )
        return await self.agents.start(principal, asked)
