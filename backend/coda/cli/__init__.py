"""The `coda` command. Each subcommand is imported when it is called, so that `coda --version` answers at once."""

import importlib
import sys
from typing import Any

import click

import coda
from coda.core.errors import CodaError

_COMMANDS = {
    "serve": ("coda.cli.serve", "Serve the web app and the interfaces; without Redis, answer too."),
    "worker": ("coda.cli.worker", "Answer: execute runs and background jobs (needs Redis)."),
    "mcp": ("coda.cli.mcp", "Speak MCP on standard input and output, for programs that start their servers."),
    "migrate": ("coda.cli.migrate", "Bring the database's schema up to date."),
    "user": ("coda.cli.user", "Create people and reset passwords."),
    "backup": ("coda.cli.backup", "Write database and files into one archive."),
    "restore": ("coda.cli.restore", "Fill an empty instance from an archive."),
    "doctor": ("coda.cli.doctor", "Say what is configured and what is wrong."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a subcommand; what is wrong becomes one line and a non-zero exit."""
        try:
            return super().invoke(ctx)
        except CodaError as error:
            click.echo(f"Error: {error.message}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(coda.__version__, prog_name="coda")
def main() -> None:
    """Coda: self-hosted AI chat that shows everything its agent does."""
