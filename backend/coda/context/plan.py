"""The prompt that was chosen, as it is stored with its run: references and rules, no content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coda.context.budget import Budget
from coda.context.segments import Segment, Shrink
from coda.context.shrink import SHORTEN_RESULTS, rule_of
from coda.context.sources import SOURCE_OF, Reference
from coda.context.sources.tools import ToolsSource

_FORM = 1


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A segment by reference."""

    kind: str
    priority: int
    reference: Reference
    shrink: Shrink | None

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "kind": self.kind,
            "priority": self.priority,
            "sha256": self.reference.sha256,
            "where": dict(self.reference.where),
            "shrink": _rule(self.shrink),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "PlannedSegment":
        """As it was stored."""
        reference = Reference(stored["sha256"], stored["where"])
        return cls(stored["kind"], stored["priority"], reference, _known(stored["shrink"]))


@dataclass(frozen=True, slots=True)
class PromptPlan:
    """What a prompt is rebuilt from. `turns` is the rule by which the answer's own turns make room."""

    budget: Budget
    segments: Sequence[PlannedSegment]
    turns: Shrink | None = SHORTEN_RESULTS

    @property
    def with_tools(self) -> bool:
        """Whether the model was told of tools."""
        return any(segment.kind == ToolsSource.kind and segment.reference.where["tokens"] for segment in self.segments)

    @property
    def texts(self) -> dict[str, str]:
        """What has to be kept because it lies nowhere else, by hash."""
        return {sha256: text for segment in self.segments for sha256, text in segment.reference.texts.items()}

    def as_dict(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "form": _FORM,
            "budget": [self.budget.window, self.budget.reserved_output, self.budget.is_known],
            "segments": [segment.as_dict() for segment in self.segments],
            "turns": _rule(self.turns),
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "PromptPlan":
        """As it was stored."""
        window, reserved_output, is_known = stored["budget"]
        return cls(
            Budget(window, reserved_output, is_known=is_known),
            [PlannedSegment.of(segment) for segment in stored["segments"]],
            _known(stored["turns"]),
        )


def plan_of(segments: Sequence[Segment], budget: Budget) -> PromptPlan:
    """The plan of what was chosen."""
    planned = [
        PlannedSegment(segment.kind, segment.priority, SOURCE_OF[segment.kind].refer(segment), segment.shrink)
        for segment in segments
    ]
    return PromptPlan(budget, planned)


def _rule(shrink: Shrink | None) -> dict[str, Any] | None:
    return {"rule": shrink.rule, "version": shrink.version} if shrink is not None else None


def _known(stored: Mapping[str, Any] | None) -> Shrink | None:
    return rule_of(stored["rule"], stored["version"]) if stored is not None else None
