"""What can be wrong with a request that comes again."""

from coda.core.errors import CodaError, ErrorKind


class IdempotencyKeyReused(CodaError):
    """A key stands for one request. Not a conflict by its status, for clients send those again by themselves."""

    kind = ErrorKind.INVALID
    code = "openai_api.idempotency_key_reused"

    def __init__(self) -> None:
        message = "This `Idempotency-Key` was used for another request within the last 24 hours: use a new one."
        super().__init__(message, param="Idempotency-Key")
