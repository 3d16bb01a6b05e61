"""Which tests share a process."""

import pytest

from tests.scheduling import FOLDERS_KEPT_TOGETHER, scope_of


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/cli/test_serve.py::test_dot_env_is_read", "tests/cli/"),
        ("tests/chaos/test_kill_points.py::TestWorkers::test_another[a::b]", "tests/chaos/"),
        ("tests/runs/test_pause.py::TestPause::test_it", "tests/runs/test_pause.py"),
        ("tests/client/test_x.py::test_it", "tests/client/test_x.py"),
    ],
)
def test_files_stay_whole_and_some_folders_too(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope


def test_the_folders_are_there(pytestconfig: pytest.Config) -> None:
    for folder in FOLDERS_KEPT_TOGETHER:
        assert list((pytestconfig.rootpath / folder).glob("test_*.py"))
