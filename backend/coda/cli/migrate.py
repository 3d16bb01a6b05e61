"""`coda migrate`: brings the schema up to date, or prints what a DBA must run first."""

import click
from sqlalchemy.engine import make_url

from coda.cli.start_up import load_settings, run
from coda.core.db.external import external_urls, roles_sql
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import find_revision, migrate
from coda.core.settings import Settings


@click.command("migrate")
@click.option("--print-roles", is_flag=True, help="Print the SQL that makes Coda's roles, for a DBA; change nothing.")
def command(print_roles: bool) -> None:
    """Bring the database's schema up to date."""
    settings = load_settings()
    if print_roles:
        click.echo(_roles(settings), nl=False)
    else:
        click.echo(run(_migrate(settings)))


def _roles(settings: Settings) -> str:
    if settings.database_url is None:
        return roles_sql("coda_login", "")
    urls = external_urls(settings)
    return roles_sql(make_url(urls.owner).username or "coda_login", make_url(urls.app).username or "")


async def _migrate(settings: Settings) -> str:
    async with DatabaseHost(settings) as host:
        urls = await host.attach()
        changed = await migrate(urls)
        return f"The schema is {'now' if changed else 'already'} at {await find_revision(urls)}."
