"""Builds what answers the clients of all wires."""

from starlette.datastructures import State

from coda.core.settings import Settings
from coda.gateways.answers.pictures import PictureKeeper
from coda.gateways.answers.runner import AgentRunner


def agent_runner(state: State) -> AgentRunner:
    """Starts runs of the agent in this process."""
    settings: Settings = state.settings

    def patience() -> float:
        """Without Redis no other process takes an answer up before this one is gone."""
        return float(state.dispatcher.grace_left()) if settings.redis_url is not None else 0.0

    pictures = PictureKeeper(state.files, state.models.http)
    return AgentRunner(state.database, state.run_commands, state.streams, state.sockets.registry, patience, pictures)
