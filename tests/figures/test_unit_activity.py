"""The figures of activity: a unit's values, ranks on a picture, units by pictures."""

import numpy as np
import pytest
from tests.atlas.builder import build
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.figures.unit_activity import reading_sentence
from neurolupa.locales import catalogue
from neurolupa.units.activity import (
    Finding,
    ReadingCode,
    activation_profile,
    activity_map,
    rank_units,
)

COUNT, UNITS = 20, 30


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    rng = np.random.default_rng(0)
    maps = np.maximum(rng.normal(-0.5, 1, size=(COUNT, UNITS, 2, 2)), 0)
    maps[:, 1], maps[:, 2] = 0, 3
    folder = tmp_path_factory.mktemp("figures") / "atlas"
    return open_atlas(build(folder, {"relu": maps, "fc": maps[:, :, 0, 0] - 1}, linear=["fc"]))


@pytest.mark.parametrize(("site", "lang"), [("relu", "en"), ("fc", "es")])
def test_nothing_is_cut_and_the_n_is_stated(atlas, site, lang):
    drawn = [
        *(figures.activation_profile(activation_profile(atlas, site, unit), lang=lang) for unit in (0, 1)),
        figures.unit_ranks(rank_units(atlas, site, 5, mark=4), lang=lang),
        figures.unit_ranks(rank_units(atlas, site, 5), lang=lang),
        figures.activity_map(activity_map(atlas, site), lang=lang),
    ]
    for figure in drawn:
        assert not is_cut(figure)
        assert f"N = {COUNT} " in figure.get_supxlabel()


def test_the_histogram_is_the_profiles_and_the_bars_are_the_pictures(atlas):
    found = activation_profile(atlas, "relu", 0)
    left, right = figures.activation_profile(found).axes
    assert [bar.get_height() for bar in left.patches] == pytest.approx(found.counts)
    assert [bar.get_width() for bar in right.patches] == [each.value for each in found.strongest]


def test_what_is_best_of_the_sampled_only_has_a_star(tmp_path):
    values = np.arange(20.0)[:, None, None, None]
    folder = build(tmp_path / "atlas", {"relu": values})
    for name in ("images", "relu.mean", "relu.max", "relu.argmax"):
        path = folder / "samples" / f"{name}.npy"
        np.save(path, np.load(path)[::2])
    figure = figures.activation_profile(activation_profile(open_atlas(folder), "relu", 0, strongest=4))
    names = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert names == ["019.png", "018.png", "016.png *", "014.png *"]
    assert "* Among the sampled pictures." in figure.get_supxlabel()


def test_the_mark_stands_in_the_histogram_and_among_the_bars(atlas):
    found = rank_units(atlas, "relu", 5, mark=2)
    left, right = figures.unit_ranks(found).axes
    assert found.mark.rank == 1
    assert left.lines[0].get_xdata()[0] == found.mark.value
    assert sum(bar.get_height() for bar in left.patches) == UNITS
    assert [label.get_text() for label in right.get_xticklabels()] == [str(u) for u, _ in found.strongest(20)]
    colours = [bar.get_facecolor() for bar in right.patches]
    assert colours[0] != colours[1] == colours[19]


def test_cells_rows_and_columns_are_the_maps(atlas):
    found = activity_map(atlas, "relu", images=10)
    figure = figures.activity_map(found)
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), found.values)
    columns = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert columns == [str(each.image) for each in found.images]
    assert figure.axes[0].get_yticklabels()[0].get_text() == str(found.units[0])
    assert "Always on: 1 of 30 units" in figure.get_supxlabel()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_code_has_its_sentence(lang):
    for code in ReadingCode:
        found = Finding(code, 12, 20, 0.1, 0.3, 0.95, 0.05, tuple(range(10)))
        assert reading_sentence(found, lang)[-1] in ".;"
        assert f"units.activity.reading.{code}" in catalogue(lang)
    redundant = reading_sentence(Finding(ReadingCode.REDUNDANT, 12, 20, p=0.05, limit=0.95, members=(7, 3)))
    assert "12 of 20 units" in redundant
    assert "(7, 3, …)" in redundant


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_code_of_appearance_has_words(lang):
    from neurolupa.units.appearance import Complexity, CorrelationCode, Strength, TextureType

    kinds = {"texture": TextureType, "complexity": Complexity, "strength": Strength, "code": CorrelationCode}
    wanted = {f"units.appearance.{name}.{code}" for name, kind in kinds.items() for code in kind}
    wanted |= {f"units.appearance.state.{code}" for code in CorrelationCode}
    assert wanted <= set(catalogue(lang))
