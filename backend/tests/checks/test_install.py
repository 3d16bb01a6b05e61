"""The Makefile's own commands, against a registry that has something newer of everything."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pip
import pytest

from tests.checks.registry import Distribution, Registry

TOP = Path(__file__).resolve().parents[3]
REQUIREMENTS = {
    "base": ("extended[toml]>=1",),  # as `coverage[toml]` by pytest-cov: an extra that pip would look up anew
    "extended": ('parser>=1; extra == "toml"', "plain"),
}
LOCKED = {
    "build": ("hatch",),
    "": ("plain",),
    "dev": ("base", "extended", "parser", "plain", "tester"),
    "node": ("nodes",),
}
INSTALLED = {name: "1.0" for names in LOCKED.values() for name in names} | {"coda": "0.1.0"}
BACKEND = """
import shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return shutil.copy("coda-0.1.0-py3-none-any.whl", folder).rpartition("/")[2]

build_wheel = build_editable
"""
BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "build_here"\nbackend-path = ["."]\n'


def distribution(name: str, version: str) -> Distribution:
    return Distribution(name, version, REQUIREMENTS.get(name, ()), ("toml",) if name == "extended" else ())


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    with registry.serve() as url:
        yield url


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:
    """A project with this repository's Makefile, whose locks are a version behind the registry."""
    backend = tmp_path / "project" / "backend"
    backend.mkdir(parents=True)
    shutil.copy(TOP / "Makefile", backend.parent)
    shutil.copytree(TOP / "backend" / "scripts", backend / "scripts")
    lines = {name: registry.add(distribution(name, "1.0")) for name in INSTALLED if name != "coda"}
    for name in lines:
        registry.add(distribution(name, "2.0"))
    for group, names in LOCKED.items():
        lock = f"requirements-{group}.lock" if group else "requirements.lock"
        (backend / lock).write_text("".join(lines[name] for name in names))
    (backend / "pyproject.toml").write_text(BUILD_SYSTEM)
    (backend / "build_here.py").write_text(BACKEND)
    Distribution("coda", "0.1.0", ("plain>=1",)).write(backend)
    return backend.parent


def real_uv() -> bytes:
    return Path(
        shutil.which("uv", path=sysconfig.get_path("scripts")) or pytest.fail("uv is not installed")
    ).read_bytes()


def lock_uv(project: Path, registry: Registry, program: bytes, *, tag: str = "py3-none-any") -> None:
    """The installer itself, from the registry like everything; a newer one is a trap."""
    line = registry.add(Distribution("uv", "1.0", programs={"uv": program}, tag=tag))
    registry.add(Distribution("uv", "2.0", programs={"uv": b"#!/bin/sh\nexit 66\n"}))
    (project / "backend" / "requirements-uv.lock").write_text(line)


def environment(address: str) -> dict[str, str]:
    """Only this registry, and nothing of how this machine or the surrounding make is set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MAKE", "MFLAGS"))}
    ours = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": address, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0"}
    return kept | ours | {"UV_DEFAULT_INDEX": address, "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}


def run(project: Path, address: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - no shell; programs of this test's own project
        command, cwd=project, env=environment(address), capture_output=True, text=True, check=False
    )


def make(project: Path, address: str, *targets: str) -> str:
    done = run(project, address, "make", f"PYTHON={sys.executable}", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip_of(project: Path, address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(project, address, ".venv/bin/python", "-m", "pip", "--disable-pip-version-check", *arguments)


def installed(project: Path) -> dict[str, str]:
    packages = next((project / ".venv").glob("lib/python*/site-packages"))
    found = {entry.name: entry.version for entry in distributions(path=[str(packages)])}
    return {name: version for name, version in found.items() if name in INSTALLED}


def bring_pip_along(project: Path) -> None:
    """An environment with the newest pip we know, instead of the one that Python brings."""
    venv.create(project / ".venv", symlinks=True)
    packages = next((project / ".venv").glob("lib/python*/site-packages"))
    for part in (Path(pip.__file__).parent, *Path(pip.__file__).parents[1].glob("pip-*.dist-info")):
        shutil.copytree(part, packages / part.name)


LOST = b"#!/bin/sh\nexit 2\n"  # an uv that does not know the way
EVERYTHING = (".venv/stamps/dev", ".venv/stamps/node")


class TestInstall:
    def test_uv_installs_what_is_locked(self, project: Path, registry: Registry, address: str) -> None:
        bring_pip_along(project)
        lock_uv(project, registry, real_uv())

        said = make(project, address, *EVERYTHING)

        assert installed(project) == INSTALLED
        assert "for want of uv" not in said
        assert list((project / ".venv").glob("lib/python*/site-packages/__pycache__/extended.*.pyc"))

    @pytest.mark.parametrize(
        "is_new",
        [
            pytest.param(False, id="pip that Python brings"),
            pytest.param(True, id="pip of today", marks=pytest.mark.long),
        ],
    )
    def test_pip_does_the_same_where_no_uv_can_be_had(
        self, project: Path, registry: Registry, address: str, is_new: bool
    ) -> None:
        lock_uv(project, registry, LOST, tag="py3-none-win_arm64")
        if is_new:
            bring_pip_along(project)

        said = make(project, address, *EVERYTHING)

        assert installed(project) == INSTALLED
        assert "for want of uv" in said

    @pytest.mark.long
    def test_pip_does_the_same_where_uv_finds_no_registry(
        self, project: Path, registry: Registry, address: str
    ) -> None:
        bring_pip_along(project)
        lock_uv(project, registry, LOST)

        make(project, address, *EVERYTHING)

        assert installed(project) == INSTALLED

    def test_a_resolver_would_be_led_astray(self, project: Path, registry: Registry, address: str) -> None:
        """The registry is a trap indeed: a resolver takes what is newer, and old pips do so even for a lock."""
        make(project, address, ".venv/bin/python")

        by_hash = pip_of(project, address, "install", "--require-hashes", "-r", "backend/requirements-dev.lock")
        loose = pip_of(project, address, "install", "base")

        is_old = pip_of(project, address, "--version").stdout.startswith(("pip 22", "pip 23"))
        assert not is_old or "must have their versions pinned" in by_hash.stderr
        assert loose.returncode == 0
        assert installed(project)["extended"] == ("2.0" if by_hash.returncode else "1.0")
