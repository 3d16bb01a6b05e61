"""The bytes of a file: all of them, a part, or only what is told of them; and what is told where there are none."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pydantic import SecretStr

from coda.core.settings import FileSettings
from coda.files.store import open_store
from tests.files.conftest import code_of, files_below, read, sent
from tests.files.test_hostile import picture

_METHODS: Final = ("GET", "HEAD")
_RANGES: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Range": "bytes=2-4"},
    {"Range": "bytes=2-4", "If-None-Match": '"other"'},
)


@contextmanager
def away(app: FastAPI, folder: Path) -> Iterator[None]:
    """An object store that takes no connections."""
    files = app.state.files
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    settings = FileSettings(url=SecretStr(f"http://127.0.0.1:{port}/"))
    app.state.files = replace(files, store=open_store(settings, folder))
    yield
    app.state.files = files


class TestContent:
    @pytest.mark.parametrize(
        ("asked", "status", "content"),
        [
            ("bytes=0-3", 206, b"0123"),
            ("bytes=6-", 206, b"6789"),
            ("bytes=-4", 206, b"6789"),
            ("bytes=8-99", 206, b"89"),
            ("bytes=-99", 206, b"0123456789"),
            ("bytes=0-1,3-4", 200, b"0123456789"),
            ("bytes=x-y", 200, b"0123456789"),
            ("bytes=-", 200, b"0123456789"),
            ("lines=0-1", 200, b"0123456789"),
        ],
    )
    async def test_a_part(self, client: AsyncClient, asked: str, status: int, content: bytes) -> None:
        file = await sent(client, b"0123456789")
        answer = await read(client, file["id"], headers={"Range": asked})

        assert (answer.status_code, answer.content) == (status, content)
        assert answer.headers["content-length"] == str(len(content))

    async def test_a_part_beyond_its_end(self, client: AsyncClient) -> None:
        file = await sent(client, b"0123456789")
        answer = await read(client, file["id"], headers={"Range": "bytes=10-"})

        assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")

    async def test_what_a_browser_has_is_not_sent_again(self, client: AsyncClient) -> None:
        file = await sent(client, b"0123456789")
        etag = (await read(client, file["id"])).headers["etag"]

        assert (await read(client, file["id"], headers={"If-None-Match": etag})).status_code == 304

    @pytest.mark.parametrize("listed", ["*", "W/{etag}", '"other", {etag}', '"other" ,W/{etag}, "more"'])
    async def test_however_it_says_what_it_has(self, client: AsyncClient, listed: str) -> None:
        file = await sent(client, b"0123456789")
        etag = (await read(client, file["id"])).headers["etag"]
        answer = await read(client, file["id"], headers={"If-None-Match": listed.format(etag=etag)})

        assert (answer.status_code, answer.headers["etag"], answer.content) == (304, etag, b"")

    async def test_what_it_does_not_have_is_sent(self, client: AsyncClient) -> None:
        file = await sent(client, b"0123456789")
        answer = await read(client, file["id"], headers={"If-None-Match": '"other", W/"more"', "Range": "bytes=2-4"})

        assert (answer.status_code, answer.content) == (206, b"234")

    @pytest.mark.parametrize("variant", ["original", "view", "thumbnail"])
    async def test_its_head_is_that_of_the_whole(self, client: AsyncClient, variant: str) -> None:
        file = await sent(client, picture(), "picture.png")
        whole = await read(client, file["id"], params={"variant": variant})
        head = await client.head(whole.url)

        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole.content))
        of_itself = {"date", "server", "x-request-id", "traceresponse"}
        assert {name for name in head.headers if head.headers[name] != whole.headers.get(name)} <= of_itself


class TestBytesThatAreNotThere:
    @pytest.mark.parametrize("method", _METHODS)
    @pytest.mark.parametrize("asked", _RANGES)
    async def test_lost_ones_are_gone(
        self, client: AsyncClient, folder: Path, method: str, asked: dict[str, str]
    ) -> None:
        before = set(await files_below(folder))
        file = await sent(client, b"0123456789 lost")
        for path in set(await files_below(folder)) - before:
            await asyncio.to_thread(path.unlink)
        answer = await client.request(method, f"/api/v1/files/{file['id']}/content", headers=asked)

        assert answer.status_code == 410
        assert "etag" not in answer.headers
        if method == "GET":
            assert code_of(answer) == "files.gone"

    @pytest.mark.parametrize("method", _METHODS)
    @pytest.mark.parametrize("asked", _RANGES)
    async def test_a_store_that_is_away_is_told(
        self, client: AsyncClient, app: FastAPI, folder: Path, method: str, asked: dict[str, str]
    ) -> None:
        file = await sent(client, b"0123456789 away")
        with away(app, folder):
            answer = await client.request(method, f"/api/v1/files/{file['id']}/content", headers=asked)

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        if method == "GET":
            assert code_of(answer) == "files.store_unavailable"
