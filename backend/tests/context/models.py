"""Models to assemble for."""

from coda.llm.types import Capabilities, Health, ModelInfo


def model_with(window: int | None, *, most_output: int | None = None) -> ModelInfo:
    """A model of which only the sizes matter."""
    return ModelInfo(
        id="demo/any",
        name="any",
        provider="demo",
        context_window=window,
        max_output_tokens=most_output,
        capabilities=Capabilities(),
        price=None,
        health=Health("up"),
    )
