"""The checks find what they are for, and find nothing wrong here."""

from datetime import date
from pathlib import Path

import pytest

from checks import openapi, sizes, supply_chain


class TestSizes:
    def test_hold_in_this_repository(self) -> None:
        assert [problem for path in sizes.tracked_files() for problem in sizes.check(path)] == []

    def test_a_long_function_and_a_long_file_are_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sizes, "ROOT", tmp_path)
        long = tmp_path / "long.py"
        long.write_text("def f() -> None:\n" + "    x = 1\n" * 41 + "\n" * 400)

        assert list(sizes.check(long)) == [
            "long.py: 442 lines, limit 400",
            "long.py:1: f has 41 statements, limit 40",
        ]

    @pytest.mark.parametrize(
        ("name", "limit"),
        [
            ("backend/coda/x.py", 400), ("backend/tests/x.py", 600), ("frontend/src/x.tsx", 250),
            ("frontend/src/x.test.ts", 600), ("frontend/e2e/x.spec.ts", 600),
        ],
    )  # fmt: skip
    def test_depend_on_the_kind_of_file(self, name: str, limit: int) -> None:
        assert sizes.file_limit(Path(name)) == limit


class TestSupplyChain:
    def test_nothing_known_to_be_dangerous_is_installed(self) -> None:
        assert list(supply_chain.version_problems()) == []

    def test_the_floors_were_reviewed(self) -> None:
        assert date(2026, 11, 21) <= supply_chain.FLOORS_REVIEWED

    def test_an_unknown_start_up_hook_is_named(self, tmp_path: Path) -> None:
        packages = tmp_path / "lib" / "python3.11" / "site-packages"
        packages.mkdir(parents=True)
        (packages / "litellm_init.pth").write_text("import os")
        (packages / "distutils-precedence.pth").write_text("")

        (problem,) = supply_chain.hook_problems(tmp_path)
        assert problem.startswith("litellm_init.pth")

    def test_the_lock_files_name_no_place_and_hash_everything(self) -> None:
        assert list(supply_chain.lock_problems()) == []


class TestGeneratedFiles:
    def test_the_openapi_document_is_what_is_served(self) -> None:
        assert openapi.DOCUMENT.read_text() == openapi.render()
