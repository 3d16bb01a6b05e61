"""What can go wrong while a prompt is built."""

from coda.core.errors import CodaError, ErrorKind


class PromptTooLong(CodaError):
    """What has to be in the prompt is more than the model can read, whatever is left out."""

    kind = ErrorKind.TOO_LARGE
    code = "context.prompt_too_long"

    def __init__(self, *, tokens: int, window: int) -> None:
        super().__init__(
            f"This question and what belongs to it are about {tokens:,} tokens long; the model reads {window:,} at"
            " most. Shorten it, or choose a model with a larger window.",
            tokens=tokens,
            window=window,
        )
