"""What can go wrong with files."""

from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class FileNotFound(CodaError):
    """No such file for this caller."""

    kind = ErrorKind.NOT_FOUND
    code = "files.not_found"

    def __init__(self, file_id: UUID) -> None:
        super().__init__("This file does not exist.", file_id=str(file_id))


class FileGone(CodaError):
    """Its owner has deleted it, or its bytes were lost."""

    kind = ErrorKind.GONE
    code = "files.gone"

    def __init__(self, file_id: UUID) -> None:
        super().__init__("This file has been deleted.", file_id=str(file_id))


class UploadNotFound(CodaError):
    """No such upload for this caller, or it has waited too long."""

    kind = ErrorKind.NOT_FOUND
    code = "files.upload_not_found"

    def __init__(self, upload_id: UUID) -> None:
        super().__init__("This upload does not exist any more. Begin it again.", upload_id=str(upload_id))


class FileTooLarge(CodaError):
    """More bytes than a file may have."""

    kind = ErrorKind.TOO_LARGE
    code = "files.too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A file has at most {limit:,} bytes. Send a smaller one.", limit=limit)


class StorageFull(CodaError):
    """The organization's files take all the room that they may."""

    kind = ErrorKind.TOO_LARGE
    code = "files.storage_full"

    def __init__(self, limit: int) -> None:
        super().__init__("There is no room for this file in your organization. Delete some files first.", limit=limit)


class EmptyFile(CodaError):
    """A file without a byte."""

    kind = ErrorKind.UNPROCESSABLE
    code = "files.empty"

    def __init__(self) -> None:
        super().__init__("This file is empty. Choose another one.")


class NoFileSent(CodaError):
    """A form without a file, with several, or one that ends in its middle."""

    kind = ErrorKind.UNPROCESSABLE
    code = "files.no_file"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The form is not one whole file: {reason}. Send one, as the field `file`.")


class WrongOffset(CodaError):
    """A piece that does not follow what is here."""

    kind = ErrorKind.CONFLICT
    code = "files.wrong_offset"

    def __init__(self, offset: int) -> None:
        super().__init__(f"The next byte of this upload is number {offset:,}. Send from there.", offset=offset)


class PieceUnfit(CodaError):
    """A piece that is empty, cut, longer than what is missing, or one of too many."""

    kind = ErrorKind.UNPROCESSABLE
    code = "files.piece_unfit"

    def __init__(self, reason: str, *, offset: int) -> None:
        super().__init__(f"This piece was not taken: {reason}.", offset=offset)


class PictureTooLarge(CodaError):
    """More pixels than are unpacked here."""

    kind = ErrorKind.TOO_LARGE
    code = "files.picture_too_large"

    def __init__(self, *, width: int, height: int, limit: int) -> None:
        super().__init__(
            f"This picture has {width:,} x {height:,} pixels, more than {limit / 1e6:.0f} million. Make it smaller.",
            width=width,
            height=height,
            limit=limit,
        )


class PictureUnreadable(CodaError):
    """It begins like a picture, and is none."""

    kind = ErrorKind.UNPROCESSABLE
    code = "files.picture_unreadable"

    def __init__(self) -> None:
        super().__init__("This picture is damaged and cannot be shown. Save it anew and send that.")


class LinkInvalid(CodaError):
    """An address that we have not signed, or whose time is over."""

    kind = ErrorKind.FORBIDDEN
    code = "files.link_invalid"

    def __init__(self) -> None:
        super().__init__("This address is not valid any more. Ask for the file again.")


class StoreUnavailable(CodaError):
    """Where the files are kept does not answer."""

    kind = ErrorKind.UNAVAILABLE
    code = "files.store_unavailable"

    def __init__(self) -> None:
        super().__init__("The store of files does not answer. Try again in a moment.", retry_after=10)


class StoreMisconfigured(CodaError):
    """CODA_FILES__URL leads nowhere."""

    kind = ErrorKind.INVALID
    code = "files.store_misconfigured"

    def __init__(self, reason: str) -> None:
        super().__init__(f"CODA_FILES__URL cannot be used: {reason}.")
