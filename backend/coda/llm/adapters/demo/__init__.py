"""The demo model: rules instead of a neural network; no key, no network, the same answer every time."""

from coda.llm.adapters.demo.model import DemoModel

__all__ = ["DemoModel"]
