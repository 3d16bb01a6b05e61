"""Hard limits on the size of files and functions, for Python and TypeScript; ESLint holds the TypeScript functions."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_FILE, PYTHON_TEST_FILE, TYPESCRIPT_FILE, TYPESCRIPT_TEST_FILE = 400, 600, 250, 600
FUNCTION_STATEMENTS = 40
GENERATED = ("frontend/src/shared/api/schema.d.ts",)


def main() -> int:
    """Print each excess; 1 when there is any."""
    problems = [problem for path in tracked_files() for problem in check(path)]
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def tracked_files() -> list[Path]:
    """Source files that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.ts", "*.tsx", "*.mjs"],  # noqa: S607 - git is found on PATH
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split("\n") if name and name not in GENERATED]


def check(path: Path) -> Iterator[str]:
    """Every limit that one file passes."""
    if not path.exists():
        return
    text = path.read_text()
    name, lines = path.relative_to(ROOT), text.count("\n")
    if lines > (limit := file_limit(path)):
        yield f"{name}: {lines} lines, limit {limit}"
    if path.suffix == ".py" and "versions" not in path.parts:
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and (count := statements(node)) > FUNCTION_STATEMENTS
            ):
                yield f"{name}:{node.lineno}: {node.name} has {count} statements, limit {FUNCTION_STATEMENTS}"


def file_limit(path: Path) -> int:
    """The most lines that a file may have; migrations are written once and never read again."""
    if "versions" in path.parts and "migrations" in path.parts:
        return sys.maxsize
    is_test = "tests" in path.parts or ".test." in path.name or "e2e" in path.parts
    if path.suffix == ".py":
        return PYTHON_TEST_FILE if is_test else PYTHON_FILE
    return TYPESCRIPT_TEST_FILE if is_test else TYPESCRIPT_FILE


def statements(function: ast.AST) -> int:
    """Statements inside a function, nested ones too."""
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1


if __name__ == "__main__":
    sys.exit(main())
