"""What `neurolupa compare` says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.cli.printing import Column, number, percent, print_json, print_table, records
from neurolupa.comparison.atlases import NoteCode
from neurolupa.figures.atlases_compared_words import note_lines, reading_lines, source_lines, standing_line
from neurolupa.locales import text

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.comparison.atlases import AtlasComparison


def _two(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}"


_LAYERS = (
    Column("site"),
    *(Column(f"mean_{side}", f"mean {side.upper()}", number, right=True) for side in "ab"),
    *(Column(f"sparsity_{side}", f"zeros % {side.upper()}", percent, right=True, spare=2) for side in "ab"),
    *(Column(f"dead_{side}", f"dead {side.upper()}", right=True) for side in "ab"),
    Column("gained", right=True, spare=1),
    Column("lost", right=True, spare=1),
    *(Column(f"units_{side}", f"units {side.upper()}", right=True, spare=4) for side in "ab"),
    Column("cka", "CKA", _two, right=True, spare=3),
)
_MATCHING = (
    Column("site_a", "site of A"),
    Column("site_b", "site of B"),
    Column("matched", right=True),
    Column("median_r", "median r", _two, right=True),
    Column("above", "above chance", right=True),
    Column("share", "share %", lambda share: percent(100 * share), right=True, spare=2),
    Column("own", "own number", lambda own: str(int(own)), right=True, spare=1),
    Column("images", "N", right=True, spare=3),
    Column("code", spare=4),
)
_UNITS = (
    Column("site"),
    Column("unit", right=True),
    Column("value_a", "A", number, right=True),
    Column("value_b", "B", number, right=True),
    Column("g", show=_two, right=True),
    Column("low", "95 % low", _two, right=True, spare=1),
    Column("high", "95 % high", _two, right=True, spare=1),
    Column("p_adjusted", "adjusted p", "{:.2g}".format, right=True),
    Column("n", "N", right=True, spare=2),
)


def named(sites: Sequence[str] | None) -> list[str] | None:
    """The sites of several options, those with commas between taken apart; None for all.

    >>> named(["relu,fc", "conv1"]), named([]), named(None)
    (['relu', 'fc', 'conv1'], None, None)
    """
    return [part.strip() for each in sites for part in each.split(",")] if sites else None


def report(found: "AtlasComparison", files: Sequence[Path], top: int, lang: str, json: bool) -> None:
    """What differs, the tables and what they amount to; or everything as JSON."""
    if json:
        print_json(_facts(found, files))
        return
    print("\n".join((*source_lines(found, lang), standing_line(found, lang), *note_lines(found, lang))))
    tables = ((_layers(found), _LAYERS), (found.matching_frame(), _MATCHING), (_furthest(found, top), _UNITS))
    for frame, columns in tables:
        if len(frame):
            print()
            print_table(frame, columns)
    print()
    for line in reading_lines(found, lang):
        print(f"  {line}")
    if files:
        told = {"folder": files[0].parent.as_posix(), "count": len(files)}
        print(f"\n{text('cli.inspect.written', lang, **told)}")


def _facts(found: "AtlasComparison", files: Sequence[Path]) -> dict[str, Any]:
    return {
        **found.facts(),
        "layers": records(found.to_frame()),
        "silent": records(found.silent_frame()),
        "silent_units": records(found.silent_units_frame()),
        "matching": records(found.matching_frame()),
        "matches": records(found.matches_frame()),
        "units": records(found.units_frame()),
        "cka": records(found.similarity_frame()),
        "files": [path.as_posix() for path in files],
    }


def _layers(found: "AtlasComparison") -> "pd.DataFrame":
    """The sites in both, with dead units gained and lost, and CKA."""
    frame = found.to_frame()
    dead = found.silent_frame().query("kind == 'dead'")[["site", "gained", "lost"]]
    frame = frame.merge(dead, on="site", how="left")
    if found.similarity is None:
        return frame.assign(cka=float("nan"))
    cka = found.similarity_frame().query("site_a == site_b")[["site_a", "cka"]]
    return frame.merge(cka.rename(columns={"site_a": "site"}), on="site", how="left")


def _furthest(found: "AtlasComparison", top: int) -> "pd.DataFrame":
    """The units whose answers are furthest apart; none where unit numbers mean nothing."""
    frame = found.units_frame()
    if not len(frame) or NoteCode.UNITS_MOVED in found.notes:
        return frame.head(0)
    frame = frame.dropna(subset="g")
    frame = frame.loc[frame["g"].abs().sort_values(ascending=False, kind="stable").index[:top]]
    one, two = (frame[f"sampled_{side}"].astype(str) for side in "ab")
    return frame.assign(n=one.where(frame["paired"], one + " + " + two))
