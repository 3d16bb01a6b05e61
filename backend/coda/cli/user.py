"""`coda user`: people, from the command line."""

import click

from coda.access.roles import Role
from coda.auth.first_start import create_reset_link, create_user
from coda.cli.listening import address_of
from coda.cli.start_up import attached_database, load_settings, run
from coda.core.settings import Settings
from coda.identity.link_path import link_path
from coda.identity.types import LinkPurpose


@click.group("user")
def command() -> None:
    """Create people and reset passwords."""


@command.command("create")
@click.argument("email")
@click.option("--name", help="How the person is called.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value, show_default=True)
@click.option("--password", help="The password; asked for when it is not given.", envvar="CODA_USER_PASSWORD")
def create(email: str, name: str | None, role: str, password: str | None) -> None:
    """Add a person; the first one of an instance becomes its administrator."""
    settings = load_settings(quiet=True)
    secret = password or click.prompt("Password", hide_input=True, confirmation_prompt=True)
    run(_create(settings, email, name, secret, Role(role)))
    click.echo(f"{email} can sign in now.")


@command.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Print a one-time link with which a person sets a new password."""
    settings = load_settings(quiet=True)
    click.echo(run(_reset(settings, email)))


async def _create(settings: Settings, email: str, name: str | None, password: str, role: Role) -> None:
    async with attached_database(settings) as database:
        await create_user(database, email=email, name=name, password=password, role=role)


async def _reset(settings: Settings, email: str) -> str:
    async with attached_database(settings) as database:
        token = await create_reset_link(database, settings, email=email)
    return f"{address_of(settings, settings.host, settings.port)}{link_path(LinkPurpose.RESET, token)}"
