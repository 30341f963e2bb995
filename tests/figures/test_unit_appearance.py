"""The figure of what a unit's map goes with."""

import numpy as np
import pytest
from tests.figures.test_every_figure import is_cut
from tests.units.appearance.networks import known, noise

from neurolupa.figures import texture_profile as draw
from neurolupa.units.appearance import texture_profile


def words_of(figure):
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts).replace("\n", " ")


@pytest.fixture(scope="module")
def one():
    return texture_profile(known(2), noise()[0], "1", 3)


@pytest.fixture(scope="module")
def many():
    return texture_profile(known(2), noise(count=4), "1", 0, draws=99)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_nothing_is_cut_and_the_n_is_stated(one, many, lang):
    for found in (one, many):
        figure = draw(found, lang=lang)
        assert not is_cut(figure)
        assert f"N = {found.images} " in figure.get_supxlabel()


def test_bars_are_the_correlations_in_their_order(one):
    (axes,) = (axes for axes in draw(one).axes if len(axes.patches) == 6)
    assert [bar.get_width() for bar in axes.patches] == [each.r for each in one.correlations]
    assert axes.get_yticklabels()[0].get_text() == "red"


def test_bands_reach_as_far_as_chance(one):
    (axes,) = (axes for axes in draw(one).axes if len(axes.patches) == 6)
    ends = [path.vertices[:, 0].max() for band in axes.collections for path in band.get_paths()]
    assert ends == pytest.approx([each.null_high for each in one.correlations])


def test_picture_map_and_features_are_those_of_the_example(many):
    panels = [axes.images[0].get_array() for axes in draw(many).axes if axes.images]
    assert len(panels) == 8
    np.testing.assert_array_equal(panels[1], many.example.unit_map)
    np.testing.assert_array_equal(panels[2], many.example.features[0])


def test_the_words_say_what_was_found(one, many):
    assert "Goes most with: red (r = 1.00, strong; N\u00a0=\u00a01)." in words_of(draw(one))
    assert "Con los rasgos de otras imágenes" in words_of(draw(many, lang="es")).replace("  ", "")
    assert "Dominant channel" in words_of(draw(one))


def test_a_dead_unit_and_a_small_map_are_drawn_with_their_reason():
    dead = texture_profile(known(), noise()[0], "1", 7)
    assert "n/a: silent" in words_of(draw(dead))
    assert "Silenciosa: el mapa de la unidad" in words_of(draw(dead, lang="es"))
    small = texture_profile(known(16), noise()[0], "1", 3)
    figure = draw(small)
    assert "too small to tell" in words_of(figure)
    assert not is_cut(figure)
