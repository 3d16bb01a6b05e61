"""The tools of one answer, chosen when it begins and frozen for all its runs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import orjson

from coda.llm.types import ToolSpec
from coda.tools.policies import PolicyLevels, Ruling
from coda.tools.types import Approval, Tool

_MOST_HASHES: Final = 1_024


@dataclass(frozen=True, slots=True)
class SelectedTool:
    """A tool as the model is told of it; `spec` is the text that `spec_hash` is of."""

    source_id: str
    name: str
    spec_hash: str
    spec: str
    approval: Approval

    def as_spec(self) -> ToolSpec:
        """What the model is told."""
        return _spec_of(self.spec)


class ToolSelection:
    """Frozen tools, one of each name, in the order in which the model is told of them."""

    def __init__(self, tools: Iterable[SelectedTool] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.specs: tuple[ToolSpec, ...] = tuple(tool.as_spec() for tool in self._tools.values())

    @property
    def names(self) -> tuple[str, ...]:
        """What the model may call."""
        return tuple(self._tools)

    def find(self, name: str) -> SelectedTool | None:
        """The tool that the model means by this name."""
        return self._tools.get(name)

    def allowing(self, names: Collection[str]) -> "ToolSelection":
        """The same where a person has allowed these for good meanwhile: by itself it does not have them ask."""
        if not names:
            return self
        return ToolSelection(
            replace(tool, approval=Approval.NEVER) if tool.name in names else tool for tool in self._tools.values()
        )

    @property
    def texts(self) -> dict[str, str]:
        """The specs by their hashes, to be kept once for each organization."""
        return {tool.spec_hash: tool.spec for tool in self._tools.values()}

    def as_stored(self) -> list[dict[str, str]]:
        """As it is stored with the answer: references, no specs."""
        return [
            {"source": tool.source_id, "name": tool.name, "spec": tool.spec_hash, "approval": tool.approval}
            for tool in self._tools.values()
        ]

    @classmethod
    def of_stored(cls, stored: Sequence[Mapping[str, Any]], specs: Mapping[str, str]) -> "ToolSelection":
        """As it was stored; `specs` by their hashes."""
        return cls(
            SelectedTool(item["source"], item["name"], item["spec"], specs[item["spec"]], Approval(item["approval"]))
            for item in stored
            if item["spec"] in specs
        )


def select(tools: Sequence[Tool], policies: PolicyLevels) -> ToolSelection:
    """Those that are switched on. Of one name, that of the source that was registered first.

    The order is that of the sources, and in each that of the names: however a source lists its tools, the beginning of
    the prompt stays the same, and so does what a provider has cached of it.
    """
    return ToolSelection(_selected(tool, ruling) for tool, ruling in switched_on(tools, policies))


def switched_on(tools: Sequence[Tool], policies: PolicyLevels) -> Iterator[tuple[Tool, Ruling]]:
    """The tools that are selected, in that order, and what holds for them."""
    sources = list(dict.fromkeys(tool.source for tool in tools))
    seen: set[str] = set()
    for tool in sorted(tools, key=lambda each: (sources.index(each.source), each.name)):
        if tool.name not in seen and (ruling := policies.of(tool)).enabled:
            seen.add(tool.name)
            yield tool, ruling


def _selected(tool: Tool, ruling: Ruling) -> SelectedTool:
    spec = spec_text(tool)
    return SelectedTool(tool.source, tool.name, hash_of(spec), spec, ruling.approval)


def spec_text(tool: Tool) -> str:
    """What a model is told of a tool, as it is stored and hashed. The order of the schema's keys counts."""
    told = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return orjson.dumps(told).decode()


@lru_cache(_MOST_HASHES)
def _spec_of(spec: str) -> ToolSpec:
    told = orjson.loads(spec)
    return ToolSpec(told["name"], told["description"], told["parameters"])


@lru_cache(_MOST_HASHES)
def hash_of(spec: str) -> str:
    """The name of a spec."""
    return sha256(spec.encode()).hexdigest()
