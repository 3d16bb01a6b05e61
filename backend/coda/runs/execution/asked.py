"""What whoever started a run asked of its model calls: parameters, the form of the answer, tools of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from coda.llm.params import asked_params
from coda.llm.types import ChatMessage, ChatRequest, ModelInfo, ToolSpec

_FORM: Final = "response_format"


@dataclass(frozen=True, slots=True)
class AskedOf:
    """The stored parameters of a run.

    Of these, `tool_choice` holds until a tool of the client's is called, which is all that the client sees of it;
    `response_format` holds for a call that is made without tools, since many servers call none while they keep to one.
    """

    params: Mapping[str, Any]

    @property
    def has_form(self) -> bool:
        """Whether the answer is asked for in a form that is not just text."""
        return bool((self.params.get(_FORM) or {}).get("type", "text") != "text")

    @property
    def may_call(self) -> bool:
        """Whether the agent may call tools at all."""
        return self.params.get("tool_choice") != "none"

    @property
    def client_tools(self) -> Sequence[ToolSpec]:
        """Tools that whoever asks runs on their side."""
        return [ToolSpec(**tool) for tool in self.params.get("client_tools", ())]

    @property
    def must_call(self) -> bool:
        """Whether a tool of the client's has to be called before the answer ends."""
        return self.params.get("tool_choice") not in (None, "auto", "none") and bool(self.params.get("client_tools"))

    def request(
        self,
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
        model: ModelInfo,
        *,
        with_tools: bool,
        owes_call: bool,
    ) -> ChatRequest:
        """The next model call. Without tools they are still described, or the calls in the prompt would be refused.

        `owes_call`: no tool of the client's was called yet, and one must be.
        """
        calls = bool(tools) and with_tools and self.may_call
        asked = asked_params(self.params)
        if calls or not self.has_form:
            asked.pop(_FORM, None)
        if not calls:
            asked.pop("parallel_tool_calls", None)
        return ChatRequest(
            model=model.name,
            messages=messages,
            tools=tools,
            tool_choice=self._choice(tools, calls=calls, owes_call=owes_call),
            context_window=model.context_window,
            extra=self.params.get("extra", {}),
            required=frozenset(self.params.get("required", ())),
            **asked,
        )

    def _choice(self, tools: Sequence[ToolSpec], *, calls: bool, owes_call: bool) -> str | Mapping[str, Any] | None:
        if not calls:
            return "none" if tools else None
        choice: str | Mapping[str, Any] | None = self.params.get("tool_choice")
        return choice if owes_call else None
