"""What the routes of files are given."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from coda.access.checks import check
from coda.access.dependencies import Credentials, authenticate_apart, require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.clock import now
from coda.core.db import Database
from coda.core.http.database import Db
from coda.core.scope import Scope
from coda.files.links import SignedQuery
from coda.files.service import FileService, OpenedFile, Uploads
from coda.files.types import Variant
from coda.files.wiring import FileServices, file_service

FileReader = Annotated[Principal, require(Permission.SESSIONS_READ)]
FileWriter = Annotated[Principal, require(Permission.SESSIONS_WRITE)]
Uploader = Annotated[Principal, require(Permission.SESSIONS_WRITE, apart=True)]
UploadReader = Annotated[Principal, require(Permission.SESSIONS_READ, apart=True)]


def _services(request: Request) -> FileServices:
    services: FileServices = request.app.state.files
    return services


Services = Annotated[FileServices, Depends(_services)]


def _files(services: Services, db: Db, principal: FileReader) -> FileService:
    return file_service(db, principal.scope, services.readable, services.find_uses)


def _files_to_change(services: Services, db: Db, principal: FileWriter) -> FileService:
    return file_service(db, principal.scope, services.readable)


def _uploads(services: Services) -> Uploads:
    return services.uploads


Files = Annotated[FileService, Depends(_files)]
FilesToChange = Annotated[FileService, Depends(_files_to_change)]
UploadsDep = Annotated[Uploads, Depends(_uploads)]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that its reader may read, and how long their browser may keep it."""

    file: OpenedFile
    seconds: int | None


def _query(
    variant: Annotated[
        Variant, Query(description="Of a picture: a copy for models and screens, or a small one.")
    ] = "original",
    reader: Annotated[str | None, Query(max_length=64, description="Of a signed address.")] = None,
    expires: Annotated[int | None, Query(ge=0, le=2**40, description="Of a signed address.")] = None,
    signature: Annotated[str | None, Query(max_length=64, description="Of a signed address.")] = None,
) -> SignedQuery:
    return SignedQuery(variant, reader or "", expires or 0, signature)


async def _opened(
    file_id: UUID,
    request: Request,
    credentials: Credentials,
    services: Services,
    query: Annotated[SignedQuery, Depends(_query)],
) -> Opened:
    """By a signed address, else by Bearer. Nothing of the database is held while the bytes go out."""
    seconds = None
    if query.signature is not None:
        scope = services.links.read(file_id, query)
        seconds = max(0, query.expires - int(now().timestamp()))
    else:
        scope = await _reader_of(request, credentials)
    database: Database = request.app.state.database
    async with database.transaction(scope) as db:
        return Opened(await file_service(db, scope, services.readable).open(file_id, query.variant), seconds)


async def _reader_of(request: Request, credentials: Credentials) -> Scope:
    principal = await authenticate_apart(request, credentials)
    check(principal, Permission.SESSIONS_READ)
    return principal.scope


OpenedDep = Annotated[Opened, Depends(_opened)]
