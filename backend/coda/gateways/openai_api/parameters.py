"""Parameters that only a model's server knows the meaning of, with the types and bounds that OpenAI documents."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from coda.gateways.answers.errors import InvalidParameter

_CHOICES: Final = ("none", "auto", "required")
_SHOWN: Final = 40

Name = Annotated[str, Field(min_length=1, max_length=64)]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
]
LogitBias = Annotated[dict[str, Annotated[float, Field(ge=-100, le=100)]], Field(max_length=1_024)]
Choice = str | dict[str, Any]


class Strict(BaseModel):
    """A part of a request in which each value has the very type that it should have."""

    model_config = ConfigDict(strict=True)


class Prediction(Strict):
    """What the answer is expected to be."""

    type: str
    content: str | list[dict[str, Any]]


class PassedOn(Strict):
    """Parameters that go to the model's server as they are."""

    logit_bias: LogitBias | None = None
    metadata: Metadata | None = None
    prediction: Prediction | None = None
    prompt_cache_key: Annotated[str, Field(max_length=1_024)] | None = None
    prompt_cache_retention: Name | None = None
    safety_identifier: Annotated[str, Field(max_length=1_024)] | None = None
    service_tier: Name | None = None
    store: bool | None = None
    user: Annotated[str, Field(max_length=1_024)] | None = None
    verbosity: Name | None = None

    def passed_on(self) -> dict[str, Any]:
        """Those that were given, and what nobody here knows."""
        known = self.model_dump(include=set(PassedOn.model_fields), exclude_none=True)
        return {**{name: value for name, value in (self.model_extra or {}).items() if value is not None}, **known}


def check_names(names: Sequence[str]) -> None:
    """Raises InvalidParameter for two tools of one name."""
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            message = f"Each tool has a name of its own; {name[:_SHOWN]!r} stands there twice."
            raise InvalidParameter(f"tools[{at}].function.name", message)
        seen.add(name)


def check_choice(choice: Choice | None) -> None:
    """Raises InvalidParameter for what is no choice of a tool."""
    if choice is None or choice in _CHOICES:
        return
    if isinstance(choice, str):
        message = f"The choice is none, auto, required, or one function by its name, not {choice[:_SHOWN]!r}."
        raise InvalidParameter("tool_choice", message)
    kind = choice.get("type")
    if kind == "allowed_tools" and isinstance(choice.get(kind), Mapping):
        return
    if kind != "function":
        message = f"Only functions can be chosen: the type is `function`, not {str(kind)[:_SHOWN]!r}."
        raise InvalidParameter("tool_choice.type", message)
    function = choice.get("function")
    if not isinstance(function, Mapping):
        raise InvalidParameter("tool_choice.function", "It must be an object with the name of a function.")
    if not isinstance(function.get("name"), str) or not function["name"]:
        raise InvalidParameter("tool_choice.function.name", "It must be the name of a function.")
