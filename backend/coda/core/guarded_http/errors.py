"""Why an outgoing request was not made or not finished."""

from coda.core.errors import CodaError, ErrorKind


class OutboundError(CodaError):
    """An outgoing request did not end well."""

    kind = ErrorKind.UPSTREAM
    code = "http.failed"


class AddressRefused(OutboundError):
    """The URL leads to an address that its author may not reach."""

    kind = ErrorKind.FORBIDDEN
    code = "http.address_refused"

    def __init__(self, field: str | None = None) -> None:
        where = {} if field is None else {"field": field}
        super().__init__("This address is private or reserved; only an operator of this server may use it.", **where)


class AnswerTooLarge(OutboundError):
    """More bytes came than were allowed."""

    code = "http.answer_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The answer is larger than {limit:,} bytes.", limit=limit)


class OutboundFailed(OutboundError):
    """The connection failed, timed out, or the answer was not HTTP."""

    code = "http.failed"
