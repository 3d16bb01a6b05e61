"""Who calls over MCP, and what their calls are answered with."""

from dataclasses import dataclass
from uuid import UUID, uuid5

import orjson
from starlette.requests import Request

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.http.origin import PublicUrlNeeded, base_url
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.gateways.answers.runner import AgentRunner
from coda.gateways.mcp_server.types import RequestId
from coda.llm.gateway import Gateway
from coda.tools.direct_calls import DirectCalls

SESSION_HEADER = "mcp-session-id"


@dataclass(frozen=True, slots=True)
class McpCaller:
    """One request of somebody's, and the parts of the process that answer it."""

    principal: Principal
    request: Request
    settings: Settings
    database: Database
    tool_calls: DirectCalls
    gateway: Gateway
    agents: AgentRunner

    @property
    def client_session(self) -> str | None:
        """What a client of an older revision calls its connection: it tells its request ids from those of others."""
        return self.request.headers.get(SESSION_HEADER)

    def run_id_of(self, request_id: RequestId | None) -> UUID:
        """The run that answers a request: any process finds it again by what its client knows."""
        session = self.client_session
        if session is None or request_id is None:
            return new_id()
        return uuid5(self.principal.user_id, f"mcp {session} {orjson.dumps(request_id).decode()}")

    def chat_link(self, session_id: UUID) -> str:
        """Where a chat is opened; a path alone where Coda is not sure of its own address."""
        path = f"/chat/{session_id}"
        try:
            return base_url(self.settings, self.request) + path
        except PublicUrlNeeded:
            return path
