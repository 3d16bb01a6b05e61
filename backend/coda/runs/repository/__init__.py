"""All SQL of runs, one file per aggregate."""

from coda.runs.repository.events import EventRepository
from coda.runs.repository.payloads import StepPayloadRepository
from coda.runs.repository.prompts import PromptRepository
from coda.runs.repository.runs import RunRepository
from coda.runs.repository.steers import SteerRepository, TakenSteer
from coda.runs.repository.steps import StepRepository
from coda.runs.repository.tool_calls import ToolCallRepository

__all__ = [
    "EventRepository",
    "PromptRepository",
    "RunRepository",
    "SteerRepository",
    "StepPayloadRepository",
    "StepRepository",
    "TakenSteer",
    "ToolCallRepository",
]
