"""`coda serve`: start, stop, and everything that can be in its way."""

import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from coda.cli.serve import serve
from coda.cli.start_up import check_start
from coda.core.settings import Settings
from coda.operations.errors import ConfigurationWrong
from tests.cli.conftest import ADMIN, Coda, Server, gone_within, postgres_of

Start = Callable[..., Server]


def test_a_first_start_serves_and_ctrl_c_stops_everything(start: Start, home: Path) -> None:
    server = start()

    assert "Make the first administrator: http://127.0.0.1:" in server.said
    assert server.get("/healthz").json() == {"status": "ok"}
    assert server.get("/readyz").json()["status"] == "ready"
    assert postgres_of(home)
    token = server.said.split("token=")[1].split()[0]
    setup = {"token": token, "email": "ada@example.org", "password": "a long enough pass phrase"}
    assert server.post("/api/v1/auth/setup", setup).status_code < 300

    assert server.stop(signal.SIGINT) == 0
    assert postgres_of(home) == []
    assert "Traceback" not in server.log()


def test_the_first_administrator_may_come_from_the_settings(start: Start) -> None:
    server = start(CODA_ADMIN_EMAIL="bob@example.org", CODA_ADMIN_PASSWORD=ADMIN["password"])

    assert "administrator" not in server.said
    signed_in = server.post("/api/v1/auth/login", {"email": "bob@example.org", "password": ADMIN["password"]})
    assert signed_in.status_code == 200


def test_the_next_start_keeps_everything_and_sigterm_stops_it_too(start: Start, lived_in: Path) -> None:
    server = start()

    assert "administrator" not in server.said
    assert server.post("/api/v1/auth/login", ADMIN).status_code == 200
    assert server.stop(signal.SIGTERM) == 0
    assert postgres_of(lived_in) == []


def test_after_kill_9_the_next_start_just_works(start: Start, lived_in: Path) -> None:
    killed = start()
    killed.process.kill()
    killed.process.wait()
    assert postgres_of(lived_in)

    server = start()

    assert server.get("/readyz").status_code == 200
    server.stop()
    assert gone_within(10, lived_in)


def test_a_second_start_on_one_folder_says_so(running: Server) -> None:
    second = running.coda("serve", "--port", "0")

    assert second.returncode == 1
    said = second.stderr.strip().splitlines()[-1]
    assert said.startswith(f"Error: Coda is already running on {running.home / 'data'}")
    assert running.get("/readyz").status_code == 200


def test_a_taken_port_is_told_before_anything_is_made(coda: Coda, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = coda("serve", "--port", str(port))

    assert refused.returncode == 1
    assert f"Error: Port {port} on 127.0.0.1 is taken by another program; set CODA_PORT." in refused.stderr
    assert not (home / "data").exists()


def test_an_address_that_is_not_ours_is_told(coda: Coda) -> None:
    refused = coda("serve", "--port", "0", CODA_HOST="192.0.2.1")

    assert refused.returncode == 1
    assert "Cannot listen on 192.0.2.1" in refused.stderr


def test_an_unusable_data_folder_is_told(coda: Coda, home: Path) -> None:
    (home / "file").write_text("")

    refused = coda("serve", "--port", "0", CODA_DATA_DIR=str(home / "file"))

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: The data folder")


def test_a_database_that_is_away_is_told(coda: Coda, home: Path) -> None:
    refused = coda(
        "serve", "--port", "0", CODA_DATABASE_URL="postgresql://x:canary@127.0.0.1:1/x", CODA_SECRET_KEY="k" * 40
    )

    assert refused.returncode == 1
    assert "Error: The database at 127.0.0.1:1/x cannot be used" in refused.stderr
    assert "canary" not in refused.stderr
    assert not (home / "data").exists()


def test_a_wrong_setting_is_named(coda: Coda) -> None:
    refused = coda("serve", CODA_PORT="many")

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: The setting CODA_PORT is not valid")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CODA_PUBLIC_URL", "notaurl", "CODA_PUBLIC_URL: 'notaurl' is not an address"),
        ("CODA_PUBLIC_URL", "https://example.org/coda", "Nothing may follow"),
        ("CODA_REDIS_URL", "notaurl", "CODA_REDIS_URL is not an address"),
        ("CODA_STATIC_DIR", "/nowhere", "CODA_STATIC_DIR: there is no built web app in /nowhere"),
        ("CODA_DEFAULT_MODEL", "gpt-5", "CODA_DEFAULT_MODEL: 'gpt-5' is not provider/name"),
        ("CODA_DEFAULT_MODEL", "demo/other", "the demo model is demo/coda"),
        ("CODA_TRUSTED_PROXIES", "everybody", "CODA_TRUSTED_PROXIES"),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_made(
    name: str, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("CODA_DATA_DIR", str(tmp_path / "data"))

    with pytest.raises(ConfigurationWrong, match=re.escape(said)):
        await serve(Settings().model_copy(update={"port": 0}))
    assert not (tmp_path / "data").exists()


async def test_what_deserves_a_word_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("CODA_RUNS__MAXSTEPS=3\n")
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    monkeypatch.setenv("CODA_OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("CODA_PORT_8000_TCP", "tcp://10.0.0.1:8000")  # what Kubernetes tells of a service
    monkeypatch.setenv("CODA_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("CODA_DEFAULT_MODEL", "mine/model")

    await check_start(Settings())

    said = capsys.readouterr().err
    assert "CODA_RUNS__MAXSTEPS is no setting; is CODA_RUNS__MAX_STEPS meant?" in said
    assert "CODA_OPENAI_API_KEY is no setting; is OPENAI_API_KEY meant?" in said
    assert "mine/model, if a connection made in the app is called 'mine'" in said
    assert "Redis does not answer" in said
    assert "CODA_PORT_8000_TCP" not in said
    assert "canary" not in said


def test_dot_env_is_read(coda: Coda, home: Path) -> None:
    (home / ".env").write_text("CODA_RUNS__MAX_STEPS=none\n")

    assert "CODA_RUNS__MAX_STEPS" in coda("doctor").stderr
