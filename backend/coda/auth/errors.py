"""What can be wrong with coming in."""

from coda.core.errors import CodaError, ErrorKind


class InvalidApiKey(CodaError):
    """A key that never was, was revoked, has expired, or whose owner may not come in."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "organizations.invalid_api_key"

    def __init__(self) -> None:
        super().__init__("This API key is not valid. It may have been revoked or have expired.")


class AdminSettingsIncomplete(CodaError):
    """Half of the first administrator's settings is missing."""

    kind = ErrorKind.INVALID
    code = "organizations.admin_settings_incomplete"

    def __init__(self) -> None:
        super().__init__("Set both CODA_ADMIN_EMAIL and CODA_ADMIN_PASSWORD, or neither.")
