"""Serves the built web app: hashed files for ever, pages never from a stale cache, compressed once.

The build lays `x.js.br` beside `x.js`: Brotli takes too long to be made while somebody waits. gzip is made here.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

import coda
from coda.core.settings import Settings

_PAGE: Final = "index.html"
_HASHED: Final = "assets/"
_FOR_PROGRAMS: Final = ("/api/", "/v1/", "/mcp/", "/ag-ui/")
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"
_BROTLI: Final = ".br"
_ENCODINGS: Final = ("br", "gzip")  # the smaller one first
_COMPRESSIBLE: Final = ("text/", "application/json", "application/wasm", "image/svg+xml", "application/manifest")
# What the system's own table may lack or name differently.
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_NOT_BUILT: Final = "The web app is not built; run `make run`, or use the API: /docs\n"


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    compressed: Mapping[str, bytes]
    media_type: str
    etag: str
    caching: str


def find_web_app(settings: Settings) -> Path | None:
    """The folder of the built web app: as set, inside the installed package, or in a checkout; None if not built."""
    package = Path(coda.__file__).parent
    places = [settings.static_dir] if settings.static_dir else [package / "_web", package.parents[1] / "frontend/dist"]
    return next((place for place in places if (place / _PAGE).is_file()), None)


class WebApp:
    """An ASGI application over one folder. A path that is no file is a place inside the app: it gets the page.

    Which files there are is looked up when the page changes, and nowhere else: a path is only ever compared with their
    names. `not_found` answers what belongs to the interfaces for programs.
    """

    def __init__(self, folder: Path | None, *, not_found: ASGIApp) -> None:
        self._folder = folder.resolve() if folder else None
        self._not_found = not_found
        self._changed_at: int | None = None
        self._files: dict[str, _File | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        if scope["type"] != "http" or scope["path"].startswith(_FOR_PROGRAMS):
            await self._not_found(scope, receive, send)
            return
        await (await self._answer(scope))(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Not allowed.\n", 405, {"Allow": "GET, HEAD"})
        if self._folder is None:
            return PlainTextResponse(_NOT_BUILT, 404)
        name = scope["path"].removeprefix("/") or _PAGE
        if name not in self._files and not _names_a_file(name):
            name = _PAGE
        if name == _PAGE or not self._files:
            await anyio.to_thread.run_sync(self._look_again, self._folder)
        file = await self._file(self._folder, name) if name in self._files else None
        if file is None:
            return PlainTextResponse("Not found.\n", 404, {"Cache-Control": "no-store"})
        return _respond(file, Headers(scope=scope))

    async def _file(self, folder: Path, name: str) -> _File | None:
        """One file of the folder, read once."""
        file = self._files[name]
        if file is None:
            file = self._files[name] = await anyio.to_thread.run_sync(_load, folder, name)
        return file

    def _look_again(self, folder: Path) -> None:
        """Learn the names of all files where the page is another one than before: there was a new build."""
        try:
            changed_at = (folder / _PAGE).stat().st_mtime_ns
        except OSError:
            return
        if changed_at != self._changed_at:
            self._files, self._changed_at = dict.fromkeys(_names_in(folder)), changed_at


def _names_in(folder: Path) -> Iterator[str]:
    """The files below a folder as paths name them; hidden ones, and what a link leads out to, are not served.

    Nor is what is only another file in its compressed form.
    """
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith(".") for part in name.parts) or path.suffix == _BROTLI
        if not is_hidden and path.is_file() and path.resolve().is_relative_to(folder):
            yield name.as_posix()


def _load(folder: Path, name: str) -> _File | None:
    """Read and compress a file; None where it is gone since its name was learned."""
    path = folder / name
    try:
        body = path.read_bytes()
    except OSError:
        return None
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    compressed = _compressed(path, body) if media_type.startswith(_COMPRESSIBLE) else {}
    return _File(
        body=body,
        compressed={encoding: made for encoding, made in compressed.items() if len(made) < len(body)},
        media_type=media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        caching=_FOR_EVER if name.startswith(_HASHED) else _ASK_FIRST,
    )


def _compressed(path: Path, body: bytes) -> dict[str, bytes]:
    made = {"gzip": gzip.compress(body, 9, mtime=0)}
    beside = path.with_name(path.name + _BROTLI)
    return made | {"br": beside.read_bytes()} if beside.is_file() else made


def _names_a_file(name: str) -> bool:
    """Whether a path asks for a file (`x.js`), so that a missing one is not answered with a page."""
    return name.startswith(_HASHED) or "." in name.rsplit("/", 1)[-1]


def _respond(file: _File, request: Headers) -> Response:
    headers = {"Cache-Control": file.caching, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = _accepted(request.get("accept-encoding", ""))
    for encoding in _ENCODINGS:
        if encoding in accepted and encoding in file.compressed:
            told = headers | {"Content-Encoding": encoding}
            return Response(file.compressed[encoding], headers=told, media_type=file.media_type)
    return Response(file.body, headers=headers, media_type=file.media_type)


def _accepted(accept_encoding: str) -> set[str]:
    """The encodings that a client takes; `br;q=0` is one that it does not."""
    offers = (offer.replace(" ", "").lower().partition(";q=") for offer in accept_encoding.split(","))
    return {name for name, _, weight in offers if weight.strip("0.") or not weight}
