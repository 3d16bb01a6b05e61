"""Outgoing HTTP: who may reach which address, and what comes back at most."""

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from coda.core.guarded_http import AddressRefused, AnswerTooLarge, OutboundFailed, OutboundHttp, Reach


class Rebinding(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def http() -> AsyncIterator[OutboundHttp]:
    pool = OutboundHttp(resolver=Rebinding())
    yield pool
    await pool.close()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server with answers of all sorts."""
    seen = web.Application()

    async def plain(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers.get("Authorization")})

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound(str(request.query.get("to")))

    async def around(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/round")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 10_000)

    async def squeezed(_request: web.Request) -> web.Response:
        return web.Response(body=b"x", headers={"Content-Encoding": "gzip"})

    seen.router.add_get("/plain", plain)
    seen.router.add_get("/elsewhere", elsewhere)
    seen.router.add_get("/round", around)
    seen.router.add_get("/large", large)
    seen.router.add_get("/squeezed", squeezed)
    runner = web.AppRunner(seen)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


class TestFetch:
    async def test_a_name_that_leads_inside_is_refused_where_the_socket_is_made(
        self, http: OutboundHttp, port: int
    ) -> None:
        with pytest.raises(AddressRefused):
            await http.fetch(f"http://looks-public.example:{port}/plain", reach=Reach.PUBLIC)

    async def test_a_literal_inside_is_refused(self, http: OutboundHttp, port: int) -> None:
        with pytest.raises(AddressRefused):
            await http.fetch(f"http://127.0.0.1:{port}/plain", reach=Reach.PUBLIC)

    async def test_an_operator_may(self, http: OutboundHttp, port: int) -> None:
        answer = await http.fetch(f"http://127.0.0.1:{port}/plain", reach=Reach.PRIVATE)

        assert answer.is_ok

    async def test_a_redirect_is_checked_too(self, http: OutboundHttp, port: int) -> None:
        url = f"http://127.0.0.1:{port}/elsewhere?to=http://169.254.169.254/latest/meta-data"

        with pytest.raises(AddressRefused):
            await http.fetch(url, reach=Reach.PRIVATE)

    async def test_a_redirect_to_another_origin_loses_the_key(self, http: OutboundHttp, port: int) -> None:
        headers = {"Authorization": "Bearer secret"}
        same = f"http://127.0.0.1:{port}/elsewhere?to=/plain"
        other = f"http://127.0.0.1:{port}/elsewhere?to=http://other.example:{port}/plain"

        kept = await http.fetch(same, reach=Reach.PRIVATE, headers=headers)
        lost = await http.fetch(other, reach=Reach.PRIVATE, headers=headers)

        assert b"secret" in kept.body
        assert b"secret" not in lost.body

    async def test_endless_redirects_end(self, http: OutboundHttp, port: int) -> None:
        with pytest.raises(OutboundFailed):
            await http.fetch(f"http://127.0.0.1:{port}/round", reach=Reach.PRIVATE)

    async def test_bytes_are_capped(self, http: OutboundHttp, port: int) -> None:
        with pytest.raises(AnswerTooLarge):
            await http.fetch(f"http://127.0.0.1:{port}/large", reach=Reach.PRIVATE, max_bytes=9_999)

    async def test_compression_that_was_not_asked_for_is_refused(self, http: OutboundHttp, port: int) -> None:
        with pytest.raises(OutboundFailed):
            await http.fetch(f"http://127.0.0.1:{port}/squeezed", reach=Reach.PRIVATE)

    async def test_post_is_guarded_alike(self, http: OutboundHttp, port: int) -> None:
        with pytest.raises(AddressRefused):
            await http.post(f"http://inside.example:{port}/plain", reach=Reach.PUBLIC, headers={}, body=b"{}")

    @pytest.mark.parametrize(
        "url",
        ["ftp://host/x", "file:///etc/passwd", "http://", "http://user:pw@host/", "http://host:99999/", "nothing"],
    )
    async def test_odd_urls(self, http: OutboundHttp, url: str) -> None:
        with pytest.raises(OutboundFailed):
            await http.fetch(url, reach=Reach.ANY)

    async def test_nobody_there(self, http: OutboundHttp) -> None:
        with pytest.raises(OutboundFailed, match="Nothing answers"):
            await http.fetch("http://127.0.0.1:9/", reach=Reach.ANY)
