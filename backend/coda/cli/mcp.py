"""`coda mcp`: MCP on standard input and output, for programs that start their servers themselves."""

import os

import click

from coda.cli.listening import address_of
from coda.cli.start_up import load_settings, run
from coda.core.errors import CodaError, ErrorKind


class KeyNeeded(CodaError):
    """No API key was given."""

    kind = ErrorKind.INVALID
    code = "cli.key_needed"

    def __init__(self) -> None:
        super().__init__("Set CODA_API_KEY to an API key of Coda (Settings, API keys) with the scope `chat`.")


@click.command("mcp")
@click.option("--url", envvar="CODA_URL", help="The Coda to speak with; the one of this machine without it.")
def command(url: str | None) -> None:
    """Speak MCP on standard input and output, with the API key in CODA_API_KEY, until the input ends."""
    from coda.gateways.mcp_server.bridge import run_bridge  # its HTTP client is loaded only here

    key = os.environ.get("CODA_API_KEY", "").strip()
    if not key:
        raise KeyNeeded
    address = url.rstrip("/").removesuffix("/mcp") if url else _here()
    run(run_bridge(address, key, is_local=url is None))


def _here() -> str:
    """The instance of this machine, whatever it is called from outside."""
    settings = load_settings(quiet=True)
    return address_of(settings.model_copy(update={"public_url": None}), settings.host, settings.port)
