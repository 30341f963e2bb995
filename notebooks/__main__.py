"""`python -m notebooks`: runs every source once and writes its notebook in English and in Spanish.

python -m notebooks 00_one_image    the named ones alone
python -m notebooks --check         runs, writes nothing, refuses notebooks that are not their source's
python -m notebooks --out DIR       writes DIR/en and DIR/es instead of notebooks/en and notebooks/es
"""

import argparse
import sys
import time
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from notebooks.cells import SourceError
from notebooks.running import HERE, SOURCES, RunError, on_real_data, run, stale, write


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 after the first notebook with a fault, 2 for an unknown name."""
    asked = _parser().parse_args(arguments)
    available = {path.stem: path for path in sorted(SOURCES.glob("*.py"))}
    for name in asked.names:
        if name not in available:
            near = get_close_matches(name, available, 3, 0.3) or list(available)
            print(f"no notebook {name!r}; nearest: {', '.join(near)}", file=sys.stderr)
            return 2
    if on_real_data() and not asked.check and asked.out.resolve() == HERE:
        print("pictures of others are not stored with the project; give --out DIR", file=sys.stderr)
        return 2
    try:
        for name in asked.names or available:
            _one(available[name], asked.check, asked.out)
    except (SourceError, RunError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    summary, examples = (__doc__ or "").split("\n", 1)
    parser = argparse.ArgumentParser(
        prog="python -m notebooks",
        description=summary,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="all of notebooks/source when none is named")
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is stored")
    parser.add_argument("--out", type=Path, default=HERE, help="the folder of en/ and es/")
    return parser


def _one(source: Path, check: bool, out: Path) -> None:
    if check and (old := stale(source, out)):
        names = ", ".join(f"{path.parent.name}/{path.name}" for path in old)
        raise RunError(
            f"{source.name}: not what is stored in {names}; build it: python -m notebooks {source.stem}"
        )
    begun = time.monotonic()
    cells, shown = run(source)
    written = [] if check else write(source.stem, cells, shown, out)
    told = "as stored" if check else ", ".join(f"{path.stat().st_size:,} bytes {path}" for path in written)
    print(f"{source.stem}: {time.monotonic() - begun:.0f} s, {told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
