"""`coda restore`: fills an empty instance from an archive."""

from pathlib import Path

import click

from coda.cli.start_up import load_settings, run
from coda.core.db.host import DatabaseHost
from coda.core.settings import Settings
from coda.operations.backup import Manifest, restore


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Fill an empty instance from an archive. Coda must not be running."""
    settings = load_settings(quiet=True)
    manifest = run(_restore(settings, file.absolute()))
    click.echo(f"Restored what was backed up at {manifest.moment:%Y-%m-%d %H:%M} UTC. Start with: coda serve")


async def _restore(settings: Settings, file: Path) -> Manifest:
    async with DatabaseHost(settings) as host:
        # Owns the folder for the time of the restore: a running Coda would write between the rows.
        return await restore(await host.start(), settings.data_dir.expanduser(), file)
