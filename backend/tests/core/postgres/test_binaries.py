"""Which account runs Postgres, and from where."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coda.core.postgres.binaries import (
    Account,
    choose_account,
    find_program,
    reachable_programs,
    remove_temporary_copy,
)
from coda.core.postgres.errors import EmbeddedPostgresFailed

NOBODY = Account(65534, 65534)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another account")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="coda-pg-"))
    path.chmod(0o700)
    yield path
    shutil.rmtree(path)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(EmbeddedPostgresFailed, match="pg_nothing"):
        find_program("pg_nothing")


def test_an_account_of_our_own_runs_the_installed_programs(folder: Path) -> None:
    assert reachable_programs(folder, None) == find_program("postgres").parent


@as_root
def test_root_hands_over_to_an_account_without_rights(folder: Path) -> None:
    account = choose_account(folder / "data")

    assert account is not None
    assert account.uid != 0


@as_root
def test_an_existing_cluster_keeps_its_owner(folder: Path) -> None:
    os.chown(folder, 4711, 4712)

    assert choose_account(folder) == Account(4711, 4712)


class TestProgramsOutOfReach:
    @pytest.fixture(autouse=True)
    def _hidden_installation(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same package, below a folder that only its owner may enter."""
        package = find_program("postgres").parents[2]
        hidden = folder / "private"
        hidden.mkdir(mode=0o700)
        for part in (package, package.parent / f"{package.name}.libs"):
            if part.exists():
                shutil.copytree(part, hidden / part.name, symlinks=True)
        monkeypatch.syspath_prepend(str(hidden))

    @as_root
    def test_are_copied_beside_the_data(self, folder: Path) -> None:
        folder.chmod(0o711)
        place = folder / "postgres"
        place.mkdir(mode=0o711)

        programs = reachable_programs(place, NOBODY)

        assert programs.is_relative_to(place)
        assert reachable_programs(place, NOBODY) == programs
        assert "18" in self.version(programs)

    @as_root
    def test_are_copied_to_a_temporary_folder_when_the_data_is_out_of_reach_too(self, folder: Path) -> None:
        programs = reachable_programs(folder, NOBODY)

        assert not programs.is_relative_to(folder)
        assert "18" in self.version(programs)
        remove_temporary_copy(folder)
        assert not programs.exists()

    def version(self, programs: Path) -> str:
        return subprocess.run(  # noqa: S603 - our own program, no shell
            [programs / "initdb", "--version"], user=NOBODY.uid, group=NOBODY.gid, capture_output=True, text=True,
            check=True,
        ).stdout  # fmt: skip
