"""The gallery: pictures made before or now, natural ones beside them, dreams; in both languages."""

import shlex
import zipfile
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from tests.app.conftest import SCRIPT, keyed, query

import neurolupa as nl
from neurolupa.app import gallery_work
from neurolupa.app.commands import ranges, synthesize_command
from neurolupa.app.dataset_opening import open_folder
from neurolupa.app.failing import WorkError
from neurolupa.app.gallery_pictures import TILE, patches_of, tile, zipped
from neurolupa.app.gallery_rows import Row, ordered, rows_of
from neurolupa.app.gallery_values import units_of
from neurolupa.app.gallery_work import folders_in, natural_of, preferences
from neurolupa.app.links import ViewState, from_query, to_query
from neurolupa.app.request import GALLERY_KEYS, GalleryView, ImageRef
from neurolupa.app.texts import plain
from neurolupa.cli import main
from neurolupa.figures.dream_export import dream_png
from neurolupa.figures.dream_words import dream_caution
from neurolupa.locales import LANGUAGES, text
from neurolupa.synthesis import PictureCache, dreaming, synthesize

SITE, STEPS = "layer1.0.relu", 2


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def made():
    return synthesize("embedded", SITE, [0, 1, 2], steps=STEPS, copies=2)


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    place = tmp_path_factory.mktemp("gallery") / "made"
    made.save(place)
    return place


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    place = tmp_path_factory.mktemp("natural") / "atlas"
    nl.scan(nl.load_model("embedded"), "stimuli?target=shape&size=32&limit=24", [SITE], place)
    return place


def page_of(lang="en", atlas=None, **view) -> AppTest:
    def script(atlas, lang, view):
        from neurolupa.app import state
        from neurolupa.app.app_pages import gallery
        from neurolupa.app.context import Context
        from neurolupa.app.request import Display

        if state.remembered("gallery") is None:
            state.change_gallery(**view)
        gallery.render(Context(Display(lang=lang), atlas=atlas))

    kwargs = {"atlas": atlas and str(atlas), "lang": lang, "view": view}
    return AppTest.from_function(script, default_timeout=60, kwargs=kwargs).run()


def words(page: AppTest) -> str:
    return "\n".join(part.value for part in (*page.markdown, *page.caption, *page.info))


def opened_in(page: AppTest, folder) -> AppTest:
    page.text_input(key="gallery.typed").set_value(str(folder))
    (button,) = [each for each in page.button if "gallery.form" in str(each.key)]
    return button.click().run()


def label_of(page: AppTest, index: int) -> str:
    return page.button(key=f"gallery.unit.{index}").label


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tab", GALLERY_KEYS)
def test_every_tab_is_drawn_and_runs_nothing_by_itself(lang, tab, monkeypatch):
    monkeypatch.setattr(gallery_work, "made", None)
    monkeypatch.setattr(gallery_work, "dreamt", None)
    page = page_of(lang, tab=tab)
    assert not page.exception
    assert not page.error
    assert text("app.gallery.title", lang) in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_one_click_makes_six_units_of_a_middle_layer(lang, monkeypatch):
    whole = gallery_work.synthesize
    monkeypatch.setattr(gallery_work, "synthesize", lambda *a, **k: whole(*a, **{**k, "steps": STEPS}))
    page = page_of(lang)
    page.button(key="gallery.first").click().run()
    assert not page.exception
    (made,) = page.session_state["neurolupa.gallery.made"]
    assert made.source.site == "layer2.1.relu"
    assert made.units == tuple(range(6))
    assert "Borowski" in words(page)
    assert text("app.gallery.no_atlas", lang) in words(page)
    assert label_of(page, 5).lower() == text("synthesis.unit", lang, unit=5)


