"""What `synthesize` asks, makes and says."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.cli.network import note
from neurolupa.cli.options import at_least_one, pixels, unit_numbers
from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.cli.words import last_calls
from neurolupa.errors import UsageError
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas
    from neurolupa.models import Model
    from neurolupa.synthesis import Synthesis

_INTERRUPTED = 130
_ROWS = 40


@dataclass(frozen=True)
class Asked:
    """What was typed; the fields are those of the options."""

    site: str
    units: str | None
    method: str
    steps: int | None
    size: str | None
    seed: int
    copies: int
    at: str
    prior: str
    atlas: str | None
    diversity: float
    batch: int | None
    precision: str
    cached: bool

    def choices(self) -> dict[str, Any]:
        """Arguments of `neurolupa.synthesis.synthesize`; UsageError and DataError for what cannot be."""
        from neurolupa.atlas import open_atlas
        from neurolupa.synthesis import METHODS

        return {
            "site": self.site,
            "units": tuple(dict.fromkeys(unit_numbers("--units", self.units))) or None,
            "method": METHODS[self.method] and self.method,
            "steps": at_least_one("--steps", self.steps),
            "size": pixels("--size", self.size),
            "seed": self.seed,
            "copies": at_least_one("--copies", self.copies),
            "at": place_named(self.at),
            "prior": self.prior,
            "atlas": None if self.atlas is None else open_atlas(self.atlas),
            "diversity": self.diversity,
            "batch": at_least_one("--batch", self.batch),
            "precision": self.precision,
        }


@dataclass(frozen=True, eq=False)
class Made:
    """A synthesis, and what is to be told around it."""

    synthesis: "Synthesis"
    atlas: "Atlas | None"
    wanted: int
    kept: int


def place_named(typed: str) -> str | tuple[int, int]:
    """Of a unit's map: "mean", "centre", or a row and a column; UsageError for anything else.

    >>> place_named("centre"), place_named("3,4")
    ('centre', (3, 4))
    """
    if typed in ("mean", "centre"):
        return typed
    parts = [part.strip() for part in typed.split(",")]
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        raise UsageError(f"--at takes mean, centre or ROW,COLUMN, not {typed!r}")
    return int(parts[0]), int(parts[1])


def make(model: "Model", choices: Mapping[str, Any], *, cached: bool) -> Made:
    """The pictures, with a bar while they are made; Ctrl-C gives what is there."""
    from neurolupa.capture import trace
    from neurolupa.cli.progress import progress
    from neurolupa.synthesis import PictureCache, synthesize

    found = trace(model).find(choices["site"])
    if told := last_calls([(found.name, found.address)]):
        note(told)
    kept = PictureCache() if cached else None
    with progress(doing="optimising", ending="measuring", things="steps") as on_step:
        synthesis = synthesize(model, **choices, cache=kept, report=on_step)
    wanted = len(choices["units"] or range(found.units)) * choices["copies"]
    return Made(synthesis, choices["atlas"], wanted, 0 if kept is None else kept.hits)


def finish(made: Made, out: str, overwrite: bool, lang: str, json: bool) -> int:
    """Write and say everything; gives the exit code: 1 where all failed, 130 where Ctrl-C ended it."""
    from neurolupa.figures.synthesis_export import export_synthesis

    files = export_synthesis(made.synthesis, out, atlas=made.atlas, lang=lang, overwrite=overwrite)
    if json:
        _print(made, files)
    else:
        _say(made, files, out, lang)
    if not made.synthesis.interrupted:
        return int(set(made.synthesis.states) == {"FAILED"})
    count = whole(len(made.synthesis), lang)
    told = text("synthesis.interrupted", lang, count=count, wanted=whole(made.wanted, lang))
    print(told, file=sys.stderr)
    return _INTERRUPTED


def _print(made: Made, files: Sequence[Path]) -> None:
    from neurolupa.figures.synthesis_export import picture_rows

    print_json(
        {
            "source": made.synthesis.source.to_dict(),
            "interrupted": made.synthesis.interrupted,
            "from_cache": made.kept,
            "rows": records(picture_rows(made.synthesis)),
            "files": [path.as_posix() for path in files],
        }
    )


def _say(made: Made, files: Sequence[Path], out: str, lang: str) -> None:
    from neurolupa.figures.synthesis_words import caution, source_line, target_words

    synthesis, title = made.synthesis, text("synthesis.grid.title", lang, site=made.synthesis.source.site)
    print(f"{title}\n{source_line(synthesis, lang)}\n")
    rows = _rows(synthesis, lang).head(_ROWS)
    print_table(rows, [column for column in _COLUMNS if rows[column.name].notna().any()])
    if len(synthesis) > _ROWS:
        print(f"\n{_ROWS} of {whole(len(synthesis))} pictures; synthesis.csv and --json have all")
    faults = [index for index, state in enumerate(synthesis.states) if state != "GOOD"]
    print()
    for index in faults:
        told = text(f"synthesis.told.{synthesis.states[index]}", lang)
        print(f"  {target_words(synthesis, index, lang)}: {told}")
    print(caution(lang) if faults else f"{text('synthesis.all_good', lang)}\n{caution(lang)}")
    folder, kept = Path(out).as_posix(), whole(made.kept, lang)
    values = {"count": whole(len(files), lang), "pictures": whole(len(synthesis), lang), "kept": kept}
    print(f"\n{text('synthesis.written', lang, folder=folder, **values)}")


def _rows(synthesis: "Synthesis", lang: str) -> "pd.DataFrame":
    from neurolupa.figures.synthesis_words import natural_ratio, state_words

    frame = synthesis.to_frame()
    frame["ratio"] = [natural_ratio(synthesis, index) for index in range(len(synthesis))]
    frame["state"] = [state_words(state, lang) for state in synthesis.states]
    return frame


def _two(value: float) -> str:
    return f"{value:.2f}"


_COLUMNS = (
    Column("unit", right=True),
    Column("copy", right=True, spare=4),
    Column("state"),
    Column("activation", show=number, right=True),
    Column("ratio", "times natural", _two, right=True),
    Column("rank", right=True, spare=1),
    Column("of", right=True, spare=2),
    Column("stability", show=_two, right=True, spare=3),
    Column("seconds", show="{:.1f}".format, right=True, spare=5),
)
