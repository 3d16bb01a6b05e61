"""`coda doctor`: says what is configured and what is wrong."""

import sys

import click

from coda.cli.start_up import load_settings, run
from coda.operations.doctor import examine

_MARKS = {"ok": ("ok   ", "green"), "note": ("note ", "yellow"), "wrong": ("WRONG", "red")}


@click.command("doctor")
def command() -> None:
    """Say what is configured and what is wrong; exit 1 when something is."""
    findings = run(examine(load_settings(quiet=True)))
    for finding in findings:
        mark, colour = _MARKS[finding.verdict]
        click.echo(f"{click.style(mark, fg=colour)}  {finding.part:<12}  {finding.text}")
    sys.exit(any(finding.verdict == "wrong" for finding in findings))
