"""The page of comparisons: class against class, in both languages, its links and its faults."""

import shlex
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from tests.app.compare_pages import NAMES, PNG, SITE, figures_of, labels_of, page_of, say, values, words
from tests.app.conftest import SCRIPT, keyed, query
from tests.atlas.builder import build

from neurolupa.app import compare_parts, compare_work
from neurolupa.app.app_pages.compare import VIEWS
from neurolupa.app.commands import compare_classes_command
from neurolupa.app.compare_work import CompareError, classes_compared, classes_of
from neurolupa.app.dataset_opening import AtlasError, open_folder
from neurolupa.app.links import COMPARE, ViewState, from_query, to_query
from neurolupa.app.request import COMPARE_KEYS, MOST_CLASSES, CompareView, DataView
from neurolupa.cli import main
from neurolupa.comparison.classes import ClassComparison
from neurolupa.locales import LANGUAGES, text


@pytest.fixture(autouse=True)
def quickly(request, monkeypatch):
    """Figures are drawn in the tests that ask for `drawn`: what is in them has tests of its own."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(compare_parts, "_picture", lambda of, draw: PNG)


@pytest.fixture
def drawn():
    """Marks a test that needs real figures."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("compare") / "atlas"
    return build(place, values(), np.arange(60) % 3, NAMES, linear=["fc"])


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copy")


def viewed(page: AppTest) -> CompareView:
    return page.session_state["neurolupa.comparing"]


def menu(page: AppTest):
    (found,) = page.multiselect
    return found


def test_the_tabs_are_those_of_the_links():
    assert tuple(VIEWS) == COMPARE_KEYS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_classes_are_compared_in_words_figures_and_tables(folder, lang, drawn):
    page = page_of(folder, lang)
    assert not page.exception
    assert not page.error
    assert menu(page).value == ["cat", "dog"]
    found = classes_compared(open_folder(str(folder)), SITE, ("cat", "dog"))
    assert found.strongest(1) == (1,)
    told = words(page)
    g = f"{found.pairs[0].effects.g[1]:.2f}".replace("-", "\N{MINUS SIGN}")
    assert f"g = {g}" in told
    assert "cat (N = 20), dog (N = 20)" in told
    assert "N = 60" in told
    assert text("compare_classes.code.SILENT", lang, count=1) in told
    assert figures_of(page) == 3
    shown = page.dataframe[0].value
    np.testing.assert_array_equal(shown["unit"], found.strongest())
    np.testing.assert_array_equal(shown["g"], found.pairs[0].effects.g[list(found.strongest())])
    assert page.dataframe[1].value["image"].tolist() == [each.image for each in found.lookalikes.pictures]
    assert 3 in page.dataframe[1].value["image"].tolist()


def test_more_classes_are_chosen_in_the_menu_and_add_the_variance(folder):
    page = page_of(folder, classes=("owl", "cat"))
    assert menu(page).value == ["owl", "cat"]
    assert say("classes.variance") not in labels_of(page)
    menu(page).set_value(["owl", "cat", "dog"]).run()
    assert viewed(page).classes == ("owl", "cat", "dog")
    assert not page.exception
    assert say("classes.variance") in labels_of(page)
    assert set(page.dataframe[0].value["first"]) == {"owl", "cat"}


def test_many_sentences_are_folded_up(tmp_path):
    labels = np.arange(60) % 4
    place = build(tmp_path / "atlas", values(), labels, ["cat", "dog", "owl", "fox"], linear=["fc"])
    page = page_of(place, classes=("cat", "dog", "owl", "fox"))
    folded = [each.label for each in (*page.expander, *page.status)]
    assert say("classes.pairs", count=6) in folded
    assert not page.exception


def test_the_layer_is_that_of_the_other_pages(folder):
    page = page_of(folder)
    (layer,) = page.selectbox
    assert layer.value == SITE
    layer.set_value("fc").run()
    assert page.session_state["neurolupa.data_view"].site == "fc"
    assert "--site fc" in page.code[-1].value


def test_a_layer_that_is_not_there_is_the_first(folder):
    (layer,) = page_of(folder, site="conv9").selectbox
    assert layer.value == SITE


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("classes", [(), ("dog",)])
def test_fewer_than_two_classes_are_one_line(folder, lang, classes):
    page = page_of(folder, lang, classes=classes)
    assert [part.value for part in page.info] == [say("classes.fewer", lang)]
    assert not page.exception
    assert not figures_of(page)


def test_classes_of_a_link_that_are_not_there_are_named(folder):
    page = page_of(folder, classes=("dog", "<b>", "cat"))
    assert menu(page).value == ["dog", "cat"]
    assert say("classes.missing", names="<b>") in words(page)


def test_an_atlas_without_labels_says_why(tmp_path):
    page = page_of(build(tmp_path / "atlas", values(), linear=["fc"]))
    assert [part.value for part in page.info] == [say("classes.none")]
    assert not page.multiselect


def test_an_atlas_of_one_class_says_so(tmp_path):
    place = build(tmp_path / "atlas", values(), [1] * 60, ["cat", "dog"], linear=["fc"])
    assert classes_of(open_folder(str(place))) == ("dog",)
    page = page_of(place)
    assert [part.value for part in page.info] == [say("classes.one", name="dog")]


