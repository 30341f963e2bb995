"""The page of comparisons: a second atlas beside the one that is open."""

import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from tests.app.compare_pages import PNG, SITE, atlas_of, figures_of, labels_of, page_of, say, values, words

from neurolupa.app import compare_parts
from neurolupa.app.commands import compare_command
from neurolupa.app.compare_work import CompareError, atlases_compared
from neurolupa.app.dataset_opening import open_folder
from neurolupa.app.links import COMPARE, ViewState, to_query
from neurolupa.cli import main
from neurolupa.comparison.atlases import NoteCode
from neurolupa.errors import DataError
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
def first(tmp_path_factory):
    return atlas_of(tmp_path_factory.mktemp("first") / "a", values())


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The same network trained on: unit 1 is silent now, unit 3 is stronger."""
    sites = values()
    sites[SITE][:, 1] = 0
    sites[SITE][:, 3] += 5
    return atlas_of(tmp_path_factory.mktemp("trained") / "b", sites, weights="x")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The same network on other pictures."""
    return atlas_of(tmp_path_factory.mktemp("elsewhere") / "c", values(seed=1), images="j")


def beside(first: Path, second: Path | str, lang: str = "en", site: str = SITE) -> AppTest:
    return opened(page_of(first, lang, site, tab="atlases"), second)


def opened(page: AppTest, second: Path | str) -> AppTest:
    page.text_input(key="compare.typed").set_value(str(second))
    (button,) = [each for each in page.button if "compare.form" in str(each.key)]
    return button.click().run()


def table(page: AppTest, column: str):
    (found,) = [each.value for each in page.dataframe if column in each.value]
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_compared_before_a_folder_is_named(first, lang):
    page = page_of(first, lang, tab="atlases")
    assert not page.exception
    assert say("atlases.none", lang) in words(page)
    assert not figures_of(page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_checkpoints_are_told_drawn_and_tabled(first, trained, lang, drawn):
    page = beside(first, trained, lang)
    assert not page.exception
    assert not page.error
    told = words(page)
    assert text("compare.network.SAME_SHAPE", lang, sites=2) in told
    assert text("compare.reading.changes", lang, gained=1, lost=0, kept=1) in told
    assert "N = 60" in told
    assert figures_of(page) == 4
    silent = table(page, "gained")
    dead = silent[silent["site"] == SITE].iloc[0]
    assert (dead["count_a"], dead["count_b"], dead["gained"], dead["lost"]) == (1, 2, 1, 0)
    layers, stored = table(page, "mean_a"), open_folder(str(trained)).atlas.layers
    np.testing.assert_array_equal(layers["mean_b"], stored["mean"])


def test_the_units_of_the_layer_are_matched_and_those_that_changed_lead_to_their_pages(first, trained):
    page = beside(first, trained)
    matched, changed = table(page, "unit_b"), table(page, "value_a")
    assert matched[["unit_a", "unit_b"]].to_numpy().tolist() == [[0, 0], [3, 3]]
    np.testing.assert_allclose(matched["r"], 1)
    assert changed["unit"].tolist() == [3, 1]
    np.testing.assert_allclose(changed["difference"].iloc[0], 5, rtol=1e-5)
    ways = [str(each.key) for each in page.button if "compare.unit." in str(each.key)]
    assert ways == ["compare.unit.3", "compare.unit.1"]
    (layer,) = page.selectbox
    layer.set_value("fc").run()
    assert page.session_state["neurolupa.data_view"].site == "fc"
    assert say("atlases.changed.none") in words(page)


def test_an_atlas_beside_itself_is_identical(first):
    page = beside(first, first)
    assert not page.exception
    assert text("compare.note.IDENTICAL", "en") in words(page)


def test_other_pictures_have_nothing_to_match_but_units_that_may_have_changed(first, elsewhere):
    page = beside(first, elsewhere)
    assert not page.exception
    assert text("compare.note.NO_COMMON_PICTURES", "en") in words(page)
    assert figures_of(page) == 2
    assert say("atlases.changed") in words(page)


def test_networks_without_anything_in_common_say_so(first, tmp_path):
    rng = np.random.default_rng(0)
    other = atlas_of(tmp_path / "other", {"conv": rng.random((30, 5))}, weights="y", images="k")
    page = beside(first, other)
    assert not page.exception
    told = words(page)
    assert say("atlases.layers.none") in told
    assert say("atlases.units.none") in told
    assert say("atlases.dead.units") not in labels_of(page)


def test_units_that_moved_are_not_compared_by_number(first, tmp_path):
    rng = np.random.default_rng(0)
    maps = rng.random((60, 24, 2, 2)) * rng.random((60, 24, 1, 1))
    one = atlas_of(tmp_path / "one", {SITE: maps})
    two = atlas_of(tmp_path / "two", {SITE: np.roll(maps, 1, axis=1)}, weights="x")
    assert NoteCode.UNITS_MOVED in atlases_compared(open_folder(str(one)), open_folder(str(two))).notes
    page = beside(one, two)
    assert not page.exception
    assert say("atlases.changed") not in words(page)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "code"), [("", "empty"), ("nowhere", "missing"), ("https://a.org/b", "remote"), (".", "none")]
)
def test_what_is_no_atlas_is_one_line_and_the_one_before_stays(
    first, trained, tmp_path, monkeypatch, typed, code, lang
):
    monkeypatch.chdir(tmp_path)
    page = opened(page_of(first, lang, tab="atlases"), typed)
    sentence = text(f"app.dataset.failed.{code}", lang)
    assert [part.value for part in page.error] == [sentence]
    assert not page.exception
    page = opened(opened(page, trained), typed)
    assert [part.value for part in page.error] == [f"{sentence} {text('app.dataset.failed.kept', lang)}"]
    assert text("compare.network.SAME_SHAPE", lang, sites=2) in words(page)
    assert not opened(page, trained).error


