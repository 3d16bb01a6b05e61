"""The page that walks a newcomer through the backend names files that exist, and each room of runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = ROOT / "backend" / "coda"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
NAMED = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", PAGE)


def test_every_file_and_folder_that_it_names_exists() -> None:
    named = [name for name in NAMED if name != "backend/coda/"]

    assert len(named) > 40
    assert [name for name in named if not (CODE / name).exists()] == []


def test_it_names_every_room_of_runs() -> None:
    rooms = {f"runs/{path.parent.name}/" for path in (CODE / "runs").glob("*/__init__.py")}

    assert rooms - set(NAMED) == set()


def test_newcomers_are_sent_there() -> None:
    assert "docs/architecture.md" in (ROOT / "CONTRIBUTING.md").read_text()
