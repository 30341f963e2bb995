"""What `neurolupa levels` says: how many units each level has, and the units at either end."""

from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.cli.printing import Column, print_json, print_table, records
from neurolupa.figures.levels_words import levels_caption, rule_words
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.synthesis import Levels


def _share(value: float) -> str:
    """In per cent, never -0."""
    return f"{round(100 * value) + 0}"


_COLUMNS = (
    Column("unit", right=True),
    Column("level"),
    Column("stimuli", "factors %", _share, right=True),
    Column("stimuli_low", "low", _share, right=True, spare=2),
    Column("stimuli_high", "high", _share, right=True, spare=2),
    Column("stimuli_null", "null", _share, right=True, spare=3),
    Column("labels", "classes %", _share, right=True),
    Column("labels_low", "low", _share, right=True, spare=2),
    Column("labels_high", "high", _share, right=True, spare=2),
    Column("labels_null", "null", _share, right=True, spare=3),
    Column("strongest", "strongest factor", spare=1),
)


def report(found: "Levels", top: int, out: str | None, lang: str, json: bool) -> None:
    """The counts in words and the `top` units of either end, or everything as JSON with its source."""
    frame = found.to_frame()
    if json:
        print_json({"source": found.source.to_dict(), "counts": found.counts, "rows": records(frame)})
        return
    print(f"{found.source.site}: {levels_caption(found, lang)}\n")
    for code, count in found.counts.items():
        print(f"  {text(f'levels.level.{code}', lang)}: {whole(count, lang)}")
    print(f"\n{rule_words(found, lang)}\n")
    print_table(_ends(frame, top), _COLUMNS)
    if out is not None:
        print(f"\n{text('cli.inspect.written', lang, folder=Path(out).as_posix(), count=3)}")


def _ends(frame: "pd.DataFrame", top: int) -> "pd.DataFrame":
    """The rows furthest to the side of the factors, then those furthest to the side of the classes."""
    apart = (frame["stimuli"] - frame["labels"]).sort_values(ascending=False, kind="stable").dropna()
    rows = dict.fromkeys([*apart.index[:top], *apart.index[-top:]])
    return frame.loc[list(rows)]
