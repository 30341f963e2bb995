"""The reference page of the command line, made from the program: `python -m neurolupa.cli.reference FILE`."""

import sys
from pathlib import Path
from typing import Any

import typer

from neurolupa.cli.app import app

_INTRODUCTION = """# The command line

Made by `python -m neurolupa.cli.reference docs/cli.md` from the program itself; a test holds them equal.

Exit codes: 0 done; 2 rejected at once (unknown names, bad values); 1 where it depends on the content of a
file or of data; 130 interrupted (a scan goes on with `--resume`). A fault is one line on stderr; `--debug`
shows the traceback too. Tables fit the terminal; `--json` has everything.
"""


def reference() -> str:
    """The page, in Markdown: every command with its arguments, options and examples.

    >>> reference().splitlines()[0]
    '# The command line'
    """
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    return "\n".join([_INTRODUCTION, *(_page(name, command) for name, command in commands.items())])


def _page(name: str, command: Any) -> str:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    shown = [each.metavar if each.required else f"[{each.metavar}]" for each in arguments]
    usage = " ".join(["neurolupa", name, *shown, "[OPTIONS]"])
    rows = [f"| `{each.metavar}` | {each.help} |" for each in arguments] + [_option(each) for each in options]
    return "\n".join(
        [
            f"## {name}",
            "",
            f"`{usage}`",
            "",
            command.help,
            "",
            "| | |",
            "|---|---|",
            *rows,
            "",
            "```sh",
            *(line.strip() for line in command.epilog.splitlines()[2:]),
            "```",
            "",
        ]
    )


def _option(option: Any) -> str:
    name = option.opts[0] + (f" {option.metavar}" if option.metavar else "")
    default = ", ".join(option.default) if isinstance(option.default, list) else option.default
    told = "; needed" if option.required else "" if default in (None, False, "") else f"; default `{default}`"
    return f"| `{name}` | {option.help.rstrip('.')}{told} |".replace("en|es", "en\\|es")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
