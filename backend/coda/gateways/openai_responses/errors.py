"""Errors of this wire."""

from coda.core.errors import CodaError, ErrorKind


class ResponseNotFound(CodaError):
    """There is no such response of the caller's: never was, was not stored, or is gone."""

    kind = ErrorKind.NOT_FOUND
    code = "openai_responses.response_not_found"

    def __init__(self, public_id: str, *, param: str | None = None) -> None:
        shown = public_id[:100]
        super().__init__(f"Response with id '{shown}' not found.", **({"param": param} if param else {}))


class NoConversations(CodaError):
    """Coda keeps chats, and responses that are continued by their id: the API of conversations is not served."""

    kind = ErrorKind.NOT_FOUND
    code = "openai_responses.no_conversations"

    def __init__(self) -> None:
        super().__init__("Conversations of this API are not served: go on with `previous_response_id`, or in a chat.")
