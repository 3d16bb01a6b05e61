"""The other commands, from an empty home."""

import resource
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import ADMIN, Coda, Server, postgres_of


def _children_seconds() -> float:
    """Processor time of the commands run so far: a busy machine does not change it much."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_version_comes_at_once(coda: Coda) -> None:
    took = []
    for _ in range(3):
        started = _children_seconds()
        shown = coda("--version")
        took.append(_children_seconds() - started)

    assert shown.stdout.startswith("coda, version ")
    assert min(took) < 1


def test_help_names_every_command(coda: Coda) -> None:
    shown = coda("--help").stdout

    for name in ("serve", "worker", "migrate", "user", "backup", "restore", "doctor", "mcp"):
        assert name in shown


def test_a_worker_without_redis_refuses(coda: Coda, home: Path) -> None:
    refused = coda("worker")

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: A worker needs CODA_REDIS_URL")
    assert not (home / "data").exists()


def test_people_are_made_and_let_in_while_coda_runs(running: Server) -> None:
    made = running.coda("user", "create", "bob@example.org", "--name", "Bob", "--password", ADMIN["password"])
    again = running.coda("user", "create", "bob@example.org", "--password", ADMIN["password"])
    link = running.coda("user", "reset-password", "bob@example.org", CODA_PUBLIC_URL="https://chat.example.org")

    assert (made.returncode, made.stdout) == (0, "bob@example.org can sign in now.\n")
    assert again.returncode == 1
    assert again.stderr.startswith("Error: ")
    assert link.stdout.startswith("https://chat.example.org/reset?token=")
    signed_in = running.post("/api/v1/auth/login", {"email": "bob@example.org", "password": ADMIN["password"]})
    assert signed_in.json()["user"]["name"] == "Bob"


def test_nobody_gets_no_link(coda: Coda, lived_in: Path) -> None:
    refused = coda("user", "reset-password", "nobody@example.org")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert postgres_of(lived_in) == []


def test_migrate_says_where_the_schema_is(coda: Coda, home: Path) -> None:
    first, second = coda("migrate"), coda("migrate")

    assert first.stdout.startswith("The schema is now at 0")
    assert second.stdout.startswith("The schema is already at 0")
    assert postgres_of(home) == []


def test_the_roles_are_printed_for_a_dba(coda: Coda, home: Path) -> None:
    shown = coda("migrate", "--print-roles", CODA_DATABASE_URL="postgresql://chat@db/chat")

    assert "create role coda_owner nologin nosuperuser nobypassrls" in shown.stdout
    assert 'grant coda_owner, coda_app, coda_system to "chat";' in shown.stdout
    assert not (home / "data").exists()


def test_a_backup_of_a_running_instance_fills_an_empty_folder(
    running: Server, coda: Coda, start: Callable[..., Server], home: Path
) -> None:
    made = running.coda("backup", str(home / "b.tar"))
    assert made.returncode == 0, made.stderr

    restored = coda("restore", "b.tar")
    assert restored.returncode == 0, restored.stderr
    assert (home / "data" / "secret.key").read_text() == (running.home / "data" / "secret.key").read_text()
    again = coda("restore", "b.tar")
    assert again.returncode == 1
    assert "restore into an empty one" in again.stderr
    signed_in = start().post("/api/v1/auth/login", ADMIN)
    assert signed_in.status_code == 200


class TestDoctor:
    def test_finds_nothing_wrong_with_a_plain_installation(self, coda: Coda, home: Path) -> None:
        (home / "web").mkdir()
        (home / "web" / "index.html").write_text("")

        found = coda("doctor", CODA_STATIC_DIR=str(home / "web"), OPENAI_API_KEY="sk-canary")

        assert found.returncode == 0, found.stdout
        assert "embedded Postgres (made at the first start)" in found.stdout
        assert "OpenAI" in found.stdout
        assert "canary" not in found.stdout
        assert not (home / "data").exists()

    def test_says_what_is_wrong(self, coda: Coda, home: Path) -> None:
        found = coda(
            "doctor", CODA_REDIS_URL="redis://127.0.0.1:1", CODA_DATABASE_URL="postgresql://x@127.0.0.1:1/x",
            CODA_PUBLIC_URL="chat.example.org", CODA_STATIC_DIR=str(home), CODA_TRUSTED_PROXIES="everybody",
        )  # fmt: skip

        assert found.returncode == 1
        assert [line.split()[1] for line in found.stdout.splitlines() if line.startswith("WRONG")] == [
            "database", "Redis", "secret", "address", "web",
        ]  # fmt: skip

    def test_looks_at_a_running_instance(self, running: Server, redis_url: str) -> None:
        found = running.coda("doctor", CODA_REDIS_URL=redis_url, CODA_OTLP_ENDPOINT="")

        assert "embedded, Postgres 18" in found.stdout
        assert "Redis         answers" in found.stdout
