"""What `inspect` asks, does and says."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.cli.network import note
from neurolupa.cli.printing import Column, number, percent, print_json, print_table
from neurolupa.cli.words import known_language, last_calls
from neurolupa.errors import UsageError, unknown
from neurolupa.locales import text

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.figures import Inspected
    from neurolupa.inspection import ImageAnalysis, Ranking
    from neurolupa.models import Model

_OVERVIEW = 12


@dataclass(frozen=True)
class Wanted:
    """What was asked about the picture; the fields are those of the options."""

    sites: tuple[str, ...]
    point: str | None
    by: str
    top: int
    min_sparsity: float
    weight: float
    mean_above: float
    max_above: float
    units: tuple[int, ...]

    def rank(self, analysis: "ImageAnalysis", k: int) -> "Ranking":
        """The first k units of an analysis by the criterion."""
        return analysis.rank(
            self.by,
            k,
            min_sparsity=self.min_sparsity,
            weight=self.weight,
            mean_above=self.mean_above,
            max_above=self.max_above,
            units=self.units,
        )


def check(wanted: Wanted, palette: str, opacity: float, lang: str) -> None:
    """Refuse bad values before a network is loaded, with UsageError."""
    import pandas as pd

    from neurolupa.capture.site import POINTS
    from neurolupa.figures.palettes import Scale, checked_opacity, used
    from neurolupa.inspection import rank_units

    known_language(lang)
    used(Scale(0, 1), palette)
    checked_opacity(opacity)
    if wanted.point not in (None, *POINTS):
        raise unknown("point", wanted.point or "", POINTS)
    if wanted.units and wanted.by != "manual":
        raise UsageError("--units goes with --by manual")
    columns = ["unit", "mean", "max", "std", "sparsity"]
    most = max(wanted.units, default=0)
    nothing = pd.DataFrame(0.0, index=range(most + 1), columns=columns)
    rank_units(
        nothing,
        wanted.by,
        wanted.top,
        min_sparsity=wanted.min_sparsity,
        weight=wanted.weight,
        mean_above=wanted.mean_above,
        max_above=wanted.max_above,
        units=wanted.units,
    )


def study(model: "Model", image: str, wanted: Wanted) -> tuple["Inspected", ...]:
    """The sites of the picture, ranked, with their kernels."""
    from neurolupa.capture import trace
    from neurolupa.figures import Inspected
    from neurolupa.images.picking import pick_image
    from neurolupa.inspection import inspect_layers
    from neurolupa.inspection.kernels import kernels_of

    trace(model).select(wanted.sites)
    picture, images = pick_image(image)
    found = []
    for analysis in inspect_layers(model, picture, wanted.sites, wanted.point, images=images):
        ranking = wanted.rank(analysis, wanted.top)
        kernels = kernels_of(model, analysis.site, ranking.units) if ranking.units else ()
        more = wanted.rank(analysis, max(wanted.top, _OVERVIEW))
        found.append(Inspected(analysis, ranking, kernels, more))
    return tuple(found)


def say(inspected: Sequence["Inspected"], out: str, files: Sequence[Path], lang: str, json: bool) -> None:
    """The prediction and the ranked units on stdout, what should be known on stderr."""
    from neurolupa.figures.inspection_export import facts_of
    from neurolupa.figures.inspection_words import note_sentence, place_sentence, prediction_lines

    names = ((one.analysis.site.name, one.analysis.site.address) for one in inspected)
    if told := last_calls(names):
        note(told)
    for one in inspected:
        if sentence := note_sentence(one.ranking, lang):
            note(f"{one.analysis.site.name}: {sentence}")
    if json:
        rows = {one.analysis.site.address: _ranked(one).to_dict("records") for one in inspected}
        print_json(facts_of(inspected) | {"ranked": rows, "files": [path.as_posix() for path in files]})
        return
    head, *lines = prediction_lines(inspected[0].analysis, lang)
    print("\n  ".join([head, *lines]))
    for one in inspected:
        print(f"\n{place_sentence(one.analysis, lang)}")
        if one.ranking.units:
            print_table(_ranked(one), _COLUMNS)
    print(f"\n{text('cli.inspect.written', lang, folder=Path(out).as_posix(), count=len(files))}")


def _ranked(one: "Inspected") -> "pd.DataFrame":
    """The ranked units in order, sparsity in percent."""
    table = one.analysis.to_frame(one.ranking).dropna(subset="rank").sort_values("rank")
    table["zeros_%"] = 100 * table["sparsity"]
    return table


_COLUMNS = (
    Column("rank", right=True),
    Column("unit", right=True),
    Column("score", show=number, right=True),
    Column("mean", show=number, right=True),
    Column("max", show=number, right=True),
    Column("std", show=number, right=True, spare=2),
    Column("zeros_%", "zeros %", show=percent, right=True, spare=1),
    Column("percentile", show=percent, right=True, spare=3),
)
