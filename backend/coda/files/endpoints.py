"""Routes of files: uploaded at once or in pieces, listed, read, deleted."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.files.dependencies import (
    FileReader,
    Files,
    FilesToChange,
    OpenedDep,
    Services,
    Uploader,
    UploadReader,
    UploadsDep,
)
from coda.files.errors import NoFileSent, PieceUnfit
from coda.files.multipart import FormFile
from coda.files.schemas import FileCreate, FilePage, FileRead, FileStorageRead, UploadRead
from coda.files.serving import FileAnswer

router = APIRouter(prefix="/api/v1", tags=["files"])

_BYTES: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_CREATION: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": FileCreate.model_json_schema()},
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": _BYTES}}},
        },
    }
}
_PIECE: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}}
}
_CONTENT: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The bytes, under the type that they show.", "content": {"*/*": {"schema": _BYTES}}},
    206: {"description": "The part of them that `Range` asks for.", "content": {"*/*": {"schema": _BYTES}}},
    416: {"description": "`Range` asks for what lies beyond the end."},
    304: {"description": "The same as under the `ETag` that `If-None-Match` names."},
}


@router.post(
    "/files",
    status_code=status.HTTP_201_CREATED,
    responses=errors(401, 403, 413, 422, 503),
    openapi_extra=_CREATION,
)
async def create_file(
    request: Request, uploads: UploadsDep, services: Services, principal: Uploader
) -> FileRead | UploadRead:
    """Send a file whole, as the field `file` of a form; or, with its name and size, begin to send it in pieces."""
    scope, kind = principal.scope, request.headers.get("content-type", "")
    if not kind.lower().startswith("multipart/form-data"):
        wanted = await _wanted(request)
        state = await uploads.begin(scope, name=wanted.name, size=wanted.size)
        return UploadRead.of(state, scope, services.links)
    form = FormFile(kind, aiter(request.stream()))
    announced = request.headers.get("content-length", "")
    at_most = int(announced) if announced.isdecimal() else None
    try:
        await form.begin()
        file = await uploads.take(scope, name=form.name or "", chunks=form.chunks(), at_most=at_most)
    except ClientDisconnect:
        raise NoFileSent("it ends in the middle") from None
    return FileRead.of(file, scope, services.links)


@router.put("/files/uploads/{upload_id}", responses=errors(401, 403, 404, 409, 413, 422, 503), openapi_extra=_PIECE)
async def append_to_upload(
    upload_id: UUID,
    request: Request,
    uploads: UploadsDep,
    services: Services,
    principal: Uploader,
    offset: Annotated[int, Query(ge=0, le=2**53, description="Number of the piece's first byte, from 0.")] = 0,
) -> UploadRead:
    """Send the next piece of an upload. After the last one the answer holds the file."""
    try:
        state = await uploads.append(principal.scope, upload_id, offset=offset, chunks=_not_empty(request.stream()))
    except ClientDisconnect:
        raise PieceUnfit("it is cut", offset=offset) from None
    return UploadRead.of(state, principal.scope, services.links)


@router.get("/files/uploads/{upload_id}", responses=errors(401, 403, 404, 422))
async def read_upload(upload_id: UUID, uploads: UploadsDep, services: Services, principal: UploadReader) -> UploadRead:
    """How far an upload is; once it is whole, its file."""
    return UploadRead.of(await uploads.read(principal.scope, upload_id), principal.scope, services.links)


@router.delete(
    "/files/uploads/{upload_id}", status_code=status.HTTP_204_NO_CONTENT, responses=errors(401, 403, 404, 422)
)
async def delete_upload(upload_id: UUID, uploads: UploadsDep, principal: Uploader) -> None:
    """Give an upload up."""
    await uploads.abandon(principal.scope, upload_id)


@router.get("/files", responses=errors(401, 403, 422))
async def list_files(
    files: Files, services: Services, principal: FileReader, cursor: PageCursor = None, limit: PageLimit = 50
) -> FilePage:
    """The caller's own files, newest first, where they are shown, and how much room there is."""
    page = await files.list(cursor=cursor, limit=limit)
    uses = await files.uses(page.items)
    settings = services.settings
    storage = FileStorageRead(
        used_bytes=await files.used_bytes(),
        max_bytes=settings.max_bytes_per_organization,
        max_file_bytes=settings.max_bytes,
    )
    return FilePage.of(page, uses, storage, principal.scope, services.links)


@router.get("/files/{file_id}", responses=errors(401, 403, 404, 410, 422))
async def read_file(file_id: UUID, files: Files, services: Services, principal: FileReader) -> FileRead:
    """One file, with addresses that open it for a few minutes."""
    return FileRead.of(await files.get(file_id), principal.scope, services.links)


@router.delete("/files/{file_id}", status_code=status.HTTP_204_NO_CONTENT, responses=errors(401, 403, 404, 410, 422))
async def delete_file(file_id: UUID, files: FilesToChange) -> None:
    """Delete one of the caller's files. Messages that show it say so."""
    await files.delete(file_id)


@router.head("/files/{file_id}/content", include_in_schema=False)
@router.get(
    "/files/{file_id}/content",
    response_class=Response,
    responses=_CONTENT | errors(401, 403, 404, 410, 422, 503),
)
async def read_file_content(request: Request, opened: OpenedDep, services: Services) -> Response:
    """The bytes of a file, by Bearer or by an address that `GET /files/{file_id}` gave."""
    answer = FileAnswer(opened.file, services.store, seconds=opened.seconds)
    return await answer.to(request.method, request.headers)


async def _wanted(request: Request) -> FileCreate:
    try:
        return FileCreate.model_validate_json(await request.body())
    except ClientDisconnect:
        raise NoFileSent("it ends in the middle") from None
    except ValidationError as error:
        problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors(include_url=False)]
        raise RequestValidationError(problems) from None


async def _not_empty(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The chunks of a body; the last one that servers give is empty."""
    async for chunk in body:
        if chunk:
            yield chunk
