"""Security headers, proxies, our own origin."""

import socket
from typing import Any

import pytest
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient
from starlette.requests import HTTPConnection

from coda.core.http.install import install_http
from coda.core.http.origin import (
    InvalidPublicUrl,
    PublicUrlNeeded,
    allowed_origins,
    base_url,
    is_https,
    is_own_origin,
    public_origin,
)
from coda.core.http.proxies import BELIEVED, InvalidTrustedProxies, TrustedProxies
from coda.core.http.visitor import client_address, user_agent
from coda.core.settings import Settings

SHORT = socket.gethostname().partition(".")[0].lower()


def make_client(settings: Settings, *, peer: str | None = "192.0.2.9") -> AsyncClient:
    app = FastAPI()

    @app.get("/api/seen")
    async def seen(request: Request) -> dict[str, Any]:
        return {
            "client": client_address(request),
            "agent": user_agent(request),
            "https": is_https(settings, request),
            "base": link_base(settings, request),
            "origins": sorted(allowed_origins(settings, request)),
        }

    @app.get("/page")
    async def page() -> str:
        return "a page"

    install_http(app, settings)
    client = (peer, 4711) if peer else None
    return AsyncClient(transport=ASGITransport(app, client=client), base_url="http://coda.lan:8000")  # type: ignore[arg-type]  # a unix socket has no peer


def link_base(settings: Settings, connection: HTTPConnection) -> str | None:
    try:
        return base_url(settings, connection)
    except PublicUrlNeeded:
        return None


def with_(settings: Settings, **changes: str | None) -> Settings:
    return settings.model_copy(update=changes)


def connection(host: str, *, scheme: str = "http", **headers: str) -> HTTPConnection:
    pairs = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in pairs.items()]
    return HTTPConnection({"type": "http", "scheme": scheme, "headers": raw})


