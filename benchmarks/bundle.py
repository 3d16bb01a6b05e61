"""Sizes of the web app's JavaScript, gzipped, as the gate of the frontend counts them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

_LINE = re.compile(r"^(?P<name>[^:\n]+): (?P<size>[\d.]+) KB of (?P<limit>[\d.]+) KB", re.MULTILINE)


class ChunkSize(TypedDict):
    """What a part of the web app weighs, and may weigh, in KB."""

    size: float
    limit: float


def kilobytes(frontend: Path) -> dict[str, ChunkSize] | None:
    """The sizes by name; None where nothing is built, or where Node is missing."""
    beside_python = Path(sys.executable).with_name("node")
    node = str(beside_python) if beside_python.exists() else shutil.which("node")
    if node is None or not (frontend / "dist" / ".vite" / "manifest.json").exists():
        return None
    script = frontend / "scripts" / "check-sizes.mjs"
    run = subprocess.run([node, str(script)], capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    return {
        found["name"]: {"size": float(found["size"]), "limit": float(found["limit"])}
        for found in _LINE.finditer(run.stdout)
    }
