"""What the routes of tools are given."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db import Database
from coda.tools.service import ToolPolicyService
from coda.tools.wiring import ToolServices, build_policies

_ToolReader = Annotated[Principal, require(Permission.MODELS_READ, apart=True)]


async def _tool_policies(request: Request, principal: _ToolReader) -> AsyncIterator[ToolPolicyService]:
    """Sources are asked for their tools before the transaction is opened."""
    database: Database = request.app.state.database
    services: ToolServices = request.app.state.tools
    tools = await (await services.sources.of(principal.scope)).list(principal.scope)
    async with database.transaction(principal.scope) as db:
        yield build_policies(db, principal, tools, services)


ToolPolicies = Annotated[ToolPolicyService, Depends(_tool_policies, scope="function")]
