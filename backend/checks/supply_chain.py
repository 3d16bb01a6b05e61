"""Known dangers among the dependencies: versions below a safe floor, start-up hooks, lock files that name a host.

Advisory databases are not always reachable from where this runs, so the floors are kept here, dated, and looked over
with each release.
"""

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.version import Version

from checks.lock_files import BACKEND, LOCKS

FRONTEND = BACKEND.parent / "frontend"
NPM_LOCKS = ("package-lock.json", "browser/package-lock.json")

FLOORS_REVIEWED = date(2026, 11, 21)
SAFE_FLOORS = {
    "aiohttp": "3.13.3",  # request smuggling and decompression bombs (2025-2026)
    "authlib": "1.6.6",
    "cryptography": "44.0.1",
    "fastapi": "0.115.3",
    "h11": "0.16.0",  # CVE-2025-43859
    "h2": "4.3.0",
    "idna": "3.7",
    "jinja2": "3.1.6",
    "langchain-core": "1.2.5",  # CVE-2025-68664
    "langgraph-checkpoint": "3.0.0",  # CVE-2025-64439
    "litellm": "1.83.7",  # 1.82.7 and 1.82.8 were malicious
    "orjson": "3.11.6",
    "python-dotenv": "1.0.0",
    "python-jose": "3.5.0",  # CVE-2024-33663, CVE-2024-33664
    "requests": "2.32.4",
    "starlette": "0.49.1",  # CVE-2025-62727
    "urllib3": "2.6.3",
    "werkzeug": "3.1.4",
}
FORBIDDEN_VERSIONS = {"litellm": ("1.82.7", "1.82.8")}
# A .pth file runs code whenever Python starts; each one is here by decision.
KNOWN_START_UP_HOOKS = {"_editable_impl_coda.pth", "a1_coverage.pth", "distutils-precedence.pth"}


def main() -> int:
    """Print each danger; 1 when there is any."""
    problems = [*version_problems(), *hook_problems(Path(sys.prefix)), *lock_problems()]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def version_problems() -> Iterator[str]:
    """Installed packages below their floor or known to be bad."""
    for installed in distributions():
        name = (installed.metadata["Name"] or "").lower().replace("_", "-")
        if name in SAFE_FLOORS and Version(installed.version) < Version(SAFE_FLOORS[name]):
            yield f"{name} {installed.version} is installed, {SAFE_FLOORS[name]} is the oldest safe version"
        if installed.version in FORBIDDEN_VERSIONS.get(name, ()):
            yield f"{name} {installed.version} is known to be malicious"


def hook_problems(environment: Path) -> Iterator[str]:
    """Start-up hooks in site-packages that nobody decided on."""
    for hook in environment.glob("lib/python*/site-packages/*.pth"):
        if hook.name not in KNOWN_START_UP_HOOKS:
            yield f"{hook.name} in site-packages runs at every start of Python and is not known"


def lock_problems() -> Iterator[str]:
    """Lock files that name a registry, a path of one machine, or a package without a hash."""
    for name in LOCKS:
        text = (BACKEND / name).read_text()
        if found := re.search(r"https?://\S+|--(?:extra-)?index-url|--find-links|/(?:tmp|home|root)/\S+", text):
            yield f"{name} names a place: {found[0]}"
        for block in re.split(r"\n(?=[a-z])", text):
            if re.match(r"[a-z0-9][a-z0-9._-]*==", block) and "--hash=sha256:" not in block:
                yield f"{name}: {block.split()[0]} has no hash"
    for name in NPM_LOCKS:
        yield from npm_lock_problems(name)


def npm_lock_problems(lock: str) -> Iterator[str]:
    """Lines of an npm lock file that name a registry or have no hash."""
    packages = json.loads((FRONTEND / lock).read_text())["packages"]
    for name, entry in packages.items():
        if "resolved" in entry and not entry.get("link"):
            yield f"{lock}: {name} names a registry"
        if name and "integrity" not in entry and not _may_lack_hash(entry):
            yield f"{lock}: {name} has no hash"


def _may_lack_hash(entry: dict[str, Any]) -> bool:
    """What is no download, and binaries for other platforms than the one that the lock file was made on."""
    is_for_a_platform = "os" in entry or "cpu" in entry
    return bool(entry.get("link") or entry.get("inBundle") or (entry.get("optional") and is_for_a_platform))


if __name__ == "__main__":
    sys.exit(main())
