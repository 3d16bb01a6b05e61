"""A package registry on loopback, with distributions made for the occasion."""

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass(frozen=True)
class Distribution:
    """What goes into a wheel: requirements as in metadata, programs as name and content."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    programs: Mapping[str, bytes] = field(default_factory=dict)
    tag: str = "py3-none-any"

    @property
    def file_name(self) -> str:
        return f"{self.name}-{self.version}-{self.tag}.whl"

    def write(self, folder: Path) -> Path:
        """The wheel, in a folder."""
        info = f"{self.name}-{self.version}.dist-info"
        metadata = [f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}"]
        metadata += [f"Provides-Extra: {extra}" for extra in self.extras]
        metadata += [f"Requires-Dist: {line}" for line in self.requires]
        files = {f"{self.name}.py": b"", f"{info}/METADATA": "\n".join([*metadata, ""]).encode()}
        files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {self.tag}\n".encode()
        files |= {f"{self.name}-{self.version}.data/scripts/{name}": data for name, data in self.programs.items()}
        record = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
        files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
        path = folder / self.file_name
        with zipfile.ZipFile(path, "w") as wheel:
            for name, data in files.items():
                wheel.writestr(name, data)
        return path


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class Registry:
    """A simple index in a folder: `add` distributions, then `serve` it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, made: Distribution) -> str:
        """Offer a distribution; the line of a lock that pins it."""
        place = self._folder / "simple" / made.name
        place.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(made.write(place).read_bytes()).hexdigest()
        page = place / "index.html"
        links = page.read_text() if page.exists() else "<!doctype html>\n"
        page.write_text(f'{links}<a href="{made.file_name}#sha256={digest}">{made.file_name}</a>\n')
        return f"{made.name}=={made.version} \\\n    --hash=sha256:{digest}\n"

    @contextmanager
    def serve(self) -> Iterator[str]:
        """The address of the index, while it is served."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(self._folder)))
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple/"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
