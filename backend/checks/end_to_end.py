"""Runs the end-to-end tests in a real Chromium."""

import os
import subprocess
import sys

from checks.browser import FRONTEND, MISSING, get_chromium


def main() -> int:
    """The exit status of the tests; 1 with a sentence when there is no browser to be had."""
    chromium = get_chromium()
    if chromium is None:
        sys.stderr.write(MISSING)
        return 1
    environment = os.environ | {"CODA_CHROMIUM": str(chromium)}
    return subprocess.run(["npm", "run", "--silent", "e2e"], cwd=FRONTEND, env=environment, check=False).returncode  # noqa: S607 - npm is in the virtual environment, first on PATH


if __name__ == "__main__":
    sys.exit(main())
