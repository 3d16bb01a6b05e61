"""The shipped proxy configurations, in Debian's own nginx and Caddy, in front of a running Coda."""

import getpass
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
import pytest
from websockets.sync.client import connect

from tests.cli.conftest import ADMIN, Server

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
_STARTS_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that passes everything on to Coda; `authority` signs its certificate."""

    address: str
    authority: ssl.SSLContext | None

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, verify=self.authority or False, timeout=30, trust_env=False)

    def token(self) -> str:
        with self.client() as client:
            return str(client.post("/api/v1/auth/login", json=ADMIN).json()["access_token"])


@pytest.fixture(scope="module")
def behind(model_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("behind")
    subprocess.run(["cp", "-a", f"{model_home}/.", f"{home}"], check=True)  # noqa: S603, S607 - keeps owners
    server = Server(home, {"CODA_TRUSTED_PROXIES": "127.0.0.1", "CODA_LLM__DEMO_TOKENS_PER_SECOND": "20"})
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, behind: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    program = shutil.which(request.param, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip(f"{request.param} is not installed; on Debian and Ubuntu: apt install {request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    begin = _begin_nginx if request.param == "nginx" else _begin_caddy
    process, found = begin(program, behind.address.removeprefix("http://"), folder)
    try:
        _wait_for(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=30)


def _begin_nginx(program: str, coda: str, folder: Path) -> tuple["subprocess.Popen[bytes]", Proxy]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(  # noqa: S603 - no text of anybody
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",  # noqa: S607
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    plain, secure = _free_port(), _free_port()
    site = (DEPLOY / "nginx/coda.conf").read_text()
    live = "/etc/letsencrypt/live/chat.example.org"
    for was, becomes in (
        ("127.0.0.1:8000", coda), ("listen 80;", f"listen 127.0.0.1:{plain};"), ("    listen [::]:80;\n", ""),
        ("listen 443 ", f"listen 127.0.0.1:{secure} "), ("    listen [::]:443 ssl http2;\n", ""),
        ("chat.example.org;", "localhost;"), (f"{live}/fullchain.pem", str(certificate)),
        (f"{live}/privkey.pem", str(key)),
    ):  # fmt: skip
        assert was in site, f"the shipped configuration has no {was!r} any more"
        site = site.replace(was, becomes)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    main = f"user {getpass.getuser()}; daemon off; pid {folder}/pid; events {{}}"
    whole.write_text(f"{main} http {{ access_log off; {temporary}\n{site}\n}}")
    command = [program, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(whole)]
    process = subprocess.Popen(command)  # noqa: S603 - no text of anybody
    return process, Proxy(f"https://localhost:{secure}", ssl.create_default_context(cafile=certificate))


def _begin_caddy(program: str, coda: str, folder: Path) -> tuple["subprocess.Popen[bytes]", Proxy]:
    address = f"http://localhost:{_free_port()}"
    environment = {
        "HOME": str(folder), "CODA_DOMAIN": address, "CODA_UPSTREAM": coda,
        "CADDY_ADMIN": f"127.0.0.1:{_free_port()}",
    }  # fmt: skip
    command = [program, "run", "--config", str(DEPLOY / "caddy/Caddyfile"), "--adapter", "caddyfile"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)  # noqa: S603 - no text of anybody
    return process, Proxy(address, None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(proxy: Proxy, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    with proxy.client() as client:
        while True:
            assert process.poll() is None, "the proxy refused the shipped configuration"
            try:
                assert client.get("/healthz").status_code == httpx.codes.OK
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)  # its port opens at its own time, and it tells nobody
            else:
                return


def test_a_stream_arrives_as_it_is_made(proxy: Proxy) -> None:
    body = {"model": "demo/coda", "stream": True, "messages": [{"role": "user", "content": "Who are you?"}]}
    headers = {"Authorization": f"Bearer {_key(proxy)}"}
    arrived: list[float] = []
    with proxy.client() as client, client.stream("POST", "/v1/chat/completions", json=body, headers=headers) as answer:
        assert answer.status_code == httpx.codes.OK
        arrived.extend(time.monotonic() for line in answer.iter_lines() if line.startswith("data: {"))

    assert len(arrived) > 10
    assert arrived[-1] - arrived[0] > 0.2  # at 20 tokens a second; buffered, all come at once


def test_a_socket_opens_and_answers(proxy: Proxy) -> None:
    address = proxy.address.replace("http", "ws", 1) + "/api/v1/ws"
    headers = {"Authorization": f"Bearer {proxy.token()}", "Origin": proxy.address}
    with connect(address, additional_headers=headers, ssl=proxy.authority, proxy=None) as connection:
        connection.send(orjson.dumps({"op": "ping", "ref": "1"}).decode())

        assert orjson.loads(connection.recv(timeout=20)) == {"op": "pong", "ref": "1"}


def test_coda_knows_how_it_is_reached(proxy: Proxy) -> None:
    with proxy.client() as client:
        signed_in = client.post("/api/v1/auth/login", json=ADMIN, headers={"Origin": proxy.address})
        from_elsewhere = client.post("/api/v1/auth/login", json=ADMIN, headers={"Origin": "https://evil.example"})

    assert ("Secure" in signed_in.headers["set-cookie"]) is proxy.address.startswith("https")
    assert from_elsewhere.status_code == httpx.codes.FORBIDDEN


def test_what_is_too_large_is_told_in_our_words(proxy: Proxy) -> None:
    with proxy.client() as client:
        refused = client.post("/api/v1/auth/login", content=b'{"email":"' + b"x" * 20_000)

    assert refused.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert refused.json()["error"]["code"] == "core.too_large"


def _key(proxy: Proxy) -> str:
    with proxy.client() as client:
        made = client.post("/api/v1/api-keys", json={"name": "p"}, headers={"Authorization": f"Bearer {proxy.token()}"})
        return str(made.json()["key"])
