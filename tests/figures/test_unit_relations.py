"""Figures of relations and conditions: nothing cut, N stated, and what is drawn is the result."""

import numpy as np
import pytest
import torch
from tests.atlas.builder import build
from tests.figures.test_every_figure import is_cut
from torch import nn

import neurolupa as nl
from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.units.conditions import conditions, filter_pair
from neurolupa.units.relations import layer_similarity, redundant_groups, relations

LANGUAGES = pytest.mark.parametrize("lang", ["en", "es"])


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    """Units 6 and 7 of `a_rather_long_name.relu` are copies of 0 and 1, 8 is silent; `none` is silent."""
    rng = np.random.default_rng(0)
    noise = rng.exponential(size=(40, 6))
    units = np.column_stack([noise, 2 * noise[:, 0], 3 * noise[:, 1], np.zeros(40)])
    layers = {"a_rather_long_name." * 3 + "relu": units, "b": noise[:, :3] - 1, "none": np.zeros((40, 2))}
    folder = tmp_path_factory.mktemp("figures") / "relations"
    return open_atlas(build(folder, layers, linear=["b"]))


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A network with a sum of two convolutions, one of them on pixels, and a bounded non-linearity."""

    class Joined(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.wide, self.narrow = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3), nn.Conv2d(3, 4, 5)
            self.act, self.out = nn.ReLU(), nn.Sigmoid()

        def forward(self, x):
            return self.out(self.act(self.wide(self.first(x)) + self.narrow(x)))

    torch.manual_seed(0)
    model = nl.load_model(Joined(), input_size=9)
    pictures = [np.full((9, 9, 3), 20 * place, np.uint8) for place in range(12)]
    folder = tmp_path_factory.mktemp("figures") / "joined"
    sites = ["first", "act", "out"]
    return model, nl.scan(model, nl.load_images(pictures), sites, folder, workers=1, exemplars=1)


def said(figure) -> str:
    return figure.get_supxlabel().replace("\n", " ")


@LANGUAGES
def test_nothing_is_cut_and_the_n_is_stated(atlas, scanned, lang):
    site = atlas.sites[0]
    drawn = [
        figures.unit_relations(relations(atlas, site, 0), lang),
        figures.unit_relations(relations(atlas, site, 8), lang),
        figures.unit_correlations(redundant_groups(atlas, site), lang),
        figures.unit_correlations(redundant_groups(atlas, "none"), lang),
        figures.layer_similarity(layer_similarity(atlas), lang),
        figures.unit_conditions(conditions(atlas), lang),
    ]
    assert not any(map(is_cut, drawn))
    assert all("N = 40 " in said(figure) for figure in drawn)
    pair = figures.filter_pair(filter_pair(*scanned, "act", 1), lang)
    assert not is_cut(pair)
    assert "N = 12 " in said(pair)


def test_partners_and_the_null_are_drawn_as_they_are(atlas):
    found = relations(atlas, atlas.sites[0], 0, k=3)
    left, right = figures.unit_relations(found).axes
    assert [bar.get_width() for bar in left.patches][:3] == [each.correlation for each in found.similar]
    band = left.patches[-1]
    assert band.get_x() + band.get_width() == pytest.approx(found.similar_chance.bound)
    assert right.patches[-1].get_x() == pytest.approx(found.opposite_chance.bound)
    assert left.get_yticklabels()[0].get_text() == "unit 6"


def test_groups_are_framed_where_they_stand(atlas):
    found = redundant_groups(atlas, atlas.sites[0])
    axes = figures.unit_correlations(found).axes[0]
    shown = np.asarray(axes.images[0].get_array())
    frames = [(round(patch.get_x() + 0.5), round(patch.get_width())) for patch in axes.patches]
    assert len(frames) == len(found.groups) == 2
    for start, size in frames:
        assert shown[start : start + size, start : start + size] == pytest.approx(np.ones((size, size)))
    assert "with each other: 2." in said(figures.unit_correlations(found))


def test_both_matrices_have_every_value_and_crosses_where_nothing_is_known(atlas):
    found = layer_similarity(atlas)
    biased, debiased, doubled, _ = figures.layer_similarity(found).axes
    np.testing.assert_allclose(biased.images[0].get_array(), found.cka)
    np.testing.assert_allclose(debiased.images[0].get_array(), found.debiased)
    crosses = {(row, column) for line in biased.lines for column, row in zip(*line.get_data(), strict=True)}
    assert {(2, 0), (2, 1), (2, 2)} <= crosses
    assert not crosses & {(0, 0), (1, 1)}
    assert doubled.patches[0].get_width() == pytest.approx(25)


def test_a_condition_without_meaning_has_a_note_and_no_panel(atlas, scanned):
    figure = figures.unit_conditions(conditions(atlas))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["dead", "dormant", "collapsed"]
    assert "(n/a: the non-linearity has no bound)" in said(figure)
    assert [bar.get_width() for bar in figure.axes[0].patches] == pytest.approx([100 / 9, 0, 100])
    bounded = figures.unit_conditions(conditions(scanned[1]))
    assert [axes.get_title(loc="left") for axes in bounded.axes][2] == "saturated"
    words = [note.get_text() for note in bounded.axes[2].texts]
    assert words[:2] == ["n/a", "n/a"]


def test_both_sources_of_a_sum_are_shown_in_colour_where_they_read_pixels(scanned):
    found = filter_pair(*scanned, "act", 1)
    figure = figures.filter_pair(found)
    assert [part.layer for part in found.parts] == ["wide", "narrow"]
    pictures = [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]
    assert [picture.shape for picture in pictures[:2]] == [(3, 3), (3, 3)]
    assert [picture.shape for picture in pictures[2:4]] == [(5, 5, 3), (5, 5, 3)]
    np.testing.assert_allclose(pictures[0] ** 2, (found.parts[0].dead.weights ** 2).sum(0), rtol=1e-5)
