"""`neurolupa doctor`: whether this machine is ready."""

import typer

from neurolupa.cli.options import Debug, Json

EXAMPLES = """  neurolupa doctor
  neurolupa doctor --json"""


def doctor(json: Json = False, debug: Debug = False) -> None:
    """Check that this machine is ready.

    Versions, device, memory, caches, disk, and then a real forward pass and a tiny scan. The exit code is 1
    if something fails.
    """
    from neurolupa.cli.checks import FAIL, all_checks
    from neurolupa.cli.printing import print_json

    found = []
    for check in all_checks():
        found.append(check)
        if not json:
            print(check, flush=True)
    if json:
        print_json([check.to_dict() for check in found])
    failed = [check.name for check in found if check.state == FAIL]
    if not json:
        print(f"\nnot ready: {', '.join(failed)}" if failed else "\nready")
    if failed:
        raise typer.Exit(1)
