"""What `show` prints: one function for each thing that an atlas can be asked."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from neurolupa.atlas.captions import caption
from neurolupa.cli.network import note
from neurolupa.cli.printing import Column, number, percent, print_json
from neurolupa.cli.questions import Question, answer, answer_highest
from neurolupa.cli.unit_views import UNIT_VIEWS
from neurolupa.cli.words import note_lines, summary_lines, trend_sentence
from neurolupa.errors import UsageError, unknown
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

_EXEMPLAR = (
    Column("value", show=number, right=True),
    Column("id", "image"),
    Column("where", "row, column", right=True, spare=1),
    Column("box", "pixels of the image", right=True, spare=2),
)

View = Callable[[Question], None]

_LISTED = 24
_FIGURES = tuple(
    Column(name, show=number, right=True, spare=spare)
    for name, spare in (("mean", 0), ("std", 2), ("min", 3), ("max", 1))
)
_SPARSITY = Column("sparsity_%", "zeros %", percent, right=True)


def view_named(name: str) -> View:
    """The view of a name; UsageError with the nearest for an unknown one.

    >>> view_named("layer")
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: unknown view of an atlas 'layer'; nearest: layers
    """
    if name not in VIEWS:
        raise unknown("view of an atlas", name, VIEWS)
    return VIEWS[name]


def show_layers(question: Question) -> None:
    """One row for each site."""
    columns = (
        Column("site"),
        Column("type", spare=4),
        Column("shape", spare=5),
        *_FIGURES,
        Column("median", show=number, right=True, spare=6),
        _SPARSITY,
        Column("dead", show=whole, right=True),
        Column("total_neurons", "units", show=whole, right=True),
    )
    answer(question, question.of_sites(question.atlas.layers), columns)


def show_units(question: Question) -> None:
    """The units of every site, the highest maximum first."""
    columns = (
        Column("site"),
        Column("unit", right=True),
        *_FIGURES,
        Column("median", show=number, right=True, spare=5),
        Column("q99", show=number, right=True, spare=6),
        _SPARSITY,
        Column("state", spare=4),
    )
    frame = question.atlas.units
    if not question.json:
        flags = zip(frame["dead"], frame["dormant"], strict=True)
        frame = frame.assign(state=[_state(*pair) for pair in flags])
    answer_highest(question, frame, "max", columns, "units")


def show_classes(question: Question) -> None:
    """The classes of every site, the highest mean first."""
    columns = (
        Column("site"),
        Column("class_id", "class", right=True, spare=3),
        Column("class_name", "name"),
        Column("num_samples", "images", whole, right=True),
        Column("mean", show=number, right=True),
        Column("std", show=number, right=True, spare=1),
        Column("median", show=number, right=True, spare=2),
        _SPARSITY,
    )
    found = question.atlas.classes()
    if found.empty and not question.json:
        print(text("app.dataset.classes.none", question.lang))
        return
    answer_highest(question, found, "mean", columns, "classes")


def show_dead(question: Question) -> None:
    """The dead units of every site: counted in the table, one by one in JSON."""
    dead = question.of_sites(question.atlas.dead())
    if question.json:
        rows = dead if question.top is None else dead.groupby("site", sort=False).head(question.top)
        answer(question, rows, ())
        return
    columns = (
        Column("site"),
        Column("dead", show=whole, right=True),
        Column("total_neurons", "of", show=whole, right=True, spare=2),
        Column("share", "dead %", percent, right=True, spare=1),
        Column("which", "units"),
    )
    layers = question.of_sites(question.atlas.layers)
    lists = [list(dead.loc[dead["site"] == site, "unit"]) for site in layers["site"]]
    table = layers.assign(
        dead=[len(units) for units in lists],
        share=[100 * len(units) / total for units, total in zip(lists, layers["total_neurons"], strict=True)],
        which=[_listed(units, question.top or _fitting(units)) for units in lists],
    )
    answer(question, table, columns)


def show_exemplars(question: Question) -> None:
    """The images that drive units: every band of one unit, or the strongest image of each unit."""
    if question.unit is None:
        columns = (Column("site"), Column("unit", right=True), *_EXEMPLAR)
        found = _readable(question, _strongest(question))
        answer_highest(question, found, "value", columns, "units with their strongest image")
    elif question.site is None:
        raise UsageError("--unit says which unit of a site: give --site too")
    else:
        found = _readable(question, question.atlas.exemplars(question.site, question.unit))
        if question.top:
            found = found[found["rank"] < question.top]
        answer(question, found, (Column("band"), Column("rank", right=True), *_EXEMPLAR))


def show_summary(question: Question) -> None:
    """The findings as sentences."""
    summary = question.atlas.summary()
    if question.json:
        print_json(summary.to_dict())
        return
    for line in note_lines(question.atlas, question.lang):
        note(line)
    print(f"{caption(summary.source, question.lang)}\n")
    for line in summary_lines(summary, question.lang):
        print(f"  {line}")


def show_evolution(question: Question) -> None:
    """What becomes of mean, std, sparsity and range on the way through the network."""
    evolution = question.atlas.evolution()
    if question.json:
        print_json(evolution.to_dict())
        return
    columns = (
        Column("measure"),
        Column("first", show=number, right=True),
        Column("last", show=number, right=True),
        Column("change", show=number, right=True, spare=3),
        Column("change_%", "change %", percent, right=True, spare=1),
        Column("peak", "peak at"),
        Column("valley", "valley at", spare=2),
    )
    answer(question, evolution.to_frame(), columns)
    print()
    for trend in evolution.trends:
        print(f"  {trend_sentence(trend, question.lang)}")


VIEWS: dict[str, View] = {
    "layers": show_layers,
    "units": show_units,
    "classes": show_classes,
    "dead": show_dead,
    "exemplars": show_exemplars,
    "summary": show_summary,
    "evolution": show_evolution,
    **UNIT_VIEWS,
}


def _strongest(question: Question) -> "pd.DataFrame":
    """The first exemplar of the top band, of every unit."""
    import pandas as pd

    from neurolupa.atlas.schema import EXEMPLARS
    from neurolupa.atlas.tables import read_rows

    rows = pd.concat([read_rows(question.atlas.folder, EXEMPLARS, site) for site in question.sites])
    return rows[(rows["band"] == "top") & (rows["rank"] == 0)]


def _readable(question: Question, exemplars: "pd.DataFrame") -> "pd.DataFrame":
    """With the images' ids; in a printed table places and boxes too are one text each."""
    found = exemplars.merge(question.atlas.images[["image", "id"]], on="image", how="left")
    if question.json:
        return found
    corners = found[["box_x0", "box_y0", "box_x1", "box_y1"]].itertuples(index=False)
    boxes: list[Any] = [_box(*corner) for corner in corners]
    return found.assign(
        where=[f"{row}, {column}" for row, column in zip(found["row"], found["column"], strict=True)],
        box=boxes,
    )


def _box(x0: float, y0: float, x1: float, y1: float) -> str | None:
    return f"{x0:.0f}, {y0:.0f} to {x1:.0f}, {y1:.0f}" if x0 == x0 else None


def _state(dead: bool, dormant: bool) -> str:
    return "dead" if dead else "dormant" if dormant else ""


def _fitting(units: Sequence[int]) -> int:
    """How many numbers fit in a narrow column."""
    return len([1 for end in range(1, len(units) + 1) if len(_listed(units[:end], end)) <= _LISTED])


def _listed(units: Sequence[int], count: int) -> str:
    more = f", ... {len(units) - count} more" if len(units) > count else ""
    return ", ".join(map(str, units[:count])) + more
