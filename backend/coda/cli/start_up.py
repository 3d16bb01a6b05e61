"""What every command begins with: settings, logging, an event loop, a database."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from coda.core.db import Database
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import migrate
from coda.core.errors import CodaError, ErrorKind
from coda.core.settings import Settings
from coda.observability.logs import configure_logging

T = TypeVar("T")


class SettingsInvalid(CodaError):
    """A setting that cannot be read."""

    kind = ErrorKind.INVALID
    code = "cli.settings_invalid"


def load_settings(*, quiet: bool = False) -> Settings:
    """The settings from the environment and `.env`, with logging set up by them; raises SettingsInvalid."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsInvalid(_first_problem(error)) from None
    if quiet:
        settings.logging.level = "WARNING"
    configure_logging(settings.logging)
    return settings


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work on uvloop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def check_start(settings: Settings) -> None:
    """Refuse what cannot work, and say what deserves a word, before anything is started; raises ConfigurationWrong."""
    from coda.operations.configuration import ask_redis, require_sound_settings  # heavy; other commands do without

    for finding in require_sound_settings(settings):
        _warn(f"{finding.text}.")
    verdict, said = await ask_redis(settings)
    if verdict == "wrong":
        _warn(f"Redis {said}. Until it does, chat goes on with local limits, and nobody can sign in.")


def _warn(text: str) -> None:
    click.echo(f"{click.style('Note:', fg='yellow')} {text}", err=True)


@asynccontextmanager
async def attached_database(settings: Settings) -> AsyncIterator[Database]:
    """The migrated database, for as long as a command needs it."""
    async with DatabaseHost(settings) as host:
        urls = await host.attach()
        await migrate(urls)
        database = Database(urls, pool_size=2)
        try:
            yield database
        finally:
            await database.close()


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    place = [str(step) for step in problem["loc"]]
    name = place[0] if place and place[0].isupper() else "CODA_" + "__".join(place).upper()
    return f"The setting {name} is not valid: {problem['msg'][0].lower()}{problem['msg'][1:]}."
