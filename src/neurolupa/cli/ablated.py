"""What `neurolupa ablate` asks and says."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.cli.options import unit_numbers
from neurolupa.cli.printing import Column, number, percent, print_json, print_table, records
from neurolupa.errors import UsageError
from neurolupa.figures.ablation_words import ablation_notes
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.attribution import Ablation


def _share(value: float) -> str:
    return percent(100 * value)


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


_GROUPS = (
    Column("units"),
    Column("after", "accuracy %", _share, right=True),
    Column("change", "points", _points, right=True),
    Column("low", "from", _points, right=True, spare=1),
    Column("high", "to", _points, right=True, spare=1),
    Column("broken", right=True, spare=2),
    Column("mended", right=True, spare=2),
    Column("p_adjusted", "p adjusted", number, right=True),
    Column("logit_change", "logit", number, right=True),
)
_CLASSES = (Column("units"), Column("class_name", "class"), Column("n", "N", right=True), *_GROUPS[1:])


def groups_of(units: str | None, together: bool, groups: Sequence[str]) -> list | None:
    """Units alone, then groups; None for every unit of the site.

    >>> groups_of("3,5-6", True, ["1,2"]), groups_of(None, False, [])
    ([3, 5, 6, (3, 5, 6), (1, 2)], None)
    """
    alone = list(unit_numbers("--units", units))
    if together and not alone:
        raise UsageError("--together goes with --units")
    found = [*alone, *([tuple(alone)] if together else [])]
    found += [unit_numbers("--group", one) for one in groups]
    return found or None


def report(found: "Ablation", files: Sequence[Path], top: int, lang: str, json: bool) -> None:
    """The groups and classes that lose most, with the whole network's accuracy; or all as JSON."""
    if json:
        tables = {"groups": records(found.to_frame()), "classes": records(found.class_frame())}
        print_json({"source": found.source.to_dict(), "accuracy": found.accuracy, **tables})
        return
    whole, value, rule = ablation_notes(found, lang)
    print(f"{whole} {value}\n\n{text('cli.ablate.groups', lang)}")
    by = ["change", "logit_change"]
    print_table(found.to_frame().sort_values(by, kind="stable").head(top), _GROUPS)
    print(f"\n{text('cli.ablate.classes', lang)}")
    print_table(found.class_frame().sort_values(by, kind="stable").head(top), _CLASSES)
    told = {"folder": files[0].parent.as_posix(), "count": len(files)}
    print(f"\n{rule}\n\n{text('cli.inspect.written', lang, **told)}")
