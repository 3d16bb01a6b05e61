"""What can go wrong with an answer for another wire."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coda.access.principal import Principal
from coda.auth.errors import InvalidApiKey
from coda.core.errors import CodaError, ErrorKind, RelayedError
from coda.identity.errors import LoginOver


class InvalidParameter(CodaError):
    """A parameter that is not supported here, or whose value makes no sense."""

    kind = ErrorKind.INVALID
    code = "openai_api.invalid_parameter"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


def rights_over(principal: Principal) -> CodaError:
    """Why somebody is told nothing more in the middle of an answer."""
    return LoginOver() if principal.api_key_id is None else InvalidApiKey()


class AgentRunFailed(RelayedError):
    """The agent's run ended with an error, which is stored with the answer: told as what it is, with its code."""

    def __init__(self, *, code: str, message: str, details: Mapping[str, Any], run_id: UUID) -> None:
        super().__init__(code=code, message=message, details={**details, "run_id": str(run_id)})


class AnswerGoesOn(CodaError):
    """This server stops, but the agent's run does not: a request that is sent again would ask twice."""

    kind = ErrorKind.UNAVAILABLE
    code = "openai_api.restarting"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("The server restarts. The answer goes on: find it in Coda.", run_id=str(run_id))
