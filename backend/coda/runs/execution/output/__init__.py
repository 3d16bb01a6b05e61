"""What a run gives its watchers: the answer, and the events that tell of it."""

from coda.runs.execution.output.answer import Answer
from coda.runs.execution.output.output import Output
from coda.runs.execution.output.stream_control import StreamControl

__all__ = ["Answer", "Output", "StreamControl"]
