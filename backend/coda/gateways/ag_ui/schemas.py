"""The input of a run, as AG-UI 1.0 defines it. Fields that Coda has no use for are passed over."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

_MOST_MESSAGES = 10_000
_LONGEST_ID = 500


class _Input(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


Id = Annotated[str, Field(min_length=1, max_length=_LONGEST_ID)]


class AgUiFunction(_Input):
    """The function that a tool call calls."""

    name: str
    arguments: str = "{}"


class AgUiToolCall(_Input):
    """A tool call of an assistant message."""

    id: Id
    type: Literal["function"] = "function"
    function: AgUiFunction


class AgUiMessage(_Input):
    """A message of the conversation. `content` is text, or parts of which the text is read."""

    model_config = ConfigDict(extra="allow")  # it may go back to the client as it came

    id: Id
    role: Literal["developer", "system", "assistant", "user", "tool", "activity", "reasoning"]
    content: str | list[dict[str, Any]] | dict[str, Any] | None = None
    tool_calls: list[AgUiToolCall] | None = None
    tool_call_id: str | None = None
    error: str | None = None


class AgUiTool(_Input):
    """A tool that the client itself runs."""

    name: str = Field(min_length=1, max_length=128)
    description: str = ""
    parameters: dict[str, Any] | None = None

    def spec(self) -> dict[str, Any]:
        """As a run keeps it."""
        parameters = self.parameters or {"type": "object", "properties": {}}
        return {"name": self.name, "description": self.description, "parameters": parameters}


class AgUiContext(_Input):
    """Something about the application that the agent should know."""

    description: str = ""
    value: str = ""


class AgUiResume(_Input):
    """An answer to one interrupt."""

    interrupt_id: Id
    status: Literal["resolved", "cancelled"]
    payload: Any = None


class RunAgentInput(_Input):
    """What a client of AG-UI sends to start a run, or to go on with one. The model is `forwardedProps.model`."""

    thread_id: Id
    run_id: Id
    messages: list[AgUiMessage] = Field(max_length=_MOST_MESSAGES)
    state: Any = None
    tools: list[AgUiTool] | None = Field(default=None, max_length=128)
    context: list[AgUiContext] | None = Field(default=None, max_length=1_000)
    forwarded_props: Any = None
    resume: list[AgUiResume] | None = Field(default=None, max_length=100)

    @field_validator("forwarded_props")
    @classmethod
    def _names_a_model(cls, given: Any) -> Any:  # noqa: ANN401 - any JSON
        model = given.get("model") if isinstance(given, dict) else None
        if model is not None and not isinstance(model, str):
            raise ValueError("`model` must be the id of a model, provider/name")
        return given

    @field_validator("tools")
    @classmethod
    def _have_names_of_their_own(cls, given: list[AgUiTool] | None) -> list[AgUiTool] | None:
        seen: set[str] = set()
        for tool in given or ():
            if tool.name in seen:
                raise ValueError(f"each tool must have a name of its own, and {tool.name!r} stands there twice")
            seen.add(tool.name)
        return given

    @property
    def model(self) -> str | None:
        """The model that the client names."""
        named = self.forwarded_props.get("model") if isinstance(self.forwarded_props, dict) else None
        return named if isinstance(named, str) and named else None
