"""Where the content of prompts comes from: one file per source; they stand in the order in which the model reads."""

from collections.abc import Mapping
from typing import Final

from coda.context.sources.history import HistorySource
from coda.context.sources.question import QuestionSource
from coda.context.sources.source import ContextRequest, ContextSource, Reference, Restored
from coda.context.sources.system import SystemSource
from coda.context.sources.tools import ToolsSource

__all__ = ["SOURCES", "SOURCE_OF", "ContextRequest", "ContextSource", "Reference", "Restored"]

SOURCES: Final[tuple[ContextSource, ...]] = (SystemSource(), HistorySource(), ToolsSource(), QuestionSource())
SOURCE_OF: Final[Mapping[str, ContextSource]] = {source.kind: source for source in SOURCES}
