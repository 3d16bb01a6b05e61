"""What is taken out of installed packages, and that they work without it."""

import ctypes
import shutil
from pathlib import Path

import asyncpg.protocol
import pytest

from scripts.trim_packages import strip, trim_modules, trim_python


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_of_python_packages_what_nobody_imports_goes(tmp_path: Path) -> None:
    kept = {"numpy/core.py", "botocore/data/s3/api.json", "botocore/data/endpoints.json", "tests/ours.py"}
    write(tmp_path, *kept, "numpy/lib/tests/test_a.py", "numpy/a.h", "botocore/data/ec2/api.json")

    for _ in range(2):
        trim_python(tmp_path)

        assert names_in(tmp_path) == kept


def test_of_javascript_packages_maps_go_unless_a_test_reads_them(tmp_path: Path) -> None:
    kept = {"a/index.js", "a/LICENSE", "@radix-ui/a/index.js.map", "debug/src/index.js", "typescript/lib/tsc.js"}
    write(tmp_path, *kept, "a/index.js.map", "a/README.md", "openai/src/index.ts", "typescript/lib/pt-br/messages.json")

    trim_modules(tmp_path)

    assert names_in(tmp_path) == kept


class TestStrip:
    @pytest.fixture
    def library(self, tmp_path: Path) -> Path:
        """One with everything that is in a library of a package; what this environment has is stripped already."""
        origin = Path(asyncpg.protocol.protocol.__file__)
        library = tmp_path / "library.so"
        shutil.copy(origin, library)
        with library.open("ab") as file:
            file.write(b"\0" * 1_000_000)
        return library

    def test_a_library_is_smaller_and_can_be_loaded(self, library: Path) -> None:
        before = library.stat()

        strip(library)

        assert library.stat().st_size <= before.st_size - 1_000_000
        assert library.stat().st_mode == before.st_mode
        assert ctypes.CDLL(str(library))

    def test_what_is_linked_elsewhere_stays_there(self, library: Path, tmp_path: Path) -> None:
        (tmp_path / "cached.so").hardlink_to(library)
        size = library.stat().st_size

        strip(library)

        assert (tmp_path / "cached.so").stat().st_size == size

    def test_other_files_stay_as_they_are(self, tmp_path: Path) -> None:
        for content in (b"", b"\x7fELF", b"text" * 10_000, b"\x7fELF\x02\x01" + bytes(100_000)):
            (tmp_path / "file").write_bytes(content)

            strip(tmp_path / "file")

            assert (tmp_path / "file").read_bytes() == content
