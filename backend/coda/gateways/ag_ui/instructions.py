"""What an application tells the agent beside the conversation: its instructions, its context, its state."""

import orjson

from coda.gateways.ag_ui.imports import INSTRUCTING, text_of_message
from coda.gateways.ag_ui.schemas import RunAgentInput


def instructions_of(given: RunAgentInput) -> str | None:
    """One text for the system prompt; None where there is nothing to tell."""
    told = [text_of_message(message) for message in given.messages if message.role in INSTRUCTING]
    told += [f"{item.description}: {item.value}" if item.description else item.value for item in given.context or ()]
    if given.state:
        told.append(f"State of the application, as JSON: {orjson.dumps(given.state).decode()}")
    return "\n\n".join(text for text in told if text.strip()) or None
