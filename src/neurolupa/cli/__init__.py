"""The command line: parse, call, print."""

from neurolupa.cli.running import main

__all__ = ["main"]
