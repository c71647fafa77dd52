"""`python -m tocsin` is the `tocsin` command."""

from tocsin.cli.app import main

main()