def test_what_is_typed_is_made_and_made_again_replaces(tmp_path):
    page = page_of(tab="make", site=SITE, units="3, 5-6", steps=STEPS)
    page.button(key="gallery.make").click().run()
    assert not page.exception
    (made,) = page.session_state["neurolupa.gallery.made"]
    assert (made.units, made.source.recipe["steps"], made.source.site) == ((3, 5, 6), STEPS, SITE)
    assert len(list((tmp_path / "cache").rglob("*.safetensors"))) == 3
    page.button(key="gallery.make").click().run()
    assert len(page.session_state["neurolupa.gallery.made"]) == 1
    np.testing.assert_array_equal(page.session_state["neurolupa.gallery.made"][0].images, made.images)


@pytest.mark.parametrize("units", ["", "a", "5-3", "0-500", "1000"])
def test_bad_units_are_one_sentence(units):
    page = page_of(tab="make", site=SITE, units=units, steps=STEPS)
    page.button(key="gallery.make").click().run()
    assert not page.exception
    assert len(page.error) == 1
    assert "Traceback" not in page.error[0].value
    assert "neurolupa.gallery.made" not in page.session_state


def test_a_folder_is_opened_and_one_that_holds_none_keeps_it(folder, tmp_path):
    page = opened_in(page_of(), folder)
    assert not page.error
    assert label_of(page, 0) == "Unit 0 · copy 0"
    page = opened_in(page, tmp_path)
    assert text("app.failed.gallery_none", "en") in page.error[0].value
    assert label_of(page, 0) == "Unit 0 · copy 0"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "empty"), ("https://a.org/made", "remote"), ("/nowhere/at/all", "missing"), ("a\0b", "missing")],
)
def test_what_is_no_folder_is_told(typed, code):
    with pytest.raises(WorkError) as told:
        folders_in(typed)
    assert told.value.failure.code == f"gallery_{code}"


def test_folders_in_a_folder_are_a_layer_each(folder, made):
    other = synthesize("embedded", "fc", [1], steps=STEPS)
    other.save(folder.parent / "other")
    assert len(folders_in(str(folder.parent))) == 2
    page = opened_in(page_of(), folder.parent)
    (menu,) = [each for each in page.selectbox if each.label == text("app.gallery.shelf", "en")]
    assert len(menu.options) == 2
    assert [option.split(" ")[0] for option in menu.options] == ["fc", SITE]
    menu.set_value(0).run()
    assert not page.exception
    assert label_of(page, 0) == "Unit 1"


def test_what_lies_in_the_cache_is_browsed_by_layer(tmp_path):
    for site, units, steps in (("layer1.0.relu", [2], 2), ("layer1.0.relu", [0], 2), ("conv1", [1], 3)):
        synthesize("embedded", site, units, steps=steps, cache=PictureCache())
    page = page_of()
    assert not page.exception
    layers, pictures = (
        next(each for each in page.selectbox if each.label == text(code, "en"))
        for code in ("app.gallery.shelf", "app.gallery.shelf.pictures")
    )
    assert [option.split(" ")[0] for option in layers.options] == ["conv1", "layer1.0.relu"]
    assert pictures.options[0].startswith("1 kept from before · fourier, 3 steps")
    layers.set_value(1).run()
    assert not page.exception
    assert [label_of(page, index) for index in (0, 1)] == ["Unit 0", "Unit 2"]
    PictureCache().clear()
    assert not page.run().exception
    assert page.button(key="gallery.first").label == text("app.gallery.first", "en")


def test_pictures_made_now_are_not_listed_again_as_kept(monkeypatch):
    whole = gallery_work.synthesize
    monkeypatch.setattr(gallery_work, "synthesize", lambda *a, **k: whole(*a, **{**k, "steps": STEPS}))
    page = page_of()
    page.button(key="gallery.first").click().run()
    assert places_in(page) == ["6 made now"]
    synthesize("embedded", "layer2.1.relu", range(7), steps=STEPS, cache=PictureCache())
    assert places_in(page.run()) == ["6 made now", "7 kept from before"]


def places_in(page: AppTest) -> list[str]:
    (menu,) = [each for each in page.selectbox if each.label == text("app.gallery.shelf.pictures", "en")]
    return [option.split(" · ")[0] for option in menu.options]


