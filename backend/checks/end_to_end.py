"""Runs the end-to-end tests in a real Chromium: the machine's own, else the one that Playwright installs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_WHERE = "process.stdout.write(require('@playwright/test').chromium.executablePath())"


def main() -> int:
    """The exit status of the tests; 1 with a sentence when there is no browser to be had."""
    chromium = find_chromium() or install_chromium()
    if chromium is None:
        sys.stderr.write("No Chromium found and none could be downloaded: install the package chromium.\n")
        return 1
    environment = os.environ | {"CODA_CHROMIUM": str(chromium)}
    return subprocess.run(["npm", "run", "--silent", "e2e"], cwd=FRONTEND, env=environment, check=False).returncode  # noqa: S607 - npm is in the virtual environment, first on PATH


def find_chromium() -> Path | None:
    """A Chromium or Chrome of this machine."""
    if named := os.environ.get("CODA_CHROMIUM"):
        return Path(named)
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return Path(found)
    return _MAC if _MAC.exists() else None


def install_chromium() -> Path | None:
    """Playwright's Chromium, downloaded unless it is there."""
    asked = subprocess.run(  # noqa: S603 - no shell, nothing from outside
        ["node", "-e", _WHERE],  # noqa: S607 - node is in the virtual environment, first on PATH
        cwd=FRONTEND, capture_output=True, text=True, check=False,
    )  # fmt: skip
    path = Path(asked.stdout)
    if asked.returncode == 0 and not path.exists():
        subprocess.run(["npx", "playwright", "install", "chromium"], cwd=FRONTEND, check=False)  # noqa: S607 - npx is in the virtual environment
    return path if asked.returncode == 0 and path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