class TestSecurityHeaders:
    async def test_are_on_every_answer(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            answers = [await client.get(path) for path in ("/page", "/api/seen", "/nothing")]
        for answer in answers:
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert "camera=()" in answer.headers["permissions-policy"]
            assert "strict-transport-security" not in answer.headers
        assert [answer.headers.get("cache-control") for answer in answers] == [None, "no-store", None]

    async def test_content_policy_lets_only_our_own_run(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            policy = (await client.get("/page")).headers["content-security-policy"]

        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["script-src"] == rules["style-src"] == rules["default-src"] == "'self'"
        assert rules["style-src-attr"] == "'unsafe-inline'"
        assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"
        assert rules["connect-src"] == "'self' ws://coda.lan:8000 wss://coda.lan:8000"
        assert "unsafe-eval" not in policy
        assert "*" not in policy

    async def test_a_host_cannot_write_into_the_policy(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            answer = await client.get("/page", headers={"Host": "a; script-src *"})

        assert "connect-src 'self';" in answer.headers["content-security-policy"]
        assert "script-src *" not in answer.headers["content-security-policy"]

    async def test_transport_security_only_for_an_https_address(self, settings: Settings) -> None:
        async with make_client(with_(settings, public_url="https://chat.example.org")) as client:
            answer = await client.get("/page")

        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert "connect-src 'self' wss://chat.example.org;" in answer.headers["content-security-policy"]


FORWARDED = {
    "X-Forwarded-For": "203.0.113.5, 198.51.100.7, 10.1.1.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "chat.example.org",
}


class TestProxies:
    async def test_trusted_ones_are_believed(self, settings: Settings) -> None:
        trusting = with_(settings, trusted_proxies=" 10.0.0.0/8 , 192.0.2.9,::1")
        async with make_client(trusting) as client:
            seen = (await client.get("/api/seen", headers=FORWARDED)).json()

        assert seen["client"] == "198.51.100.7"
        assert (seen["https"], seen["base"]) == (True, None)
        assert "https://chat.example.org" in seen["origins"]

    @pytest.mark.parametrize("trusted", [None, "", "10.0.0.0/8"])
    async def test_others_are_not(self, settings: Settings, trusted: str | None) -> None:
        async with make_client(with_(settings, trusted_proxies=trusted)) as client:
            seen = (await client.get("/api/seen", headers=FORWARDED)).json()

        assert (seen["client"], seen["https"], seen["base"]) == ("192.0.2.9", False, "http://coda.lan:8000")

    @pytest.mark.parametrize(
        ("chain", "client"),
        [
            ("203.0.113.5", "203.0.113.5"),
            ("1.1.1.1, 203.0.113.5", "203.0.113.5"),
            ("203.0.113.5:443", "203.0.113.5"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
            ("203.0.113.5, nonsense", None),
            ("", None),
        ],
    )
    def test_client_is_the_nearest_that_is_no_proxy(self, chain: str, client: str | None) -> None:
        assert TrustedProxies("10.0.0.0/8").client_of(chain.split(", ")) == client

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Forwarded-Host": "a; script-src *"},
            {"X-Forwarded-Proto": "javascript"},
            {"X-Forwarded-For": "nonsense"},
        ],
    )
    async def test_nonsense_changes_nothing(self, settings: Settings, headers: dict[str, str]) -> None:
        async with make_client(with_(settings, trusted_proxies="192.0.2.9")) as client:
            seen = (await client.get("/api/seen", headers=headers)).json()

        assert (seen["client"], seen["https"], seen["base"]) == ("192.0.2.9", False, "http://coda.lan:8000")

    async def test_a_request_without_a_peer_is_served(self, settings: Settings) -> None:
        async with make_client(with_(settings, trusted_proxies="10.0.0.0/8"), peer=None) as client:
            assert (await client.get("/api/seen", headers=FORWARDED)).json()["client"] is None

    @pytest.mark.parametrize("text", ["proxy.local", "10.0.0.0/33", "*"])
    def test_a_wrong_setting_is_said(self, text: str) -> None:
        with pytest.raises(InvalidTrustedProxies, match="CODA_TRUSTED_PROXIES"):
            TrustedProxies(text)


class TestOrigin:
    @pytest.mark.parametrize(
        ("url", "origin"),
        [
            ("https://Chat.Example.org/", "https://chat.example.org"),
            ("https://chat.example.org:443", "https://chat.example.org"),
            ("http://10.0.0.4:8000", "http://10.0.0.4:8000"),
            ("http://[fd00::1]:80/", "http://[fd00::1]"),
        ],
    )
    def test_of_the_public_url_is_as_browsers_write_it(self, settings: Settings, url: str, origin: str) -> None:
        assert public_origin(with_(settings, public_url=url)) == origin

    @pytest.mark.parametrize("url", ["chat.example.org", "ftp://x", "https://", "http://x:99999", "http://[x"])
    def test_a_wrong_public_url_is_said(self, settings: Settings, url: str) -> None:
        with pytest.raises(InvalidPublicUrl, match="CODA_PUBLIC_URL"):
            public_origin(with_(settings, public_url=url))

    @pytest.mark.parametrize(
        ("public_url", "host", "origin", "ours"),
        [
            (None, "192.168.1.20:8000", "http://192.168.1.20:8000", True),
            (None, "192.168.1.20:8000", "http://192.168.1.20", False),
            (None, "chat.example.org", "https://chat.example.org", True),
            (None, "Chat.Example.org:80", "http://chat.example.org", True),
            (None, "chat.example.org", "https://chat.example.org.evil.example", False),
            (None, "bad host", "http://bad host", False),
            ("https://chat.example.org", "10.0.0.4:8000", "https://chat.example.org", True),
            ("https://chat.example.org", "10.0.0.4:8000", "http://10.0.0.4:8000", False),
            ("https://chat.example.org", "10.0.0.4:8000", "http://chat.example.org", False),
            ("https://chat.example.org", "10.0.0.4:8000", None, True),
        ],
    )
    def test_rule(self, settings: Settings, public_url: str | None, host: str, origin: str | None, ours: bool) -> None:
        headers = {} if origin is None else {"origin": origin}

        assert is_own_origin(with_(settings, public_url=public_url), connection(host, **headers)) is ours

    @pytest.mark.parametrize(
        ("host", "ours"),
        [
            ("localhost:8000", True),
            ("coda.localhost", True),
            ("127.0.0.1:8000", True),
            ("[::1]:8000", True),
            ("evil.example:8000", False),
            ("localhost.evil.example", False),
            ("192.168.1.20:8000", False),
        ],
    )
    @pytest.mark.parametrize("ends", [{"client": ("127.0.0.1", 4711)}, {"server": ("127.0.0.1", 8000)}])
    def test_on_this_machine_only_its_own_names_count(
        self, settings: Settings, host: str, ours: bool, ends: dict[str, tuple[str, int]]
    ) -> None:
        page = connection(host, origin=f"http://{host}")
        page.scope.update({"client": ("192.168.1.7", 4711), "server": ("192.168.1.20", 8000)} | ends)
        navigation = connection(host, sec_fetch_site="same-origin")
        navigation.scope.update(dict(page.scope) | {"headers": navigation.scope["headers"]})

        assert (is_own_origin(settings, page), is_own_origin(settings, navigation)) == (ours, ours)

    def test_a_public_url_is_believed_on_this_machine_too(self, settings: Settings) -> None:
        page = connection("10.0.0.4", origin="https://chat.example.org", sec_fetch_site="same-origin")
        page.scope["client"] = ("127.0.0.1", 4711)

        assert is_own_origin(with_(settings, public_url="https://chat.example.org"), page)

    async def test_a_trusted_proxy_on_this_machine_names_the_host(self, settings: Settings) -> None:
        trusting = with_(settings, trusted_proxies="127.0.0.1")
        async with make_client(trusting, peer="127.0.0.1") as client:
            seen = (await client.get("/api/seen", headers=FORWARDED)).json()

        assert "https://chat.example.org" in seen["origins"]

    def test_browsers_word_counts_too(self, settings: Settings) -> None:
        def own(**headers: str) -> bool:
            return is_own_origin(settings, connection("coda.lan", **headers))

        assert own(sec_fetch_site="same-origin")
        assert own(sec_fetch_site="none")
        assert not own(sec_fetch_site="cross-site")
        assert not own(sec_fetch_site="same-site", origin="http://coda.lan")

    @pytest.mark.parametrize(
        ("host", "base"),
        [
            ("localhost:8000", "http://localhost:8000"),
            ("coda.localhost", "http://coda.localhost"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000"),
            ("[::1]:8000", "http://[::1]:8000"),
            ("192.168.1.20:8000", "http://192.168.1.20:8000"),
            ("192.168.1.21:8000", None),
            (f"{socket.gethostname()}:80", f"http://{socket.gethostname().lower()}"),
            (f"{SHORT}.local:8000", f"http://{SHORT}.local:8000"),
            ("evil.example", None),
            ("localhost.evil.example", None),
            ("no host!", None),
            ("", None),
        ],
    )
    @pytest.mark.parametrize("is_proxied", [False, True])
    def test_links_begin_with_what_the_server_listens_on(
        self, settings: Settings, host: str, base: str | None, is_proxied: bool
    ) -> None:
        asked = connection(host)
        asked.scope.update({"client": ("192.168.1.7", 4711), "server": ("192.168.1.20", 8000), BELIEVED: is_proxied})

        assert link_base(settings, asked) == base

    def test_links_begin_with_the_public_url_whatever_was_asked_for(self, settings: Settings) -> None:
        public = with_(settings, public_url="https://example.org/coda/")
        for host in ("10.0.0.4", "evil.example"):
            assert base_url(public, connection(host)) == "https://example.org/coda"
        secure = connection("localhost:443", scheme="https")
        assert base_url(settings, secure) == "https://localhost"


class TestVisitor:
    def test_agent_is_printable_and_short(self) -> None:
        assert user_agent(connection("x", user_agent="Fire\x1bfox " + "x" * 1_000)) == "Firefox " + "x" * 292
        assert user_agent(connection("x")) is None
