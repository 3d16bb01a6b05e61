"""The model seam: what Coda asks of a model and what streams back. No vendor types here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

from coda.llm.params import ModelParams
from coda.usage.types import Confidence, UsageFigures


@dataclass(frozen=True, slots=True)
class Opaque:
    """What a provider wants back as it gave it: fields of its wire, for this provider and this model only."""

    provider: str
    model: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Text of a message."""

    text: str


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that is kept here: its bytes are read when a request goes out, and are in no prompt before.

    Width and height are of the bytes that go out.
    """

    key: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """A picture in a person's message: a `data:` URL, an address that the provider fetches itself, or one of ours.

    `detail` is how closely the model looks at it, as OpenAI's wire names it. `stored`: the `url` is made of it late.
    """

    url: str
    detail: str | None = None
    stored: StoredPicture | None = None

    @property
    def base64(self) -> str | None:
        """The picture itself where it came along; None for one that has to be fetched."""
        head, comma, data = self.url.partition(",")
        return data if comma and head.startswith("data:") and head.endswith(";base64") else None


@dataclass(frozen=True, slots=True)
class ReasoningBlock:
    """The chain of thought of a turn that called tools. On the wire it is what `opaque` holds, or nothing."""

    text: str
    opaque: Opaque | None = None


ContentBlock = TextBlock | ImageBlock | ReasoningBlock


@dataclass(frozen=True, slots=True)
class ToolCallRequest:
    """A tool call as the model wrote it; `arguments` is the raw JSON text."""

    id: str
    name: str
    arguments: str
    opaque: Opaque | None = None


Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of the prompt: its content in blocks, in their order."""

    role: Role
    content: tuple[ContentBlock, ...]
    tool_calls: tuple[ToolCallRequest, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None

    @classmethod
    def of(
        cls,
        role: Role,
        text: str,
        *,
        tool_calls: tuple[ToolCallRequest, ...] = (),
        tool_call_id: str | None = None,
        name: str | None = None,
    ) -> "ChatMessage":
        """A message of nothing but text."""
        return cls(role, (TextBlock(text),), tool_calls, tool_call_id, name)

    @property
    def text(self) -> str:
        """What it says; reasoning is not said."""
        return "".join([block.text for block in self.content if isinstance(block, TextBlock)])

    @property
    def images(self) -> tuple[ImageBlock, ...]:
        """What it shows."""
        return tuple([block for block in self.content if isinstance(block, ImageBlock)])

    @property
    def opaques(self) -> tuple[Opaque, ...]:
        """What goes back with the message itself; calls have their own."""
        blocks = (block.opaque for block in self.content if isinstance(block, ReasoningBlock))
        return tuple(opaque for opaque in blocks if opaque is not None)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the model is told of it; `parameters` is a JSON Schema object.

    `strict`: whether arguments must follow it to the letter, where somebody has said so.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest(ModelParams):
    """One model call. `model` is the provider's own name of it, without the provider.

    `extra`: fields that only the server knows, passed on as they are to one that speaks OpenAI's wire.
    `is_strict`: what the provider refuses is an error; nothing that was asked for is left out.
    """

    model: str
    messages: Sequence[ChatMessage]
    tools: Sequence[ToolSpec] = ()
    tool_choice: str | Mapping[str, Any] | None = None
    context_window: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    is_strict: bool = False

    @property
    def has_images(self) -> bool:
        """Whether a picture is among the messages."""
        return any(message.images for message in self.messages)


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """Tokens of one model call. `input_tokens` includes cached ones, `output_tokens` includes reasoning ones.

    `cost_usd` is what the provider itself reported, None where it reports none.
    """

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    cached_input_tokens: int = 0
    cost_usd: Decimal | None = None
    confidence: Confidence = "provider-reported"


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call; the first piece of an index carries id and name."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


FinishReason = Literal["stop", "length", "tool_calls", "content_filter", "error"]


@dataclass(frozen=True, slots=True)
class TurnPayload:
    """What a provider wants back with a turn that called tools: fields of the message, and of its calls by index."""

    message: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class ChatDelta:
    """What one chunk of a streaming model said; any combination of fields. `payload` comes at most once, at the end.

    `retracts_text`: all text of this turn so far turned out to be reasoning. `left_out`: what the provider refused and
    was not asked for again, by its name on the wire.
    """

    text: str = ""
    reasoning: str = ""
    tool_call: ToolCallDelta | None = None
    usage: ChatUsage | None = None
    finish: FinishReason | None = None
    payload: TurnPayload | None = None
    retracts_text: bool = False
    left_out: Sequence[str] = ()


class Pictures(Protocol):
    """Where pictures are kept."""

    async def load(self, picture: StoredPicture) -> bytes | None:
        """The bytes of a picture; None once they are gone."""
        ...


class ChatAdapter(Protocol):
    """One wire to a provider. Cancelling or closing the iterator ends the provider's stream at once."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask the model; raises `coda.llm.errors` for what the provider refused."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens; `version` names the price book it came from.

    Reasoning without a price of its own costs as other output. `is_own`: somebody here has set it, so that it counts
    also where the provider reports a cost.
    """

    input_per_million: Decimal
    output_per_million: Decimal
    cached_input_per_million: Decimal | None
    version: str
    reasoning_per_million: Decimal | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do; data, never `if provider ==`. `vision`: False is known to see nothing, None is not known."""

    tools: bool = True
    reasoning: bool = False
    vision: bool | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a provider answers."""

    status: Literal["up", "down", "unknown"]
    detail: str | None = None
    checked_at: str | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that the caller may choose; `id` is `provider/name`."""

    id: str
    name: str
    provider: str
    context_window: int | None
    max_output_tokens: int | None
    capabilities: Capabilities
    price: Price | None
    health: Health


@dataclass(frozen=True, slots=True)
class MeteredUsage:
    """The finished accounting of one model call: usage, its cost (None: unpriced) and where it was served."""

    usage: ChatUsage
    cost_usd: Decimal | None
    confidence: Confidence
    provider: str
    model: str
    host: str
    price_version: str | None

    @classmethod
    def of(cls, figures: UsageFigures, *, provider: str, model: str) -> "MeteredUsage":
        """A call that was accounted for before."""
        usage = ChatUsage(
            input_tokens=figures.input_tokens,
            output_tokens=figures.output_tokens,
            reasoning_tokens=figures.reasoning_tokens,
            cached_input_tokens=figures.cached_input_tokens,
            confidence=figures.confidence,
        )
        return cls(usage, figures.cost_usd, figures.confidence, provider, model, "", None)

    @property
    def figures(self) -> UsageFigures:
        """What the call used, as steps and events show it."""
        usage = self.usage
        return UsageFigures(
            usage.input_tokens,
            usage.output_tokens,
            usage.reasoning_tokens,
            usage.cached_input_tokens,
            self.cost_usd,
            self.confidence,
        )
