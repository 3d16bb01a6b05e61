"""More than one process: servers and workers over Redis, and a database that somebody else runs."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from tests.cli.conftest import ADMIN, CODA, Coda, Server, environment, postgres_of
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer

Start = Callable[..., Server]
SECRET = "a key for tests, of no secret at all"


@pytest.fixture
def worker(home: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a worker; it is stopped at the end."""
    workers: list[subprocess.Popen[str]] = []

    def begin(**settings: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*CODA, "worker"], cwd=home, env=environment(home, settings), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        )  # fmt: skip
        workers.append(process)
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        return process

    yield begin
    for process in workers:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def ask(server: Server, question: str) -> dict[str, Any]:
    """Ask the demo model over REST and read the finished message."""
    with signed_in(server) as client:
        session, run = begin(client, question)
        with client.stream("GET", f"/api/v1/runs/{run}/events", params={"after": 0}) as events:
            assert any("RUN_FINISHED" in line for line in events.iter_lines())
        messages: list[dict[str, Any]] = client.get(f"/api/v1/sessions/{session}/messages").json()["items"]
        return messages[-1]


def signed_in(server: Server) -> httpx.Client:
    """The administrator's client."""
    token = server.post("/api/v1/auth/login", ADMIN).json()["access_token"]
    return httpx.Client(base_url=server.address, headers={"Authorization": f"Bearer {token}"}, timeout=60)


def begin(client: httpx.Client, question: str) -> tuple[str, str]:
    """Ask in a new session; gives the session and the run."""
    session = client.post("/api/v1/sessions", json={}).json()["id"]
    body = {"run_id": str(uuid4()), "message": {"content": question}, "model": "demo/coda"}
    return session, client.post(f"/api/v1/sessions/{session}/runs", json=body).json()["run"]["id"]


def until_said(probe: Callable[[], str], wanted: str) -> None:
    """Return once a probe says what is wanted."""
    deadline = time.monotonic() + 60
    while (said := probe()) != wanted:
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def text_of(message: dict[str, Any]) -> str:
    return "".join(part["text"] for part in message["content"] if part["type"] == "text")


@pytest.mark.usefixtures("lived_in")
def test_a_worker_answers_what_a_server_was_asked(
    start: Start, worker: Callable[..., object], redis_server: RedisServer
) -> None:
    settings = {"CODA_REDIS_URL": redis_server.url, "CODA_LLM__DEMO_TOKENS_PER_SECOND": "0"}
    server = start(**settings)
    assert server.get("/readyz").json()["checks"]["worker"]["ok"] is False

    worker(**settings)

    assert server.get("/readyz").status_code == 200
    message = ask(server, "What is 17.5 % of 2,340?")
    assert message["status"] == "complete"
    assert "409.5" in text_of(message)


@pytest.mark.usefixtures("lived_in")
def test_a_worker_tells_on_a_port_of_its_own_how_it_is(
    start: Start, worker: Callable[..., "subprocess.Popen[str]"], redis_server: RedisServer
) -> None:
    """Its probes answer while it drains, and whoever sends it work is told not to."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"CODA_REDIS_URL": redis_server.url, "CODA_LLM__DEMO_TOKENS_PER_SECOND": "5"}
    server = start(**settings)
    process = worker(**settings, CODA_WORKER_PORT=str(port), CODA_SHUTDOWN__GRACE="30")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as probes:
        assert probes.get("/healthz").json() == {"status": "ok"}
        assert probes.get("/readyz").json()["status"] == "ready"
        assert "coda_" in probes.get("/metrics").text
        assert probes.get("/api/v1/me").status_code == 404

        with signed_in(server) as client:
            _, run = begin(client, "Write a long text about rivers")
            until_said(lambda: str(client.get(f"/api/v1/runs/{run}").json()["status"]), "running")
            process.terminate()
            until_said(lambda: str(probes.get("/readyz").json()["status"]), "draining")
            assert probes.get("/readyz").status_code == 503
            assert probes.get("/healthz").status_code == 200
            process.terminate()
            assert process.wait(timeout=60) == 0
            assert client.get(f"/api/v1/runs/{run}").json()["status"] == "running"
            client.post(f"/api/v1/runs/{run}/cancel")


def test_one_process_answers_without_redis(running: Server) -> None:
    message = ask(running, "What is 17.5 % of 2,340?")

    assert "409.5" in text_of(message)
    assert message["usage"]["output_tokens"] > 0


async def test_a_database_of_ones_own_is_set_up_and_served(
    start: Start, coda: Coda, tmp_path: Path, home: Path
) -> None:
    async with PostgresServer(tmp_path, durable=False) as elsewhere:
        dba = await asyncpg.connect(elsewhere.superuser_url.replace("/coda?", "/postgres?"))
        await dba.execute("drop database coda")
        await dba.execute("drop role coda_owner, coda_app, coda_system")
        await dba.execute("create role chat login createrole password 'secret'")
        await dba.execute("create database chat owner chat")
        await dba.close()
        socket = re.split("host=", elsewhere.superuser_url)[1]
        settings = {"CODA_DATABASE_URL": f"postgresql://chat:secret@/chat?host={socket}"}

        refused = coda("serve", "--port", "0", **settings)
        assert "CODA_SECRET_KEY must be set" in refused.stderr
        keyed = settings | {"CODA_SECRET_KEY": SECRET}
        assert "pgvector" in coda("serve", "--port", "0", **keyed).stderr
        dba = await asyncpg.connect(elsewhere.superuser_url.replace("/coda?", "/chat?"))
        await dba.execute("create extension vector")
        await dba.close()

        server = start(**keyed, CODA_ADMIN_EMAIL=ADMIN["email"], CODA_ADMIN_PASSWORD=ADMIN["password"])

        assert server.get("/readyz").json()["status"] == "ready"
        assert server.post("/api/v1/auth/login", ADMIN).status_code == 200
        backed_up = coda("backup", "b.tar", **keyed)
        assert backed_up.returncode == 0, backed_up.stderr
        assert "does not hold CODA_SECRET_KEY" in backed_up.stdout
        assert not (home / "data" / "postgres").exists()
        assert server.stop() == 0


@pytest.mark.usefixtures("lived_in")
def test_a_killed_postgres_comes_back_under_a_running_server(start: Start, home: Path) -> None:
    server = start()
    main = min(postgres_of(home))
    os.kill(main, signal.SIGKILL)

    deadline = time.monotonic() + 30
    while server.get("/readyz").status_code != 200 or main in postgres_of(home):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert server.post("/api/v1/auth/login", ADMIN).status_code == 200
