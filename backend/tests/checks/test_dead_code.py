"""Everything that is defined in `coda` is used by what is not a test."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BACKEND = Path(__file__).parents[2]
ROOT = BACKEND.parent
USERS = (BACKEND / "coda", BACKEND / "checks", ROOT / "benchmarks", ROOT / "examples", ROOT / "migrations")
# Decorators that only change what a call gives; any other one hands its function to a framework.
TRANSPARENT = {"property", "staticmethod", "classmethod", "contextmanager", "asynccontextmanager", "cached_property"}
OWN_BASES = {"Protocol", "Generic", "Exception", "object"}
FOR_READERS = {"__all__", "DESCRIPTIONS"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Defined:
    """A name and where it stands."""

    name: str
    place: str


def parsed(*folders: Path) -> dict[Path, ast.Module]:
    """The syntax trees of all Python files below these folders."""
    files = (file for folder in folders for file in folder.rglob("*.py"))
    return {file: ast.parse(file.read_text()) for file in files}


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, `a.b.c[...]` and `a.b.c(...)`."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case ast.Subscript(value=inner) | ast.Call(func=inner):
            return last_name(inner)
    return ""


def uses(tree: ast.AST) -> Iterator[str]:
    """Every name that is read, and every string that may be one (`getattr`, quoted types, names of columns)."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                yield name
            case ast.Constant(value=str(text)) if len(text) < 200:
                yield from (word for word in text.replace("[", " ").replace("]", " ").replace(".", " ").split())
            case ast.ImportFrom(names=names):
                yield from (alias.name for alias in names if alias.asname)


class Classes:
    """The classes of `coda`: whether a framework may call what they define."""

    def __init__(self, trees: Mapping[Path, ast.Module]) -> None:
        self._bases = {
            node.name: [last_name(base) for base in node.bases]
            for tree in trees.values()
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
        }

    def is_foreign(self, name: str) -> bool:
        """Whether the class, or one above it, is not ours."""
        if name not in self._bases:
            return name not in OWN_BASES
        return any(map(self.is_foreign, self._bases[name]))


def definitions(file: Path, tree: ast.Module, classes: Classes) -> Iterator[Defined]:
    """Functions, classes and constants of a module, and the methods of its classes."""

    def defined(node: Definition) -> Iterator[Defined]:
        is_dunder = node.name.startswith("__")
        is_handed_on = any(last_name(each) not in TRANSPARENT for each in node.decorator_list)
        if not is_dunder and (isinstance(node, ast.ClassDef) or not is_handed_on):
            yield Defined(node.name, f"{file.relative_to(BACKEND)}:{node.lineno}")
        if isinstance(node, ast.ClassDef) and not classes.is_foreign(node.name):
            for inner in node.body:
                if isinstance(inner, Definition):
                    yield from defined(inner)

    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield from defined(node)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if name not in FOR_READERS:
                    yield Defined(name, f"{file.relative_to(BACKEND)}:{node.lineno}")


def unused(own: Mapping[Path, ast.Module], used: Counter[str]) -> list[str]:
    """What nobody names, as `place name`."""
    classes = Classes(own)
    every = (each for file, tree in own.items() for each in definitions(file, tree, classes))
    return sorted(f"{each.place} {each.name}" for each in every if not used[each.name])


def test_nothing_is_defined_for_tests_alone() -> None:
    trees = parsed(*USERS)
    used = Counter(name for tree in trees.values() for name in uses(tree))
    own = {file: tree for file, tree in trees.items() if file.is_relative_to(BACKEND / "coda")}

    assert unused(own, used) == []


def test_an_unused_name_is_found() -> None:
    source = "def used(): ...\nclass A:\n    def one(self): used()\n    def two(self): A().one()\nLEFT = 1\n"
    tree = ast.parse(source)

    found = unused({BACKEND / "coda" / "x.py": tree}, Counter(uses(tree)))

    assert found == ["coda/x.py:4 two", "coda/x.py:5 LEFT"]
