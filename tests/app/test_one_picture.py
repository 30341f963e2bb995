"""One unit on one picture of the set: numbers from the atlas; its map from the network that was scanned."""

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import neurolupa as nl
from neurolupa.app import work
from neurolupa.app.dataset_opening import open_folder
from neurolupa.app.failing import WorkError
from neurolupa.app.neuron_work import searched
from neurolupa.locales import LANGUAGES, text


@pytest.fixture
def scanned(tiny, tmp_path, monkeypatch):
    """Ten pictures, redder each, through the network whose unit 0 of `first` is red less a half."""
    (tmp_path / "photos").mkdir()
    for number in range(10):
        pixels = np.full((8, 8, 3), (25 * number, 10, 60), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    monkeypatch.chdir(tmp_path)  # an atlas names the folder of its pictures without the way there
    out = tmp_path / "atlas"
    nl.scan(nl.load_model("embedded"), "folder:photos", ["first", "fc"], out)
    return out


def page_of(folder, lang="en", **view) -> AppTest:
    def script(atlas: str, lang: str, view: dict) -> None:
        from neurolupa.app import state
        from neurolupa.app.app_pages import neuron
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if state.remembered("data_view") is None:
            state.change_data_view(part="picture", **view)
        neuron.render(Context(Display(lang=lang), atlas=atlas))

    kwargs = {"atlas": str(folder), "lang": lang, "view": view}
    return AppTest.from_function(script, default_timeout=60, kwargs=kwargs).run()


def shown(page: AppTest, lang: str = "en") -> AppTest:
    (button,) = [each for each in page.button if each.label == text("app.neuron.picture.run", lang)]
    return button.click().run()


def metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_comes_with_a_click_and_agrees_with_the_scan(scanned, tiny, lang):
    tiny.runs = 0
    page = page_of(scanned, lang, site="first", neuron=0, picture=8)
    kept = metrics(page)
    assert (tiny.runs, kept[text("units.activity.mean", lang)]) == (0, "0.2843")  # 200 / 255 - 0.5
    page = shown(page, lang)
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert metrics(page)[text("app.neuron.picture.mean", lang)] == "0.2843"
    runs = tiny.runs
    page.button(key="neuron.next").click().run()
    assert (tiny.runs, metrics(page)[text("app.neuron.picture.mean", lang)]) == (runs, "-0.4608")


def test_another_picture_waits_for_its_own_click(scanned):
    page = shown(page_of(scanned, site="first", picture=8))
    assert text("app.neuron.picture.mean", "en") in metrics(page)
    page.selectbox(key="atlas.picture.en").set_value(3).run()
    assert text("app.neuron.picture.mean", "en") not in metrics(page)
    assert page.session_state["neurolupa.data_view"].picture == 3


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("neuron.images", "samples", "other_images"),
        ("neuron.images", "folder:nowhere", "image_failed"),
        ("neuron.images", "", "image_refused"),
        ("neuron.weights", "nowhere.pth", "network"),
    ],
)
def test_what_was_not_scanned_is_refused_in_one_sentence(scanned, field, typed, code):
    page = page_of(scanned, site="first", picture=5)
    page.text_input(key=field).set_value(typed)
    page = shown(page)
    assert not page.exception
    sentence = text(f"app.failed.{code}", "en", model="embedded", images=typed, reason="<reason>")
    assert page.error[0].value.startswith(sentence.split("<reason>")[0])


def test_other_weights_than_those_of_the_scan_are_refused(scanned):
    other = work.Scanned(
        "embedded", "of another network", open_folder(str(scanned)).atlas.source.images_digest
    )
    with pytest.raises(WorkError) as fault:
        work.analysis_of_set(other, "default", "first", "folder:photos#3")
    assert fault.value.failure.code == "other_weights"


def test_a_unit_without_maps_and_code_of_its_own_say_why_there_is_no_map(scanned, monkeypatch):
    page = page_of(scanned, site="fc", picture=5)
    assert text("unit_page.absent.NO_MAPS", "en") in [each.value for each in page.info]
    monkeypatch.setattr(work, "registered", lambda spec: False)
    page = page_of(scanned, site="first", picture=5)
    assert text("app.neuron.picture.own_network", "en") in [each.value for each in page.info]


def test_a_picture_that_is_not_there_is_the_first(scanned):
    assert page_of(scanned, site="first", picture=99).selectbox(key="atlas.picture.en").value == 0


def test_units_like_one_are_those_that_go_with_it(scanned):
    found = searched(open_folder(str(scanned)), "like", "fc", 0)
    assert set(found.columns) == {"site", "unit", "correlation", "low", "high"}
    assert (found["correlation"] > 0).all()
