"""Runs the migrations on the connection that `coda migrate` hands over, as the owner role."""

from alembic import context

from coda.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
