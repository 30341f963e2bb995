"""The neuron page: every view in both languages, choosing a unit in each way, and the files that leave."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from tests.atlas.builder import build

from neurolupa.app.dataset_opening import open_folder
from neurolupa.app.neuron_parts import VIEWS
from neurolupa.app.neuron_work import exported, searched, unit_of
from neurolupa.app.request import PART_KEYS, DataView
from neurolupa.locales import LANGUAGES, text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Unit 0 of `a.relu` answers cats at the left, unit 1 dogs, unit 2 nothing; `fc` has no maps."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    maps = rng.random((40, 3, 4, 4)) * 0.1
    maps[:, 0, :, :2] += (labels == 0)[:, None, None]
    maps[:, 1] += (labels == 1)[:, None, None]
    maps[:, 2] = 0
    values = {"a.relu": maps, "fc": rng.normal(size=(40, 2))}
    return build(tmp_path_factory.mktemp("neuron") / "atlas", values, labels, ["cat", "dog"], linear=["fc"])


def page_of(folder, lang="en", **view) -> AppTest:
    def script(atlas: str, lang: str, view: dict) -> None:
        from neurolupa.app import state
        from neurolupa.app.app_pages import neuron
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if state.remembered("data_view") is None:
            state.change_data_view(**view)
        neuron.render(Context(Display(lang=lang), atlas=atlas))

    kwargs = {"atlas": folder and str(folder), "lang": lang, "view": view}
    return AppTest.from_function(script, default_timeout=60, kwargs=kwargs).run()


def view_of(page: AppTest) -> DataView:
    return page.session_state["neurolupa.data_view"]


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption, *page.info))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", PART_KEYS)
@pytest.mark.parametrize(("site", "unit"), [("a.relu", 0), ("a.relu", 2), ("fc", 1)])
def test_every_view_of_every_kind_of_unit_is_drawn(folder, lang, part, site, unit):
    page = page_of(folder, lang, site=site, neuron=unit, part=part)
    assert not page.exception
    assert not page.error
    assert text("unit_page.title", lang, unit=unit, site=site) in words(page)


def test_the_views_are_those_of_the_links():
    assert tuple(VIEWS) == PART_KEYS


def test_without_an_atlas_the_form_stands_alone(folder):
    page = page_of(None)
    assert not page.exception
    assert not page.selectbox
    assert "neurolupa scan embedded samples" in page.code[0].value


def test_the_sentences_are_the_analysis(folder):
    assert "Prefers cat, then dog" in words(page_of(folder, part="classes"))
    assert "Strongly left" in words(page_of(folder, part="spatial"))
    assert text("unit_page.absent.NO_MAPS", "en") in words(page_of(folder, site="fc", part="spatial"))
    assert text("unit_page.absent.NO_STIMULI", "en") in words(page_of(folder, part="tuning"))


def test_neighbours_number_and_layer_choose_the_unit(folder):
    page = page_of(folder)
    assert page.button(key="neuron.previous").disabled
    page.button(key="neuron.next").click().run()
    assert view_of(page).neuron == 1
    page.number_input(key="neuron.unit").set_value(2).run()
    assert view_of(page).neuron == 2
    assert page.button(key="neuron.next").disabled
    page.selectbox(key="neuron.site").set_value("fc").run()
    assert (view_of(page).site, view_of(page).neuron) == ("fc", 0)
    assert not page.exception


def test_a_link_to_more_units_than_there_are_shows_the_last(folder):
    page = page_of(folder, neuron=99)
    assert page.number_input(key="neuron.unit").value == 2


def test_a_partner_opens_its_own_page(folder):
    page = page_of(folder, part="relations")
    page.button(key="neuron.partner.1").click().run()
    assert view_of(page).neuron == 1
    assert not page.exception


def test_the_search_names_the_units_of_a_class_and_the_dead_ones(folder):
    opened = open_folder(str(folder))
    best = searched(opened, "class", "dog").iloc[0]
    assert (best["site"], best["unit"], best["auroc"]) == ("a.relu", 1, 1)
    assert searched(opened, "dead", "")[["site", "unit"]].to_numpy().tolist() == [["a.relu", 2]]
    assert list(searched(opened, "like", "fc", 0)["unit"]) in ([], [1])
    page = page_of(folder)
    # Before 1.63 an expander with an icon was listed among the bars of progress.
    assert "Find units" in [each.label for each in (*page.expander, *page.status)]
    assert not page.exception


def test_the_files_are_the_pages_of_the_command_line(folder):
    opened = open_folder(str(folder))
    page = unit_of(opened, "a.relu", 0)
    assert "Unidad 0 de a.relu" in exported(opened, page, "es", "html").decode()
    assert exported(opened, page, "en", "png")[1:4] == b"PNG"


def test_the_command_gives_the_same_page(folder):
    shown = [block.value for block in page_of(folder, neuron=1).code]
    assert any(f"neurolupa unit {str(folder)!r} a.relu 1 --out unit1" == command for command in shown)


def test_a_damaged_atlas_is_said_in_one_sentence(folder, tmp_path):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "exemplars.parquet").write_bytes(b"nothing")
    page = page_of(copy)
    assert not page.exception
    assert "exemplars.parquet" in page.error[0].value