def test_kept_pictures_that_are_gone_are_one_sentence():
    synthesize("embedded", SITE, [1], steps=STEPS, cache=PictureCache())
    for path in PictureCache().folder.glob("*.safetensors"):
        path.write_bytes(b"damaged")
    page = page_of()
    assert not page.exception
    assert page.error[0].value == text("app.failed.gallery_gone", "en")


def test_damaged_pictures_are_one_sentence(made, tmp_path):
    made.save(tmp_path / "made")
    (tmp_path / "made" / "synthesis.safetensors").write_bytes(b"nothing")
    page = opened_in(page_of(), tmp_path / "made")
    assert not page.exception
    assert len(page.error) == 1


def test_an_atlas_of_the_network_puts_three_natural_pictures_beside(made, folder, atlas):
    natural = natural_of(open_folder(str(atlas)), made)
    rows = natural.opened.atlas.exemplars(SITE, 1)
    best = rows[(rows["band"] == "top")].sort_values("rank").head(3)
    patches = patches_of(natural, 1)
    assert [patch.size for patch in patches] == [
        natural.opened.atlas.patch(row).size for _, row in best.iterrows()
    ]
    page = opened_in(page_of(atlas=atlas), folder)
    assert not page.exception
    assert not page.info
    assert text("app.gallery.beside", "en", sampled=24) in words(page)
    assert text("app.gallery.ratio", "en", ratio="").strip() in words(page)


def test_without_the_same_weights_nothing_stands_beside(made, atlas):
    torch.manual_seed(1)
    others = synthesize(nl.load_model("embedded", weights=None), SITE, [0], steps=1)
    assert natural_of(open_folder(str(atlas)), others) is None
    assert natural_of(None, made) is None


def test_the_ratio_is_the_reached_mean_over_the_highest_sampled_mean(made, atlas):
    opened = open_folder(str(atlas))
    rows = rows_of(made, natural_of(opened, made), {})
    highest = np.asarray(opened.atlas.samples(SITE).mean).max(axis=0)
    for row in rows:
        expected = made.quality[row.index].mean / highest[row.unit]
        assert row.ratio == pytest.approx(expected, rel=1e-5) if expected > 0 else np.isnan(row.ratio)
    assert len([row for row in rows if row.ratio > 0]) >= 2
    measured = synthesize("embedded", SITE, [0, 1, 2], steps=STEPS, copies=2, atlas=opened.atlas)
    assert [row.ratio for row in rows_of(measured, None, {})] == pytest.approx([row.ratio for row in rows])


def test_orders():
    def row(index, unit, activation, preferred=None, selectivity=np.nan):
        return Row(index, unit, "GOOD", activation, np.nan, np.nan, preferred, selectivity)

    rows = [
        row(0, 7, 1.0, "cat", 0.2),
        row(1, 3, 3.0, "dog", 0.9),
        row(2, 5, 2.0, "cat", 0.8),
        row(3, 1, np.nan),
    ]
    assert [one.unit for one in ordered(rows, "unit")] == [1, 3, 5, 7]
    assert [one.unit for one in ordered(rows, "activation")] == [3, 5, 7, 1]
    assert [one.unit for one in ordered(rows, "class")] == [5, 7, 3, 1]


def test_the_order_is_a_choice_of_those_that_are_known(folder, atlas):
    page = opened_in(page_of(atlas=atlas), folder)
    (orders,) = page.get("button_group")
    assert [one.content for one in orders.proto.options][-1] == "preferred class"
    page = opened_in(page_of(order="activation"), folder)
    shown = [each.label for each in page.button if each.label.startswith("Unit ")]
    made = page.session_state["neurolupa.gallery"]
    assert made.order == "activation"
    assert len(shown) == 6


def test_class_preferences_are_those_of_the_unit_analysis(made, atlas):
    from neurolupa.units.classes import class_selectivity

    opened = open_folder(str(atlas))
    found = preferences(natural_of(opened, made))
    one = class_selectivity(opened.atlas, SITE, 1)
    assert found[1] == (one.top_class, pytest.approx(one.index))


