"""The machine that a benchmark ran on."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any


def describe() -> dict[str, Any]:
    """Processor, cores, memory, kernel, versions, and how busy the machine was before."""
    return {
        "processor": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(_first(r"MemTotal:\s*(\d+)", "/proc/meminfo") or 0) / 1024**2, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "coda": version("coda"),
        "load_before": [round(load, 2) for load in os.getloadavg()],
    }


def _first(pattern: str, path: str) -> str | None:
    found = re.search(pattern, Path(path).read_text(encoding="utf-8"))
    return found[1].strip() if found else None