def test_a_second_atlas_that_vanishes_or_is_damaged_is_told(first, trained, tmp_path):
    copy = Path(shutil.copytree(trained, tmp_path / "copy"))
    page = beside(first, copy)
    (copy / "units.parquet").write_bytes(b"no table")
    (copy / "atlas.json").write_text((copy / "atlas.json").read_text() + "\n")
    page.run()
    assert not page.exception
    (told,) = page.error
    assert told.value == text("app.dataset.failed.damaged", "en", file="units.parquet")
    shutil.rmtree(copy)
    page.run()
    assert [part.value for part in page.error] == [text("app.dataset.failed.missing", "en")]


def test_what_the_library_refuses_is_one_line(first, trained, monkeypatch):
    def refuse(*asked, **options):
        raise DataError("these do not go together")

    monkeypatch.setattr("neurolupa.comparison.atlases.compare", refuse)
    with pytest.raises(CompareError, match="go together"):
        atlases_compared(open_folder(str(first)), open_folder(str(trained)))
    (told,) = beside(first, trained).error
    assert told.value == say("failed", reason="these do not go together")


def test_a_pair_is_compared_once_and_the_other_way_round_anew(first, trained):
    one, two = (open_folder(str(each)) for each in (first, trained))
    told = []
    found = atlases_compared(one, two, lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)]
    assert atlases_compared(one, two, lambda *done: told.append(done)) is found
    assert len(told) == 2
    assert atlases_compared(two, one).source_a == found.source_b


def test_the_second_folder_is_in_no_link(first, trained):
    page = beside(first, trained)
    view = page.session_state["neurolupa.comparing"]
    assert view.tab == "atlases"
    assert str(trained) not in str(to_query(ViewState(page=COMPARE, compare=view)))


def test_the_command_makes_the_same_comparison(first, trained, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shown = beside(first, trained).code[-1].value
    assert shown == compare_command(str(first), str(trained))
    with pytest.raises(SystemExit, match="0"):
        main(shlex.split(shown)[1:])
    assert text("compare.reading.changes", "en", gained=1, lost=0, kept=1) in capsys.readouterr().out
    assert list((tmp_path / "compared").glob("*.csv"))
