"""General results: picture and prediction, the layer, its statistics, the table of all units."""

from typing import Any

import pandas as pd
import streamlit as st

from neurolupa.app import state
from neurolupa.app.callbacks import unbroken
from neurolupa.app.context import Context
from neurolupa.app.request import Result
from neurolupa.app.tabs.cards import numbers, show, shown_units
from neurolupa.app.tabs.drawing import original_with_crop, seen_of
from neurolupa.app.tabs.prediction import verdict
from neurolupa.app.texts import plain
from neurolupa.figures.inspection_words import ranking_sentence, shape_card
from neurolupa.inspection import ImageAnalysis
from neurolupa.locales import text

TABLE_HEIGHT = 420
_SHOWN = "general.shown"
_ORDER = ("rank", "unit", "mean", "max", "std", "sparsity", "percentile", "score", "min", "dead")


def render(context: Context) -> None:
    """Draw the tab."""
    result = context.result
    if result is None:
        return
    _pictures(context, result.analysis)
    st.subheader(context.say("general.layer"))
    _layer(context, result)
    st.subheader(context.say("general.units"))
    st.caption(plain(ranking_sentence(result.ranking, context.lang)))
    shown_units(context)
    _table(context, result)


def units_table(result: Result) -> pd.DataFrame:
    """All units, the ranked ones first in their order, the others by falling mean; sparsity in per cent."""
    table = result.analysis.to_frame(result.ranking)
    table = table.assign(sparsity=100 * table["sparsity"])
    ordered = table.sort_values(["rank", "mean", "unit"], ascending=[True, False, True], na_position="last")
    return ordered[list(_ORDER)].reset_index(drop=True)


def _pictures(context: Context, analysis: ImageAnalysis) -> None:
    given, seen, words = st.columns([4, 4, 5], gap="medium")
    facts = analysis.picture
    width, height = facts.size
    with given:
        code = "original" if facts.share > 1 - 1e-6 else "cropped"
        show(original_with_crop(facts), context.say(f"general.{code}", width=width, height=height))
    with seen:
        width, height = facts.seen.size
        show(seen_of(analysis), context.say("general.seen", width=width, height=height))
    with words:
        verdict(context, analysis)


def _layer(context: Context, result: Result) -> None:
    overall = result.dossier.overall
    numbers(
        [
            (context.say("general.mean"), context.number(overall.mean)),
            (context.say("general.max"), context.number(overall.max)),
            (context.say("general.std"), context.number(overall.std)),
            (context.say("general.sparsity"), context.percent(overall.sparsity)),
            (context.say("general.dead"), f"{context.count(overall.dead)} / {context.count(overall.units)}"),
        ]
    )
    head, *facts = shape_card(result.analysis, context.lang)
    st.caption(" · ".join(plain(line) for line in (head, *facts)))
    if not result.analysis.site.rectified:
        st.caption(text("inspection.warning.no_sparsity", context.lang))


def _table(context: Context, result: Result) -> None:
    table, selected = units_table(result), context.unit
    units = table["unit"].tolist()
    shown = table.drop(columns=[name for name in ("sparsity", "score") if table[name].isna().all()])
    key = f"general.units.{context.lang}"
    rows = [units.index(selected)] if selected in units else []
    if _rows(key) != rows:
        st.session_state[key] = {"selection": {"rows": rows}}
    st.dataframe(
        shown,
        height=TABLE_HEIGHT,
        hide_index=True,
        column_config=_columns(context),
        key=key,
        on_select=unbroken(_row_chosen),
        selection_mode="single-row",
        placeholder="–",  # noqa: RUF001
    )
    state.remember(_SHOWN, (units, selected))
    st.caption(context.say("general.table_help"))


def _columns(context: Context) -> dict[str, Any]:
    config, say = st.column_config, context.say
    plain_number = {name: config.NumberColumn(say(f"column.{name}"), format="%.4g") for name in _ORDER}
    return plain_number | {
        "rank": config.NumberColumn(say("column.rank"), format="★ %d", help=say("column.rank_help")),
        "unit": config.NumberColumn(say("column.unit"), format="%d"),
        "sparsity": config.ProgressColumn(
            say("column.sparsity"), format="%.1f %%", min_value=0, max_value=100
        ),
        "percentile": config.NumberColumn(
            say("column.percentile"), format="%.0f", help=say("column.percentile_help")
        ),
        "dead": config.CheckboxColumn(say("column.dead")),
    }


def _rows(key: str) -> list[int] | None:
    held = st.session_state.get(key)
    return None if held is None else list(held["selection"].get("rows", ()))


def _row_chosen() -> None:
    key = f"general.units.{state.display().lang}"
    rows, (units, selected) = _rows(key), state.remembered(_SHOWN, ((), None))
    # The browser also reports the row that was ticked by the program: that is no choice of a person's.
    if rows and units[rows[0]] != selected:
        state.change_display(unit=int(units[rows[0]]))
