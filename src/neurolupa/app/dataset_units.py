"""The views of the data set that look at units: their conditions, on many pictures, on one, and how alike."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from neurolupa.app import state
from neurolupa.app.atlas_pictures import choose_picture, show_kept
from neurolupa.app.callbacks import unbroken
from neurolupa.app.dataset_view import View, chart, download, explain, listed, selectable
from neurolupa.app.texts import plain
from neurolupa.figures import charts_activity, charts_layers, charts_similarity
from neurolupa.figures.relation_words import dimension_lines, group_lines
from neurolupa.figures.unit_activity import rank_lines, reading_sentence
from neurolupa.locales import text
from neurolupa.units.conditions import CONDITIONS, Conditions

_TEN = 10


def idle(view: View) -> None:
    """Dead, dormant, saturated and collapsed units: what each means, by layer, then one by one."""
    with st.spinner(view.say("working")):
        found: Conditions = view.table("conditions")
    chart_of = charts_layers.idle_by_layer(view.table("layers"), view.site, view.context.lang)
    selectable(view, chart_of, "idle")
    _lines(_definitions(view, found))
    st.caption(view.say("idle.note"))
    named = {name: _condition(view, found, name) for name in CONDITIONS}
    listed(view, _by_layer(found), "conditions", **named)
    units = found.to_frame()
    if units.empty:
        st.info(view.say("idle.none"), icon=":material/info:")
        return
    only = st.toggle(view.say("idle.only"), key="dataset.only")
    frame = units[units["site"] == view.site] if only else units
    listed(view, frame, "idle", **named)
    download(view, frame, "conditions")


def images(view: View) -> None:
    """Every unit of the selected layer on sampled pictures, and what that shows."""
    with st.spinner(view.say("working")):
        found = view.of_site("activity")
    if found is None:
        st.info(view.say("images.none"), icon=":material/info:")
        return
    lang = view.context.lang
    st.markdown(text("units.activity.map.reading", lang, images=view.context.count(found.reading.images)))
    _lines(reading_sentence(each, lang) for each in found.reading.findings)
    chart(charts_activity.activity_cells(found, lang), "images")
    explain(view, "images.note", found.to_frame().reset_index(), f"images_{view.site}")


def picture(view: View) -> None:
    """The units of the selected layer on one picture, and where the selected unit stands."""
    which, marked = st.columns([3, 1], vertical_alignment="bottom")
    with which:
        image = choose_picture(view.context, view.opened)
    if image is None:
        return
    with marked:
        unit = _marked(view)
    found, lang = view.of_site("ranks", image, unit), view.context.lang
    seen, told = st.columns([1, 3])
    with seen:
        show_kept(view.context, view.opened, image)
    with told:
        _lines(rank_lines(found, lang))
        listed(view, found.to_frame().head(_TEN)[["rank", "unit", "value"]], "ranks")
    left, right = st.columns(2)
    with left:
        chart(charts_activity.rank_histogram(found, lang), "rank_histogram")
    with right:
        chart(charts_activity.rank_bars(found, lang), "rank_bars")
    explain(view, "picture.note", found.to_frame(), f"ranks_{view.site}_{image}")


def alike(view: View) -> None:
    """How alike the layers are, how much of each is doubled, the dimensions that the selected one fills."""
    with st.spinner(view.say("working")):
        found = view.table("similarity")
        groups, dimensions = view.of_site("groups"), view.of_site("dimensions")
    lang = view.context.lang
    chart(charts_similarity.layer_cells(found, lang), "alike")
    explain(view, "alike.note", found.to_frame(), "layers_alike")
    st.markdown(f"##### {view.say('alike.doubled')}")
    doubled = found.layers_frame()
    doubled.insert(0, "depth", range(1, len(doubled) + 1))
    shares = {"share": st.column_config.NumberColumn(view.say("column.share"), format="percent")}
    names = ["depth", "site", "total", "compared", "groups", "doubled", "share"]
    listed(view, doubled[names], "doubled", **shares)
    download(view, doubled, "layers_doubled")
    st.markdown(f"##### {view.say('alike.layer', site=view.site.replace('`', ''))}")
    _lines([*dimension_lines(dimensions, lang), *group_lines(groups, lang)])
    if groups.groups:
        listed(view, _groups(groups.groups), "groups")


def _marked(view: View) -> int:
    """The unit that the page of neurons shows, made another one here."""
    layers = view.table("layers").frame
    units = int(layers.loc[layers["site"] == view.site, "total_neurons"].iloc[0])
    chosen = min(state.data_view().neuron, units - 1)
    st.number_input(
        view.say("picture.unit", last=units - 1), 0, units - 1, step=1,
        key=state.bind("dataset.neuron", chosen),
        on_change=unbroken(lambda: state.change_data_view(neuron=int(st.session_state["dataset.neuron"]))),
    )  # fmt: skip
    return chosen


def _lines(lines: Iterable[str]) -> None:
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def _definitions(view: View, found: Conditions) -> list[str]:
    """What each condition means; of one that has no meaning anywhere, why."""
    by_layer, lang, told = found.layers(), view.context.lang, []
    for name in CONDITIONS:
        codes = set(by_layer.loc[by_layer["condition"] == name, "code"])
        why = "" if "OK" in codes else f" ({text(f'units.conditions.code.{min(codes)}', lang)})"
        told.append(_definition(view, found, name) + why)
    return told


def _definition(view: View, found: Conditions, name: str) -> str:
    threshold = getattr(found.thresholds, name)
    return text(f"units.conditions.{name}.definition", view.context.lang, threshold=threshold)


def _condition(view: View, found: Conditions, name: str) -> Any:
    words = text(f"units.conditions.{name}", view.context.lang)
    return st.column_config.Column(words, help=_definition(view, found, name))


def _by_layer(found: Conditions) -> pd.DataFrame:
    """A row for each layer: its units, and how many have each condition; nothing where it has no meaning."""
    layers = found.layers()
    counts = layers.pivot(index="site", columns="condition", values="count")[list(CONDITIONS)]
    units = found.units.groupby("site", sort=False).size()
    return counts.reindex(units.index).astype("Int64").assign(total_neurons=units).reset_index()


def _groups(groups: Iterable[Any]) -> pd.DataFrame:
    rows = [(len(each.units), each.centre, each.lowest, ", ".join(map(str, each.units))) for each in groups]
    return pd.DataFrame(rows, columns=["size", "centre", "lowest", "members"])
