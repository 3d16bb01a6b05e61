"""What the routes of sources are given."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.http.database import Db
from coda.core.rate_limit import Limit, RateLimiter
from coda.tools.sources.service import ToolSourceService
from coda.tools.sources.use_cases import SourceUseCases
from coda.tools.sources.wiring import build_source_service

# The service checks whose they are: people change theirs, administrators the organization's, operators the instance's.
_Reader = Annotated[Principal, require(Permission.MODELS_READ)]
_Changer = Annotated[Principal, require(Permission.ACCOUNT_WRITE)]
_ChangerApart = Annotated[Principal, require(Permission.ACCOUNT_WRITE, apart=True)]
_ASKED = Limit(20, timedelta(minutes=1))


def _service(request: Request, db: Db, principal: _Reader) -> ToolSourceService:
    return build_source_service(db, principal, request.app.state.tool_sources)


def _changing(request: Request, db: Db, principal: _Changer) -> ToolSourceService:
    return build_source_service(db, principal, request.app.state.tool_sources)


async def _use_cases(request: Request, principal: _ChangerApart) -> SourceUseCases:
    limiter: RateLimiter = request.app.state.limiter

    async def limit() -> None:
        await limiter.hit(f"tool-source:{principal.user_id}", _ASKED)

    return SourceUseCases(request.app.state.database, principal, request.app.state.tool_sources, limit)


ToolSources = Annotated[ToolSourceService, Depends(_service)]
ChangedSources = Annotated[ToolSourceService, Depends(_changing)]
SourceSteps = Annotated[SourceUseCases, Depends(_use_cases)]
