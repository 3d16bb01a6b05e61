"""What can be set for one connection, and for all of them: headers, fields, certificates, patience, names, a proxy."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from coda.core.guarded_http import OutboundHttp
from coda.core.guarded_http.route import Route
from coda.core.settings import LlmSettings, Settings
from coda.llm.adapters.streams import deltas_of
from coda.llm.describe import ModelDescriptions
from coda.llm.discovery.discovery import Discovery
from coda.llm.errors import CertificateRefused, ProviderTimeout, ProxyRefused
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.options import ConnectionOptions
from coda.llm.providers.provider import Address, Provider
from coda.llm.types import ChatMessage, ChatRequest
from tests.llm.asking import WEATHER, ask, question
from tests.simulators.aimock import AIMock
from tests.simulators.scripted import Reply, ScriptedServer
from tests.simulators.tls import self_signed

ASKED = ChatRequest("m", [ChatMessage.of("system", "Be brief."), ChatMessage.of("user", "Hi")], tools=[WEATHER])


def provider(http: OutboundHttp, base_url: str, options: ConnectionOptions, route: Route | None = None) -> Provider:
    address = Address(
        "x", "X", KINDS["openai_compatible"], source="test", base_url=base_url, key="sk-secret-key",
        options=options, route=route or Route(authority=options.authority),
    )  # fmt: skip
    return ProviderFactory(http, LlmSettings()).build(address)


async def test_headers_and_fields_go_with_every_request(http: OutboundHttp, scripted: ScriptedServer) -> None:
    options = ConnectionOptions(headers={"X-Team": "lab"}, body={"chat_template_kwargs": {"enable_thinking": False}})
    subject = provider(http, f"{scripted.url}/v1", options)
    await ask(subject.adapter, ASKED)

    assert scripted.headers[0]["X-Team"] == "lab"
    assert scripted.headers[0]["Authorization"] == "Bearer sk-secret-key"
    assert scripted.bodies[0]["chat_template_kwargs"] == {"enable_thinking": False}
    assert "lab" not in repr(subject.address)


async def test_neither_tools_nor_instructions_are_sent_to_who_takes_none(
    http: OutboundHttp, scripted: ScriptedServer
) -> None:
    subject = provider(http, f"{scripted.url}/v1", ConnectionOptions(takes_tools=False, takes_system=False))
    said = [delta async for delta in deltas_of(subject.adapter, ASKED)]

    assert "tools" not in scripted.bodies[0]
    assert [message["role"] for message in scripted.bodies[0]["messages"]] == ["user"]
    assert not any(delta.left_out for delta in said)
    info, _ = ModelDescriptions(PriceBook(), LlmSettings()).of(subject, "m")
    assert not info.capabilities.tools


async def test_a_connection_has_a_patience_of_its_own(http: OutboundHttp, scripted: ScriptedServer) -> None:
    subject = provider(http, f"{scripted.url}/v1", ConnectionOptions(first_token_seconds=0.2))
    scripted.begin(Reply(before=60))

    with pytest.raises(ProviderTimeout):
        await ask(subject.adapter, ASKED)


async def test_names_by_hand_are_there_before_anybody_has_listed_them(http: OutboundHttp) -> None:
    subject = provider(http, "http://127.0.0.1:9/v1", ConnectionOptions(models=("mine",)))

    assert [model.name for model in subject.offer.models] == ["mine"]


async def _hello(_request: web.Request) -> web.Response:
    message = {"message": {"content": "Hello"}, "finish_reason": "stop"}
    return web.json_response({"choices": [message], "data": [{"id": "m"}]})


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """A provider whose certificate nobody vouches for: its address, and the certificate."""
    context, certificate = self_signed(tmp_path)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", _hello)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0, ssl_context=context).start()
    yield f"https://localhost:{runner.addresses[0][1]}/v1", certificate
    await runner.cleanup()


async def test_a_certificate_of_ones_own_is_trusted_where_it_was_set(
    http: OutboundHttp, secure: tuple[str, str]
) -> None:
    base_url, certificate = secure
    trusting = provider(http, base_url, ConnectionOptions(authority=certificate))
    strict = provider(http, base_url, ConnectionOptions())

    assert (await ask(trusting.adapter, ASKED)).text == "Hello"
    assert (await Discovery(http, LlmSettings()).offer_of(trusting.address)).health.status == "up"
    with pytest.raises(CertificateRefused):
        await ask(strict.adapter, ASKED)
    health = (await Discovery(http, LlmSettings()).offer_of(strict.address)).health
    assert "self-signed" in (health.detail or "")


class Proxy:
    """An HTTP proxy that hands everything on to one server; it keeps what it was asked, and by whom."""

    def __init__(self, target: str, *, login: str | None = None) -> None:
        self.target, self.login = target, login
        self.asked: list[str] = []

    async def forward(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.url))
        if self.login is not None and request.headers.get("Proxy-Authorization") != self.login:
            return web.Response(status=407)
        async with ClientSession() as session, session.post(self.target, data=await request.read()) as answer:
            return web.Response(body=await answer.read(), content_type=answer.content_type)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Its host and port."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.forward)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


LOGIN = "Basic " + b64encode(b"me:s3cret").decode()


async def test_calls_go_through_the_proxy_with_its_login(http: OutboundHttp, scripted: ScriptedServer) -> None:
    proxy = Proxy(f"{scripted.url}/v1", login=LOGIN)
    async with proxy.served() as place:
        subject = provider(http, "http://provider.invalid/v1", ConnectionOptions(), Route(f"http://me:s3cret@{place}"))
        assert (await ask(subject.adapter, ASKED)).text == "Hello"
        stranger = provider(http, "http://provider.invalid/v1", ConnectionOptions(), Route(f"http://{place}"))
        with pytest.raises(ProxyRefused, match="proxy"):
            await ask(stranger.adapter, ASKED)
    assert proxy.asked == ["http://provider.invalid/v1/chat/completions"] * 2


async def test_a_proxy_that_is_down_is_named(http: OutboundHttp) -> None:
    subject = provider(http, "http://provider.invalid/v1", ConnectionOptions(), Route("http://127.0.0.1:9"))

    with pytest.raises(ProxyRefused, match="proxy"):
        await ask(subject.adapter, ASKED)


async def test_so_do_those_of_other_wires(http: OutboundHttp, aimock: AIMock) -> None:
    proxy = Proxy(f"{aimock.url}/v1/messages")
    async with proxy.served() as place:
        address = Address(
            "claude", "Claude", KINDS["anthropic"], source="test", base_url="http://provider.invalid", key="sk-x",
            route=Route(f"http://{place}"),
        )  # fmt: skip
        adapter = ProviderFactory(http, LlmSettings()).build(address).adapter
        said = await ask(adapter, question("say hello", model="claude-sonnet-4-5"))

    assert said.text == "Hello there, this is a plain answer."
    assert proxy.asked == ["http://provider.invalid/v1/messages"]


def test_the_proxy_is_for_what_is_not_on_this_machine(tmp_path: Path) -> None:
    _, certificate = self_signed(tmp_path)
    authority = tmp_path / "authority.pem"
    authority.write_text(certificate)
    llm = LlmSettings(probe_ollama=True, proxy="http://proxy.test:3128", authority_file=authority)
    addresses = environment_addresses(
        Settings().model_copy(update={"llm": llm, "openai_base_url": "https://api.test/v1"})
    )

    routes = {address.id: address.route for address in addresses}
    assert routes["openai"].proxy == "http://proxy.test:3128"
    assert routes["ollama"].proxy is None
    assert routes["openai"].authority == certificate
