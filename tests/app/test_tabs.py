"""The six tabs over a tiny network: every tab, in both languages, at sites of every kind."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from tests.app.tabs_script import script

from neurolupa.app import work
from neurolupa.app.context import Context
from neurolupa.app.drafts import Draft
from neurolupa.app.request import TAB_KEYS, Display, Request, Result
from neurolupa.app.tabs import asked, general
from neurolupa.app.tabs.attributed import told_part
from neurolupa.app.tabs.comparing import first_units
from neurolupa.app.tabs.general import units_table
from neurolupa.app.tabs.prediction import effect_table
from neurolupa.app.texts import say
from neurolupa.attribution import attribute
from neurolupa.inspection import switch_off
from neurolupa.locales import LANGUAGES, text

CASES = {
    "maps": Request(sites=("first",), point="relu", k=2, by="mean"),
    "no sparsity": Request(sites=("first",), point="conv", k=2, by="std"),
    "nothing passes": Request(sites=("first",), point="conv", k=2, by="balanced"),
    "deeper": Request(sites=("second",), point="relu", k=2, by="max"),
    "values": Request(sites=("fc",), point=None, k=2, by="mean"),
    "layers": Request(sites=("first", "second"), point="relu", k=4, by="mean"),
    "mixed layers": Request(sites=("first", "fc"), point=None, k=4, by="balanced"),
}


@pytest.fixture
def result(tiny) -> Callable[..., Result]:
    """The result of a request, from the tiny network."""
    return lambda request: work.analyse(work.fitted(request)[0], None)


def opened(result: Result, tab: str = "general", **display: object) -> AppTest:
    page = AppTest.from_function(script, default_timeout=30)
    page.session_state["neurolupa.result"] = result
    page.session_state["neurolupa.display"] = replace(Display(tab=tab), **display)
    return page.run()


def shown_as(page: AppTest, **changes: object) -> AppTest:
    before = page.session_state["neurolupa.display"]
    page.session_state["neurolupa.display"] = replace(before, **changes)
    return page.run()


def words(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.warning, page.subheader, page.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_every_tab_stands_and_says_where_it_comes_from(case, lang, result):
    found = result(CASES[case])
    page = opened(found, lang=lang)
    for tab in TAB_KEYS:
        page = shown_as(page, tab=tab)
        assert not page.exception, (tab, page.exception)
        assert not page.error, (tab, words(page))
        assert found.analysis.provenance.weights_digest[:12] in words(page), tab


def test_nothing_that_only_shows_runs_the_network(result, tiny):
    page = opened(result(CASES["maps"]))
    tiny.runs = 0
    changes = [{"tab": tab} for tab in TAB_KEYS]
    changes += [{"palette": "magma"}, {"opacity": 0.9}, {"shared_scale": False}, {"lang": "es"}, {"unit": 1}]
    for change in changes:
        assert not shown_as(page, **change).exception
    assert tiny.runs == 0


def test_a_unit_outside_the_ranking_is_looked_into_once_for_all(result):
    found = result(CASES["maps"])
    assert 3 not in found.dossier
    page = opened(found, "detail", unit=3)
    assert text("inspection.warning.dead") in words(page).replace("\\", "")
    held = work.dossier_of(work.open_network("embedded", "default"), found.analysis, (3,))
    shown_as(page, palette="hot")
    assert work.dossier_of(work.open_network("embedded", "default"), found.analysis, (3,)) is held


def test_a_colour_pattern_is_found_when_its_view_is_opened_and_then_once(result, tiny):
    page = opened(result(CASES["maps"]), "detail", unit=0)
    tiny.runs = 0
    page = page.segmented_control(key="choice.detail.en").set_value("colours").run()
    runs = tiny.runs
    assert runs > 0
    assert text("app.colours.gradient_help", "en", limit="0")[:40] in words(page)
    for change in ({"palette": "magma"}, {"tab": "general"}, {"tab": "detail"}):
        page = shown_as(page, **change)
    assert tiny.runs == runs
    shown_as(page, unit=1)
    assert tiny.runs > runs


def test_a_unit_is_switched_off_only_when_it_is_asked_for_and_then_once(result, monkeypatch):
    asked_for = []

    def counted(model, analysis, units):
        asked_for.append(units)
        return switch_off(model, analysis, units)

    monkeypatch.setattr(asked, "switch_off", counted)
    page = opened(result(CASES["maps"]), "prediction", unit=0)
    assert asked_for == []
    page = page.toggle[0].set_value(True).run()
    shown_as(page, opacity=0.1)
    shown_as(page, tab="general")
    page = shown_as(page, tab="prediction", lang="es")
    assert asked_for == [[0]]
    assert page.toggle[0].value is True
    shown_as(page, unit=1)
    assert asked_for == [[0], [1]]


def test_the_effect_is_that_of_the_network_without_the_unit(result):
    found = result(CASES["maps"])
    model = work.open_network("embedded", "default")
    off = switch_off(model, found.analysis, [0])[0]
    table = effect_table(Context(Display(), found), off)
    with torch.no_grad():
        maps = torch.from_numpy(found.analysis.maps.copy())[None]
        maps[0, 0] = 0
        hidden = model.module.relu(model.module.second(maps))
        logits = model.module.fc(hidden.mean((2, 3)))[0]
    for place, one in enumerate(off.before):
        assert table.iloc[place, 2] == pytest.approx(float(logits[one.class_id]), abs=1e-3)


def test_a_ticked_row_selects_its_unit_for_every_tab(result, monkeypatch):
    found = result(CASES["maps"])
    units = units_table(found)["unit"].tolist()
    held = {"general.units.en": {"selection": {"rows": [2]}}, "neurolupa.general.shown": (units, units[0])}
    monkeypatch.setattr(general.st, "session_state", held)
    general._row_chosen()
    assert held["neurolupa.display"].unit == units[2]


def test_the_row_that_the_program_ticked_is_no_choice(result, monkeypatch):
    units = units_table(result(CASES["maps"]))["unit"].tolist()
    held = {"general.units.en": {"selection": {"rows": [0]}}, "neurolupa.general.shown": (units, units[0])}
    monkeypatch.setattr(general.st, "session_state", held)
    general._row_chosen()
    assert "neurolupa.display" not in held


def test_the_menu_of_units_selects_for_every_tab(result):
    found = result(CASES["maps"])
    page = opened(found, "detail")
    menu = page.selectbox[0]
    assert menu.value == found.ranking.units[0]
    assert 3 not in found.ranking.units
    page = menu.set_value(3).run()
    assert page.session_state["neurolupa.display"].unit == 3
    assert shown_as(page, tab="prediction").selectbox[0].value == 3


def test_a_ranking_without_units_is_said_and_one_unit_is_still_shown(result):
    found = result(CASES["nothing passes"])
    assert found.ranking.units == ()
    for tab in ("general", "overlay", "grid", "filters"):
        page = opened(found, tab)
        assert [element for element in page.warning if "balance" in element.value or "zeros" in element.value]
        assert tab in ("general", "filters") or len(page.image) > 1


def test_a_point_without_zeros_has_no_sparsity(result):
    page = opened(result(CASES["no sparsity"]))
    values = {metric.label: metric.value for metric in page.metric}
    assert values["Exact zeros"] == "n/a"
    assert text("inspection.warning.no_sparsity") in words(page)


def test_the_statistics_are_those_of_the_maps(result):
    found = result(CASES["maps"])
    values = {metric.label: metric.value for metric in opened(found).metric}
    maps = found.analysis.maps.astype(np.float64)
    assert values["Mean"] == f"{maps.mean():.3g}"
    assert values["Maximum"] == f"{maps.max():.3g}"
    assert values["Std. deviation"] == f"{maps.std():.3g}"
    assert values["Exact zeros"] == f"{100 * (maps == 0).mean():.1f} %"
    assert values["Silent here"] == "1 / 4"


def test_units_without_maps_are_bars(result):
    for tab in ("overlay", "grid"):
        page = opened(result(CASES["values"]), tab)
        assert len(page.get("plotly_chart")) == 1
        assert not page.image


def test_several_layers_stand_side_by_side_with_four_units_each(result):
    found = result(CASES["layers"])
    said = words(opened(found, "overlay"))
    assert all(f"`{one.site.name}`" in said for one in found.analyses)
    assert [len(first_units(found.request, one)[1]) for one in found.analyses] == [4, 2]


def test_where_nothing_passes_in_another_layer_the_mean_stands_in_and_is_named(result):
    said = words(opened(result(CASES["mixed layers"]), "overlay"))
    assert said.count(say("overlay.by_mean", "en")) == 2


def test_captions_are_those_of_the_result(result):
    found = result(CASES["maps"])
    page = opened(found)
    page.session_state["neurolupa.draft"] = Draft(model="resnet18")
    assert "resnet18" not in words(page.run())


def test_gradcam_is_taken_when_it_is_asked_for_and_then_once_a_class(result, monkeypatch):
    taken = []

    def counted(model, analysis, method, target, site):
        taken.append((target, site))
        return attribute(model, analysis, method, target, site)

    monkeypatch.setattr(asked, "attribute", counted)
    found = result(CASES["maps"])
    page = opened(found, "prediction", unit=0)
    assert taken == []
    page = page.toggle[1].set_value(True).run()
    assert not page.exception
    first = found.analysis.prediction[0].class_id
    assert taken == [(first, found.analysis.site.address)]
    for change in ({"opacity": 0.1}, {"tab": "general"}, {"tab": "prediction"}, {"lang": "es"}, {"unit": 1}):
        page = shown_as(page, **change)
    assert len(taken) == 1
    assert text("app.prediction.differ", "es")[:40] in words(page)
    second = found.analysis.prediction[1].class_id
    page.selectbox[-1].set_value(second).run()
    assert [target for target, _ in taken] == [first, second]


def test_what_a_unit_has_to_do_with_a_class_is_told_with_its_sign(result):
    found = result(CASES["maps"])
    model = work.open_network("embedded", "default")
    cam = attribute(model, found.analysis, "gradcam", 0, found.analysis.site.address)
    parts = cam.to_frame().set_index("unit")["contribution"]
    for unit, part in parts.items():
        told = told_part(Context(Display(), found), cam, unit, "cat", f"unit {unit}")
        assert ("**for**" in told, "**against**" in told) == (part > 0, part < 0)


def test_a_site_without_a_map_gets_gradcam_of_the_last_that_has_one(result):
    page = opened(result(CASES["values"]), "prediction", unit=0)
    page = page.toggle[1].set_value(True).run()
    assert not page.exception
    assert text("app.prediction.other_site", "en", site="")[:40] in words(page)
