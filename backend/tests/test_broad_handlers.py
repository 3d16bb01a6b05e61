"""Who may catch whatever is raised: few, and each says why beside it. Everybody else names what they expect."""

import ast
from collections import Counter
from pathlib import Path

import coda

FOLDER = Path(coda.__file__).parent
ALLOWED = {
    "core/http/errors.py": 1,  # the outermost handler of requests
    "core/jobs/worker.py": 1,  # the worker loop of jobs
    "core/tasks.py": 1,  # one turn of a loop that must not end
    "gateways/mcp_server/serving.py": 1,  # the outermost handler of calls over MCP
    "llm/adapters/litellm.py": 2,  # a vendor's door
    "runs/log/store.py": 1,  # the driver's door
    "runs/worker/executor.py": 2,  # the run executor
    "tools/invocation.py": 1,  # the code of a tool may not be ours
    "tools/workers/child.py": 1,  # the outermost handler of a child process
}


def broad_handlers(path: Path) -> list[str]:
    """The lines with `except Exception` or a bare `except`."""
    lines = path.read_text().splitlines()
    handlers = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.ExceptHandler)]
    return [lines[node.lineno - 1] for node in handlers if node.type is None or _is_broad(node.type)]


def _is_broad(caught: ast.expr) -> bool:
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(name, ast.Name) and name.id == "Exception" for name in names)


def test_few_catch_whatever_is_raised_and_say_why() -> None:
    found = {path.relative_to(FOLDER).as_posix(): broad_handlers(path) for path in sorted(FOLDER.rglob("*.py"))}
    lines = {name: handlers for name, handlers in found.items() if handlers}

    assert Counter({name: len(handlers) for name, handlers in lines.items()}) == Counter(ALLOWED)
    assert [line for handlers in lines.values() for line in handlers if "#" not in line] == []
