"""How much fits into a model's window, and what of it is kept free for the answer."""

from dataclasses import dataclass

from coda.llm.types import ModelInfo

UNKNOWN_WINDOW = 8_192
_MOST_OVERESTIMATE = 1.6
_SMALLEST_RESERVE = 1_024
_LARGEST_RESERVE = 16_384


@dataclass(frozen=True, slots=True)
class Budget:
    """A model's window and the part of it that the answer may need; both in tokens.

    `is_known`: the model says so itself; else the window is a guess.
    """

    window: int
    reserved_output: int
    is_known: bool = True

    @property
    def for_prompt(self) -> int:
        """What the prompt may take."""
        return self.window - self.reserved_output

    def cannot_hold(self, tokens: int) -> bool:
        """Whether so many estimated tokens are too many however much the estimate errs."""
        return self.is_known and tokens > self.window * _MOST_OVERESTIMATE


def budget_of(model: ModelInfo) -> Budget:
    """A sixteenth of the window is kept for the answer, within limits. An unknown window counts as a small one."""
    window = model.context_window or UNKNOWN_WINDOW
    reserve = min(max(window // 16, _SMALLEST_RESERVE), _LARGEST_RESERVE, window // 4)
    if model.max_output_tokens:
        reserve = min(reserve, model.max_output_tokens)
    return Budget(window, reserve, is_known=model.context_window is not None)
