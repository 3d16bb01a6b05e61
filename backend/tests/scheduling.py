"""Which tests share a process when several run them (`pytest --numprocesses`).

Files are handed out whole, since a file shares a database. The folders named here are, too: their tests share real
processes, which take longer to start than most tests take to run.
"""

from typing import Any, Final

import pytest
from xdist.scheduler import LoadFileScheduling

FOLDERS_KEPT_TOGETHER: Final = ("tests/chaos/", "tests/cli/")


class LoadFolderScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """`--dist loadfile`, and some folders as if they were one file."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """The file or the folder that is handed out with a test."""
    path = nodeid.split("::", 1)[0]
    return next((folder for folder in FOLDERS_KEPT_TOGETHER if path.startswith(folder)), path)


@pytest.hookimpl(optionalhook=True)  # without pytest-xdist there is nothing to schedule
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:  # noqa: ANN401 - xdist's own
    """Used with `--dist loadfile`; any other way of handing out is left as it is."""
    return LoadFolderScheduling(config, log) if config.getoption("dist") == "loadfile" else None
