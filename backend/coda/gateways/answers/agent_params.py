"""What a request asks of the agent's model calls, as its run keeps it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any, Final

from coda.gateways.answers.errors import InvalidParameter
from coda.llm.params import PARAMS
from coda.llm.types import ChatRequest

_HANDED_ON: Final = frozenset(
    {"logit_bias", "prompt_cache_key", "safety_identifier", "service_tier", "user", "verbosity"}
)
"""Fields that only a server knows and that mean the same at each step of the agent."""

_NOT_HERE: Final = {"prediction": "The agent's answer is not known beforehand."}
_MOST_TOOLS: Final = 128


def run_params(request: ChatRequest) -> dict[str, Any]:
    """The parameters of a run; each that is asked for counts. Raises InvalidParameter for what no agent can do."""
    for name, why in _NOT_HERE.items():
        if request.extra.get(name):
            raise InvalidParameter(name, why)
    if len(request.tools) > _MOST_TOOLS:
        raise InvalidParameter("tools", f"At most {_MOST_TOOLS} tools can come with a request.")
    asked = {name: getattr(request, name) for name in PARAMS if getattr(request, name) not in (None, (), [])}
    params: dict[str, Any] = {**asked, "required": sorted({*asked, *request.required})} if asked else {}
    if request.tools:
        params["client_tools"] = [asdict(tool) for tool in request.tools]
    if request.tool_choice not in (None, "auto"):
        params["tool_choice"] = _choice(request.tool_choice, {tool.name for tool in request.tools})
    extra = {name: value for name, value in request.extra.items() if name in _HANDED_ON}
    return {**params, "extra": extra} if extra else params


def _choice(choice: str | Mapping[str, Any] | None, names: Collection[str]) -> str | Mapping[str, Any]:
    """The choice is about the tools of the request: what the agent does with its own is not seen by its client."""
    if choice == "none":
        return "none"
    if choice == "required":
        if not names:
            raise InvalidParameter("tool_choice", "A call is required, but the request has no `tools`.")
        return "required"
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        function = choice.get("function")
        if not isinstance(function, Mapping) or function.get("name") not in names:
            raise InvalidParameter("tool_choice", "The choice names a function that is not in `tools`.")
        return choice
    raise InvalidParameter("tool_choice", "The choice is none, auto, required, or one function by its name.")
