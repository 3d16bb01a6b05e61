"""`python -m coda` is `coda`."""

from coda.cli import main

main()
