"""Finds a Chromium for the end-to-end tests, or gets one: from the machine, by apt, from npm, or as Playwright does."""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
NPM_BROWSER = FRONTEND / "browser"
MISSING = (
    "No Chromium found and none could be installed: install the package chromium, or name a program in CODA_CHROMIUM.\n"
)
_HEADLESS = "chromium-headless-shell"
"""The same browser without a window's own pages beside those of the tests: an eighth less processor time."""
_NAMES = (_HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_FONTS = ("fonts-liberation", "fonts-noto-color-emoji")
_WHERE = "process.stdout.write(require('@playwright/test').chromium.executablePath())"


def get_chromium() -> Path | None:
    """A Chromium that is here or could be had; None when every way failed."""
    ways = (find_chromium, install_with_apt, install_with_npm, install_with_playwright)
    return next((found for way in ways if (found := way()) is not None), None)


def find_chromium() -> Path | None:
    """A Chromium or Chrome of this machine."""
    if named := os.environ.get("CODA_CHROMIUM"):
        return Path(named)
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return Path(found)
    return _MAC if _MAC.exists() else None


def install_with_apt() -> Path | None:
    """Debian's package, where this user may install one without being asked for a password."""
    as_root = root_command()
    if shutil.which("apt-get") is None or as_root is None:
        return None
    _say("installing Debian's package")
    apt = (*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    _run([*apt, "-qq", "update"])
    for package in (_HEADLESS, "chromium"):  # not every release has the first
        if _run([*apt, "-qq", "install", "-y", "--no-install-recommends", package, *_FONTS]) is not None:
            break
    return find_chromium()


def root_command() -> tuple[str, ...] | None:
    """What to write before a command that only root may run; None when that cannot be had."""
    if os.geteuid() == 0:
        return ()
    return ("sudo", "-n") if shutil.which("sudo") and _run(["sudo", "-n", "true"]) is not None else None


def install_with_npm() -> Path | None:
    """The Chromium inside an npm package, with its libraries and fonts; built for Linux on x86-64."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    if not (NPM_BROWSER / "node_modules" / "@sparticuz").exists():
        _say("fetching the one in an npm package")
        if _run(["npm", "ci", "--silent"], NPM_BROWSER) is None:
            return None
    return _program(_run(["npm", "run", "--silent", "unpack"], NPM_BROWSER))


def install_with_playwright() -> Path | None:
    """Playwright's Chromium, downloaded unless it is there."""
    program = _run(["node", "-e", _WHERE], FRONTEND)
    if program and not Path(program).exists():
        _say("asking Playwright for its own")
        _run(["npx", "playwright", "install", "chromium"], FRONTEND)
    return _program(program)


def _program(path: str | None) -> Path | None:
    return Path(path) if path and Path(path).exists() else None


def _run(command: Sequence[str], folder: Path | None = None) -> str | None:
    """What the command printed; None when it failed or does not exist."""
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - no shell, nothing from outside
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _say(what: str) -> None:
    sys.stderr.write(f"No Chromium on PATH: {what} ...\n")
