"""The embedded Postgres: a real Postgres 18 with pgvector, owned by one Coda process, kept in the data folder.

    postgres = EmbeddedPostgres(data_dir)
    urls = await postgres.start()      # takes the folder's lock; adopts the server that a killed Coda left behind
    ...
    await postgres.stop()              # last of all: after every connection is closed

`attach()` is for commands beside a running Coda: it uses the running server, else starts one that `stop()` ends.
`watch()` is awaited in the background by whoever called `start()`: it brings a server back that died under us.
"""

from coda.core.postgres.errors import (
    DataFolderInUse,
    DataFolderUnsuitable,
    EmbeddedPostgresFailed,
    PostgresVersionMismatch,
)
from coda.core.postgres.server import EmbeddedPostgres

__all__ = [
    "DataFolderInUse",
    "DataFolderUnsuitable",
    "EmbeddedPostgres",
    "EmbeddedPostgresFailed",
    "PostgresVersionMismatch",
]