def test_tiles_are_of_one_size_whatever_they_hold():
    wide, tall, tiny = (Image.new("RGB", size) for size in ((200, 50), (50, 200), (1, 1)))
    sizes = {tile(one, patches, "white").size for one in (wide, tall, tiny) for patches in ([], [tall] * 5)}
    assert len(sizes) == 1
    assert tile(tall, None, "white").size == (2 * TILE, 2 * TILE)


def test_the_zip_is_what_the_command_line_writes(made):
    with zipfile.ZipFile(BytesIO(zipped(made, None, "es"))) as held:
        names = held.namelist()
        assert {"grid.png", "synthesis.json", "synthesis.csv"} <= set(names)
        assert sum(name.endswith(".png") for name in names) == 1 + len(made)


def test_the_command_makes_the_same_pictures(made, tmp_path, monkeypatch):
    line = shlex.split(synthesize_command(made))
    line[line.index("--out") + 1] = str(tmp_path / "again")
    with pytest.raises(SystemExit) as left:
        main(line[1:])
    assert left.value.code == 0
    again = type(made).load(tmp_path / "again")
    np.testing.assert_array_equal(again.images, made.images)


def test_ranges_are_the_inverse_of_what_is_typed():
    units = (0, 1, 2, 9, 4, 5)
    assert units_of(ranges(units)) == units


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dream_stands_beside_its_original(lang, monkeypatch):
    whole = dreaming.dream
    monkeypatch.setattr(dreaming, "dream", lambda *a, **k: whole(*a, **k, most=4096, steps=2))
    page = page_of(lang, tab="dream", site=SITE, unit=3, octaves=1, image=ImageRef("sample", "rocket"))
    page.button(key="gallery.dream").click().run()
    assert not page.exception
    assert not page.error
    found = page.session_state["neurolupa.gallery.dreamt"]
    assert found.image.size == found.original_image.size
    assert "rocket" in found.source.image
    assert plain(dream_caution(lang)) in words(page)
    with Image.open(BytesIO(dream_png(found))) as picture:
        assert "DeepDream" in picture.text["Description"]
    assert text("app.gallery.dream.download", lang) in [one.label for one in page.get("download_button")]


def test_a_dream_without_a_picture_is_one_sentence():
    page = page_of(tab="dream", site=SITE, image=ImageRef("upload", ""))
    page.button(key="gallery.dream").click().run()
    assert not page.exception
    assert len(page.error) == 1


def test_choices_survive_their_link():
    view = GalleryView(
        "dream", "ratio", "resnet18", "layer1", "3,5-7", "maco", 64, 5, 2, ImageRef("set", "samples#1")
    )
    found = to_query(ViewState("gallery", gallery=view))
    lists = {name: [value] if isinstance(value, str) else value for name, value in found.items()}
    assert from_query(lists, pages=("gallery",)) == (ViewState("gallery", gallery=view), ())
    assert "octaves" not in to_query(ViewState("analyse", gallery=view))


@pytest.mark.parametrize(
    ("name", "value"),
    [("octaves", "9"), ("octaves", "0"), ("steps", "99999"), ("steps", "nan"), ("make", "__import__"),
     ("method", "os.system"), ("net", "/tmp/net.py:Net"), ("order", "beauty"), ("gallery", "x"),
     ("drive", "-1"), ("from", "url:file:///etc/passwd"), ("at", "x" * 300)],
)  # fmt: skip
def test_a_hostile_value_is_the_default_and_is_told(name, value):
    view, notices = from_query({name: [value]})
    assert view == ViewState()
    assert notices[0].values == (("names", name),)


def test_a_unit_leads_to_its_page(folder, tmp_path):
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    page.query_params["page"] = "gallery"
    page = opened_in(page.run(), folder)
    keyed(page, "gallery.unit.2").click().run()
    assert not page.exception
    assert query(page)["page"] == "neuron"
    assert (query(page)["layer"], query(page)["neuron"]) == (SITE, "1")
