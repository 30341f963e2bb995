"""What can go wrong, in one line each: the fault, and the nearest valid choice.

The command line turns `exit_code` into its own exit status and prints the message without a traceback.
"""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_LINE = 900


class NeurolupaError(Exception):
    r"""The root of every error that neurolupa raises on purpose.

    Its text is one line whatever it repeats of a damaged file: what cannot be printed is escaped, what is
    endless is cut in the middle.

    >>> str(NeurolupaError("it has " + chr(10) + chr(27) + "[2J")) == r"it has \n\x1b[2J"
    True
    """

    exit_code = 1

    def __str__(self) -> str:
        line = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in super().__str__())
        half = _LONGEST_LINE // 2
        return line if len(line) <= _LONGEST_LINE else f"{line[:half]}...{line[-half:]}"


class UsageError(NeurolupaError):
    """A name or value that the registries or the site table alone can reject (exit code 2)."""

    exit_code = 2


class DataError(NeurolupaError):
    """A fault in the content of a file, of the data or of a network's run (exit code 1)."""


class Notice(UserWarning):
    """Something that stops nothing and should be known; the command line prints it as a note."""


def unknown(kind: str, name: str, choices: Iterable[str]) -> UsageError:
    """The error for an unknown name, with the nearest valid ones.

    >>> str(unknown("network", "resnet81", ["resnet18", "alexnet"]))
    "unknown network 'resnet81'; nearest: resnet18"
    >>> str(unknown("network", "zzz", ["alexnet", "resnet18"]))
    "unknown network 'zzz'; choose from: alexnet, resnet18"
    """
    valid = sorted(set(choices))
    near = get_close_matches(name, valid, n=3, cutoff=0.6)
    if near:
        return UsageError(f"unknown {kind} {name!r}; nearest: {', '.join(near)}")
    shown = ", ".join(valid[:12]) + (f", ... ({len(valid)} in all)" if len(valid) > 12 else "")
    return UsageError(f"unknown {kind} {name!r}; choose from: {shown or 'nothing is registered'}")