def test_few_pictures_are_told_and_nothing_looks_like_another(tmp_path):
    few = {site: each[:12] for site, each in values().items()}
    place = build(tmp_path / "atlas", few, np.arange(12) % 3, ["cat", "dog", "owl"], linear=["fc"])
    page = page_of(place)
    assert text("compare_classes.lookalikes.FEW_IMAGES", "en", images=8) in words(page)
    assert "FEW_IMAGES" in page.warning[0].value.replace("\\", "")
    assert figures_of(page) == 2


def test_units_without_an_effect_have_no_figure(tmp_path):
    flat = {"a.relu": np.zeros((60, 2, 2, 2))}
    place = build(tmp_path / "atlas", flat, np.arange(60) % 2, ["cat", "dog"])
    page = page_of(place)
    assert not page.exception
    assert say("classes.units.none") in words(page)


def test_without_an_atlas_the_form_stands_alone():
    page = page_of(None)
    assert not page.exception
    assert not page.multiselect
    assert "neurolupa scan" in page.code[0].value


def test_a_damaged_file_is_named_and_other_faults_have_one_line(copy, monkeypatch):
    (copy / "unit_classes.parquet").write_bytes(b"no table")
    with pytest.raises(AtlasError) as fault:
        classes_compared(open_folder(str(copy)), SITE, ("cat", "dog"))
    assert fault.value.code == "damaged"
    page = page_of(copy)
    assert not page.exception
    named = text("app.dataset.failed.damaged", "en", file="unit_classes.parquet")
    assert [part.value for part in page.error] == [named]


def test_what_the_library_refuses_is_one_line(folder):
    with pytest.raises(CompareError, match="cow"):
        classes_compared(open_folder(str(folder)), SITE, ("cat", "cow"))


def test_names_that_two_classes_have_are_one_line(tmp_path):
    place = build(tmp_path / "atlas", values(), np.arange(60) % 3, ["cat", "cat", "owl"], linear=["fc"])
    page = page_of(place)
    assert not page.exception
    (told,) = page.error
    assert "cat" in told.value


def test_a_comparison_is_made_once_and_anew_after_another_scan(copy, monkeypatch):
    from neurolupa.comparison import classes

    runs, make = [], classes.compare_classes
    monkeypatch.setattr(classes, "compare_classes", lambda *asked: (runs.append(1), make(*asked))[1])
    first = [classes_compared(open_folder(str(copy)), SITE, ("cat", "dog")) for _ in range(2)]
    assert first[0] is first[1]
    manifest = (copy / "atlas.json").read_text()
    (copy / "atlas.json").write_text(manifest + "\n")
    classes_compared(open_folder(str(copy)), SITE, ("cat", "dog"))
    assert len(runs) == 2
    assert compare_work.MOST_RESULTS < 100


def test_the_command_makes_the_same_comparison(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = page_of(folder, classes=("dog", "cat")).code[-1].value
    assert shown == compare_classes_command(str(folder), SITE, ["dog", "cat"])
    with pytest.raises(SystemExit, match="0"):
        main(shlex.split(shown)[1:])
    held = ClassComparison.load(tmp_path / "compared")
    found = classes_compared(open_folder(str(folder)), SITE, ("dog", "cat"))
    np.testing.assert_array_equal(held.pairs[0].effects.g, found.pairs[0].effects.g)
    assert held.lookalikes.pictures == found.lookalikes.pictures


def test_a_unit_leads_to_its_page(folder, monkeypatch):
    monkeypatch.setenv("NEUROLUPA_ATLAS", str(folder))
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    page.query_params["page"], page.query_params["layer"] = "compare", SITE
    page.run()
    keyed(page, "compare.unit.1").click().run()
    assert not page.exception
    assert page.session_state["neurolupa.data_view"] == DataView(SITE, neuron=1)
    assert query(page)["page"] == "neuron"


@pytest.mark.parametrize(
    "view",
    [
        CompareView(),
        CompareView("atlases", ()),
        CompareView("classes", ("dog", "a, b & c", "ñ")),
        CompareView(classes=tuple(f"class {each}" for each in range(MOST_CLASSES))),
    ],
)
def test_choices_survive_their_link_and_stand_in_it_alone(view):
    written = to_query(ViewState(page=COMPARE, compare=view))
    lists = {name: [each] if isinstance(each, str) else each for name, each in written.items()}
    found, notices = from_query(lists, pages=("analyse", COMPARE))
    assert (found.compare, notices) == (view, ())
    elsewhere = to_query(ViewState(compare=view))
    assert not {"compare", "class"} & elsewhere.keys()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("compare", ["secrets"]),
        ("class", ["x" * 300]),
        ("class", [f"class {each}" for each in range(MOST_CLASSES + 1)]),
    ],
)
def test_a_hostile_value_is_the_default_and_is_told(name, given):
    view, (notice,) = from_query({name: given})
    assert view == ViewState()
    assert notice.values == (("names", name),)
