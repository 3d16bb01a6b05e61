"""Stands in where a run has no model to ask."""

from typing import NoReturn

from coda.llm.errors import ModelError
from coda.llm.gateway import ResolvedModel


class NoModel:
    """A model that is gone, or that was not looked for because its run only has to end. Asking it raises `error`."""

    is_demo = False
    is_blind = True

    def __init__(self, error: ModelError) -> None:
        self.error = error

    @property
    def info(self) -> NoReturn:
        """Raises why there is no model."""
        raise self.error

    def stream(self, _request: object) -> NoReturn:
        """Raises why there is no model."""
        raise self.error

    def affordable_output(self, *_args: object, **_more: object) -> NoReturn:
        """Raises why there is no model."""
        raise self.error


RunModel = ResolvedModel | NoModel
