"""What may be asked of an answer, each by its name on OpenAI's wire where it has one there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParams:
    """How one call is to be answered; None is the model's own way.

    `response_format`: `{"type": "text" | "json_object"}`, or `json_schema` with a schema. `required`: the parameters
    that are never left out for a server that refuses them; an error names the one that it does not take.
    """

    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    reasoning_effort: str | None = None
    response_format: Mapping[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    required: frozenset[str] = frozenset()


PARAMS: Final = tuple(each.name for each in fields(ModelParams) if each.name != "required")


def asked_params(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters among what somebody has set, as arguments of a ChatRequest; null is as if it were not there."""
    return {name: stored[name] for name in PARAMS if stored.get(name) is not None}
