"""The use cases of files."""

from coda.files.service.examining import Examiner
from coda.files.service.files import FileService, OpenedFile
from coda.files.service.keeping import FileKeeper
from coda.files.service.uploads import Uploads

__all__ = ["Examiner", "FileKeeper", "FileService", "OpenedFile", "Uploads"]
