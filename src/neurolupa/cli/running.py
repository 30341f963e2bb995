"""From the words that were typed to an exit code: every fault becomes one line on stderr."""

import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from neurolupa.cli.app import app
from neurolupa.cli.screen import guarded
from neurolupa.errors import NeurolupaError, Notice, UsageError, unknown

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code; `arguments` are those of the process when None.

    Raises:
        SystemExit: always: 0 done, 2 for names and values that can be rejected at once, 1 for what depends on
            the content of files or data, 130 when interrupted.

    >>> main(["--version"])
    Traceback (most recent call last):
    ...
    SystemExit: 0
    """
    typed = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    with guarded():
        code = _run(typed)
    sys.exit(code)


def _run(typed: list[str]) -> int:
    try:
        with _notices_as_notes():
            return _invoke(typed)
    except Exception as error:
        if "--debug" in typed:
            traceback.print_exception(error)
        fault, code = _told(error, typed)
        print(f"error: {fault}", file=sys.stderr)
        return code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


@contextmanager
def _notices_as_notes() -> Iterator[None]:
    """Inside, a `Notice` is a line on stderr, each time; other warnings are shown as ever."""
    shown = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *others: Any, **more: Any) -> None:
        if issubclass(category, Notice):
            print(f"note: {_one_line(str(message))}", file=sys.stderr)
        else:
            shown(message, category, *others, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", Notice)
        warnings.showwarning = show
        yield


def _invoke(typed: list[str]) -> int:
    returned = typer.main.get_command(app).main(typed, prog_name="neurolupa", standalone_mode=False)
    return returned if isinstance(returned, int) else 0


def _told(error: Exception, typed: Sequence[str]) -> tuple[str, int]:
    """One line for an error, and the exit code."""
    if isinstance(error, NeurolupaError):
        return _one_line(str(error)), error.exit_code
    if isinstance(error, typer.Abort):
        return "interrupted", _INTERRUPTED
    # Errors of the parser: typer has its own copy of click, older ones use click itself.
    if hasattr(error, "format_message"):
        return _rejected(error, typed), UsageError.exit_code
    if isinstance(error, OSError) and error.strerror:
        return _one_line(f"{error.strerror}: {error.filename}" if error.filename else error.strerror), 1
    what = _one_line(f"unexpected {type(error).__name__}: {error}".rstrip(": "))
    return f"{what}; --debug shows where", 1


def _rejected(error: Any, typed: Sequence[str]) -> str:
    """What the parser rejected, with the nearest valid names and where to read on."""
    message = _one_line(error.format_message()).rstrip(".")
    message = f"{message[:1].lower()}{message[1:]}"
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    option = getattr(error, "option_name", None)
    options = [text for each in context.command.params for text in each.opts if text.startswith("--")]
    if option and option not in options:
        return str(unknown("option", option, [*options, "--help"]))
    commands = getattr(context.command, "commands", {})
    command = next((word for word in typed if not word.startswith("-")), None)
    if commands and command and command not in commands:
        return str(unknown("command", command, commands))
    return f"{message}; see {context.command_path} --help"


def _one_line(text: str) -> str:
    return " ".join(text.split())
