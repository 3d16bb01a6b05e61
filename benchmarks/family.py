"""CPU time and memory of a server with every process that it started, its Postgres among them (Linux, from /proc)."""

from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_PARENT, _REAPED_USER, _REAPED_SYSTEM = 1, 13, 14
_TICK = 0.01


def family(root: int) -> list[int]:
    """A process and all its descendants that live now."""
    parents = {int(entry.name): _parent(entry) for entry in _PROC.iterdir() if entry.name.isdigit()}
    found = {root}
    grown = True
    while grown:
        children = {pid for pid, parent in parents.items() if parent in found} - found
        found |= children
        grown = bool(children)
    return sorted(found)


def cpu_seconds(root: int) -> float:
    """CPU time that the family has used: its live threads to the nanosecond, and the children that it buried."""
    return sum(_cpu_of(pid) for pid in family(root))


def pss_megabytes(root: int) -> float:
    """Proportional set size of the family: shared pages are counted once, divided among their sharers."""
    return sum(_pss_of(pid) for pid in family(root)) / 1024


def pss_by_name(root: int) -> dict[str, float]:
    """The same by the name of the program, in megabytes."""
    sizes: dict[str, float] = {}
    for pid in family(root):
        name = _name(pid)
        sizes[name] = sizes.get(name, 0) + _pss_of(pid) / 1024
    return sizes


def cpu_by_name(root: int) -> dict[str, float]:
    """CPU seconds by the name of the program."""
    used: dict[str, float] = {}
    for pid in family(root):
        name = _name(pid)
        used[name] = used.get(name, 0) + _cpu_of(pid)
    return used


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs (a zombie does not)."""
    return _stat(_PROC / str(pid))[:1] not in ([], ["Z"])


def _cpu_of(pid: int) -> float:
    live = sum(_first_number(task / "schedstat") for task in _entries(_PROC / str(pid) / "task")) / 1e9
    stat = _stat(_PROC / str(pid))
    return live + (int(stat[_REAPED_USER]) + int(stat[_REAPED_SYSTEM])) * _TICK if stat else live


def _pss_of(pid: int) -> int:
    for line in _text(_PROC / str(pid) / "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _name(pid: int) -> str:
    program = _text(_PROC / str(pid) / "comm").strip()
    return "postgres" if program.startswith("postgres") else "coda"


def _parent(entry: Path) -> int:
    stat = _stat(entry)
    return int(stat[_PARENT]) if stat else 0


def _stat(entry: Path) -> list[str]:
    """The fields after the program's name (which may hold spaces); empty when the process is gone."""
    return _text(entry / "stat").rpartition(")")[2].split()


def _first_number(path: Path) -> int:
    fields = _text(path).split()
    return int(fields[0]) if fields else 0


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:
        return


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
