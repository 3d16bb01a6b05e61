"""All SQL of files."""

from coda.files.repository.contents import ContentRepository
from coda.files.repository.files import FileRepository
from coda.files.repository.unused import UnusedRepository
from coda.files.repository.uploads import UploadRepository

__all__ = ["ContentRepository", "FileRepository", "UnusedRepository", "UploadRepository"]
