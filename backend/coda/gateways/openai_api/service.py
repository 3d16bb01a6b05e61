"""Opens completions: a plain model call, or the whole agent."""

from dataclasses import dataclass

from coda.access.principal import Principal
from coda.core.db import Database
from coda.gateways.openai_api.agent import AgentRunner
from coda.gateways.openai_api.completion import Completion
from coda.gateways.openai_api.plain import PlainCompletion
from coda.gateways.openai_api.requests import ChatCompletionRequest
from coda.llm.gateway import Gateway

AGENT_PREFIX = "coda-agent/"


@dataclass(frozen=True, slots=True)
class CompletionService:
    """The one use case of this wire."""

    gateway: Gateway
    database: Database
    agents: AgentRunner

    async def open(self, principal: Principal, request: ChatCompletionRequest) -> Completion:
        """Raises InvalidParameter, ModelNotFound; what the provider says comes while iterating."""
        if request.model.startswith(AGENT_PREFIX):
            model_id = request.model.removeprefix(AGENT_PREFIX)
            await self.gateway.open(principal.scope, model_id)
            return await self.agents.start(principal, request, model_id)
        chat_request = request.as_chat_request()
        model = await self.gateway.open(principal.scope, request.model)
        return await PlainCompletion.begin(
            model, chat_request, database=self.database, principal=principal, registry=self.agents.registry
        )
