"""`coda backup`: database and files into one archive."""

from pathlib import Path

import click

from coda.cli.start_up import load_settings, run
from coda.core.db.host import DatabaseHost
from coda.core.settings import Settings
from coda.operations.backup import Manifest, back_up, is_key_kept


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write database and files into one archive. Coda may be running.

    With a database of your own, its login must be allowed to take the role coda_owner, which may read all rows.
    """
    settings = load_settings(quiet=True)
    manifest = run(_back_up(settings, file.absolute()))
    click.echo(f"Backed up to {file} (schema {manifest.schema}). Keep it safe: it holds everything that people wrote.")
    if not is_key_kept(settings.data_dir.expanduser()):
        click.echo("It does not hold CODA_SECRET_KEY; keep that too, or stored provider keys cannot be read again.")


async def _back_up(settings: Settings, file: Path) -> Manifest:
    async with DatabaseHost(settings) as host:
        return await back_up(await host.attach(), settings.data_dir.expanduser(), file)
