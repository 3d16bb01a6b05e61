"""Every way to a browser is tried in its order; programs on PATH stand for apt, sudo and npm."""

import os
import platform
import shutil
from pathlib import Path

import pytest

from checks import browser


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but what a test puts there, and a copy of the folder that npm fills."""
    found = tmp_path / "bin"
    found.mkdir()
    for name in ("sh", "env", "mkdir", "cat", "chmod"):
        (found / name).symlink_to(shutil.which(name) or pytest.fail(name))
    monkeypatch.setenv("PATH", str(found))
    monkeypatch.delenv("CODA_CHROMIUM", raising=False)
    monkeypatch.setattr(browser, "_MAC", tmp_path / "no such browser")
    monkeypatch.setattr(browser, "NPM_BROWSER", tmp_path)
    return found


def put(folder: Path, name: str, script: str = "") -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def be(monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)


class TestGetChromium:
    def test_takes_the_one_that_is_named(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(programs, "chromium")
        monkeypatch.setenv("CODA_CHROMIUM", "/named/chromium")

        assert browser.get_chromium() == Path("/named/chromium")

    def test_takes_the_one_on_path(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        be(monkeypatch, 0)
        put(programs, "apt-get", "exit 1")
        chrome = put(programs, "google-chrome")

        assert browser.get_chromium() == chrome

    def test_root_gets_one_by_apt(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        be(monkeypatch, 0)
        asked = programs.parent / "asked"
        put(
            programs,
            "apt-get",
            f'echo "$@" >> {asked}; name={programs}/chromium-headless-shell; echo "#!/bin/sh" > $name; chmod 755 $name',
        )

        assert browser.get_chromium() == programs / "chromium-headless-shell"
        assert asked.read_text().splitlines() == [
            "-qq update",
            "-qq install -y --no-install-recommends chromium-headless-shell fonts-liberation fonts-noto-color-emoji",
        ]

    def test_an_older_release_has_only_the_whole_browser(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        be(monkeypatch, 0)
        put(
            programs,
            "apt-get",
            'case "$*" in *headless*) exit 100;; esac; '
            f'echo "#!/bin/sh" > {programs}/chromium; chmod 755 {programs}/chromium',
        )

        assert browser.get_chromium() == programs / "chromium"

    def test_a_user_gets_one_by_apt_with_sudo_that_asks_nothing(
        self, programs: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        be(monkeypatch, 1000)
        put(programs, "sudo", '[ "$1" = -n ] && shift && exec "$@"')
        put(programs, "true")
        put(programs, "apt-get", f'echo "#!/bin/sh" > {programs}/chromium; chmod 755 {programs}/chromium')

        assert browser.get_chromium() == programs / "chromium"

    @pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the npm package is for Linux on x86-64"
    )
    @pytest.mark.parametrize("sudo", ["no sudo", "a password is asked", "apt finds nothing"])
    def test_who_may_not_install_gets_the_one_in_an_npm_package(
        self, programs: Path, monkeypatch: pytest.MonkeyPatch, sudo: str
    ) -> None:
        be(monkeypatch, 1000)
        put(programs, "apt-get", "exit 100")
        if sudo == "a password is asked":
            put(programs, "sudo", "exit 1")
        if sudo == "apt finds nothing":
            put(programs, "sudo", 'shift; exec "$@"')
            put(programs, "true")
        unpacked = put(programs.parent, "coda-chromium")
        put(programs, "npm", f'if [ "$1" = run ]; then echo "{unpacked}"; else mkdir -p node_modules/@sparticuz; fi')

        assert browser.get_chromium() == unpacked
        assert (programs.parent / "node_modules" / "@sparticuz").exists()

    def test_else_playwright_is_asked(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        be(monkeypatch, 1000)
        put(programs, "npm", "exit 1")
        downloaded = programs.parent / "playwrights"
        put(programs, "node", f'echo "{downloaded}"')
        put(programs, "npx", f'[ "$*" = "playwright install chromium" ] && echo > {downloaded}')

        assert browser.get_chromium() == downloaded

    def test_there_may_be_none(self, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        be(monkeypatch, 1000)
        put(programs, "npm", "exit 1")
        put(programs, "node", f'echo "{programs}/nowhere"')
        put(programs, "npx", "exit 1")

        assert browser.get_chromium() is None
