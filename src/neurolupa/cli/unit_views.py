"""What `show` prints of units: conditions, redundant ones, units by pictures, those of one picture."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from neurolupa.cli.printing import Column, number, percent, print_json, records
from neurolupa.cli.questions import Question, answer
from neurolupa.errors import UsageError
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.units.conditions import Conditions

_TEN = 10
_WIDTHS = ("low", "high")


def show_conditions(question: Question) -> None:
    """The dead, dormant, saturated and collapsed units: counted in the table, one by one in JSON."""
    from neurolupa.units.conditions import CONDITIONS, Thresholds, conditions

    limits = Thresholds.of_scan(question.atlas.manifest.get("settings", {}))
    found = conditions(question.atlas, limits)
    if question.json:
        frame = question.of_sites(found.to_frame())
        answer(question, frame if question.top is None else frame.groupby("site").head(question.top), ())
        return
    layers = question.of_sites(found.layers())
    counts = layers.pivot(index="site", columns="condition", values="count")
    sites = list(dict.fromkeys(layers["site"]))
    units = found.units.groupby("site", sort=False).size()
    table = counts.loc[sites].reset_index().assign(units=units.loc[sites].to_numpy())
    heads = {name: text(f"units.conditions.{name}", question.lang) for name in CONDITIONS}
    columns = [Column(name, head, _count, right=True) for name, head in heads.items()]
    answer(question, table, (Column("site"), *columns, Column("units", show=whole, right=True)))
    print()
    for line in _definitions(question, found, layers):
        print(f"  {line}")


def show_redundant(question: Question) -> None:
    """How much of each layer is doubled; of one site its groups of units that do the same."""
    if question.site is None:
        _doubled(question)
    else:
        _groups(question, question.site)


def _doubled(question: Question) -> None:
    from neurolupa.units.relations import layer_similarity

    columns = (
        Column("site"),
        Column("total", "units", whole, right=True, spare=2),
        Column("compared", "varying", whole, right=True, spare=3),
        Column("groups", show=whole, right=True, spare=1),
        Column("doubled", show=whole, right=True),
        Column("share_%", "doubled %", percent, right=True),
    )
    frame = layer_similarity(question.atlas).layers_frame()
    answer(question, frame.assign(**{"share_%": 100 * frame["share"]}), columns)


def _groups(question: Question, site: str) -> None:
    from neurolupa.figures.relation_words import group_lines
    from neurolupa.units.relations import redundant_groups

    found = redundant_groups(question.atlas, site)
    frame = found.to_frame()
    if question.json:
        answer(question, frame, ())
        return
    members = frame.groupby("group")["unit"].agg(lambda units: ", ".join(map(str, units)))
    table = frame[frame["centre"]].drop_duplicates("group").assign(units=members.to_numpy())
    columns = (
        Column("group", right=True),
        Column("size", right=True),
        Column("unit", "centre", right=True, spare=2),
        Column("lowest", "lowest r", "{:.2f}".format, right=True, spare=1),
        Column("units"),
    )
    answer(question, table.head(question.rows or len(table)), columns)
    _say(group_lines(found, question.lang))


def show_dimensions(question: Question) -> None:
    """In how many dimensions the units of each layer vary."""
    import pandas as pd

    from neurolupa.units.relations import dimensionality

    found = [dimensionality(question.atlas, site).to_frame() for site in question.sites]
    columns = (
        Column("site"),
        Column("index"),
        Column("value", "dimensions", "{:.1f}".format, right=True),
        *(Column(name, f"95 % {name}", "{:.1f}".format, right=True, spare=1) for name in _WIDTHS),
        Column("null_mean", "by chance", "{:.1f}".format, right=True, spare=2),
        Column("p", show="{:.2f}".format, right=True, spare=2),
        Column("units", show=whole, right=True, spare=3),
        Column("images", "N", whole, right=True, spare=3),
    )
    answer(question, pd.concat(found, ignore_index=True), columns)


def show_similarity(question: Question) -> None:
    """Linear CKA between every two layers, or between one and all others; the most alike first."""
    from neurolupa.units.relations import layer_similarity

    frame = layer_similarity(question.atlas).to_frame()
    if question.site is not None:
        own = question.sites[0]
        frame = frame[(frame["first"] == own) | (frame["second"] == own)]
    ranked = frame.sort_values("cka", ascending=False, kind="stable")
    shown = ranked if question.json and not question.top else ranked.head(question.top or 20)
    columns = (
        Column("first"),
        Column("second"),
        Column("cka", "CKA", "{:.2f}".format, right=True),
        *(Column(name, f"95 % {name}", "{:.2f}".format, right=True, spare=2) for name in _WIDTHS),
        Column("debiased", show="{:.2f}".format, right=True, spare=1),
        Column("null_bound", "shuffled", "{:.2f}".format, right=True, spare=1),
        Column("images", "N", whole, right=True, spare=3),
    )
    answer(question, shown, columns)
    if len(shown) < len(ranked) and not question.json:
        print(
            f"\n{whole(len(shown))} of {whole(len(ranked))} pairs, the most alike first; --top N shows more"
        )


def show_activity(question: Question) -> None:
    """What the units of a site on the sampled pictures show, in sentences; the cells in JSON."""
    from neurolupa.figures.unit_activity import reading_sentence
    from neurolupa.units.activity import activity_map

    found = activity_map(question.atlas, _one_site(question, "activity"))
    if question.json:
        cells = found.to_frame()
        told = {"source": found.source.to_dict(), "site": found.site, "images": found.reading.images}
        grid = {
            "units": list(cells.index),
            "columns": list(cells.columns),
            "values": cells.to_numpy().tolist(),
        }
        print_json(told | {"findings": records(found.reading.to_frame())} | grid)
        return
    from neurolupa.atlas.captions import caption

    print(f"{caption(found.source, question.lang)}\n")
    images = whole(found.reading.images, question.lang)
    print(text("units.activity.map.reading", question.lang, images=images))
    for each in found.reading.findings:
        print(f"  {reading_sentence(each, question.lang)}")


def show_ranks(question: Question) -> None:
    """The strongest units of a site on one picture, and where `--unit` stands among them."""
    from neurolupa.figures.unit_activity import rank_lines
    from neurolupa.units.activity import rank_units

    if question.image is None:
        raise UsageError("ranks are of one picture: give --image, an index or an id of the set")
    image: int | str = int(question.image) if question.image.isdecimal() else question.image
    found = rank_units(question.atlas, _one_site(question, "ranks"), image, question.unit)
    frame = found.to_frame()
    columns = (
        Column("rank", right=True),
        Column("unit", right=True),
        Column("value", show=number, right=True),
    )
    shown = frame if question.json and not question.top else frame.head(question.top or _TEN)
    answer(question, shown, columns)
    if not question.json:
        _say(rank_lines(found, question.lang))


UNIT_VIEWS: Mapping[str, Callable[[Question], None]] = {
    "conditions": show_conditions,
    "redundant": show_redundant,
    "dimensions": show_dimensions,
    "similarity": show_similarity,
    "activity": show_activity,
    "ranks": show_ranks,
}


def _one_site(question: Question, view: str) -> str:
    if question.site is None:
        raise UsageError(
            f"{view} needs a site: give --site, one of {', '.join(question.atlas.sites[:3])}, ..."
        )
    return question.site


def _definitions(question: Question, found: "Conditions", layers: "pd.DataFrame") -> list[str]:
    """What each condition means, and why it has no count anywhere."""
    told = []
    for name, rows in layers.groupby("condition", sort=False):
        codes, threshold = set(rows["code"]), getattr(found.thresholds, str(name))
        why = "" if "OK" in codes else f" ({text(f'units.conditions.code.{min(codes)}', question.lang)})"
        told.append(text(f"units.conditions.{name}.definition", question.lang, threshold=threshold) + why)
    return told


def _count(value: Any) -> str:
    return whole(int(value))


def _say(lines: Any) -> None:
    print()
    for line in lines:
        print(f"  {line}")
