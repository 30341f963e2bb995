import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.figures import distributions


def test_the_histogram_counts_every_value_on_a_logarithmic_scale(tiny):
    left, right = distributions(tiny, ["deep.relu"]).axes
    counts, edges, _ = left.patches[0].get_data()
    assert counts.sum() == pytest.approx(24)
    assert counts[0] == 18
    assert (edges[0], edges[-1]) == (0, 9)
    assert left.get_yscale() == "log"
    assert left.texts[0].get_text() == "75.0 % zeros"
    assert right.get_yscale() == "linear"


def test_the_box_is_drawn_from_the_quantiles_and_the_whiskers_are_stated(tmp_path):
    values = np.arange(1, 102.0)[:, None, None, None]
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": values}))
    figure = distributions(atlas)
    box = figure.axes[1].patches[0].get_path().vertices[:, 0]
    np.testing.assert_allclose([box.min(), box.max()], [26, 76], rtol=2**-8)
    drawn = [line.get_xdata() for line in figure.axes[1].lines]
    np.testing.assert_allclose(drawn[0][1], 2, rtol=2**-8)
    np.testing.assert_allclose(drawn[1][1], 100, rtol=2**-8)
    assert "Whiskers: 1 and 99 %" in figure.get_supxlabel()


def test_six_layers_spread_over_the_depth_are_shown_by_default(deep):
    figure = distributions(deep)
    shown = [axes.get_title(loc="left") for axes in figure.axes[::2]]
    assert len(shown) == 6
    assert "6 of 40 layers" in figure.get_suptitle()
    assert (shown[0], shown[-1]) == (deep.sites[0], deep.sites[-1])


def test_a_constant_layer_is_one_bar(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.zeros((3, 1, 2, 2))}))
    counts, edges, _ = distributions(atlas).axes[0].patches[0].get_data()
    assert (counts.tolist(), edges.tolist()) == ([12], [-0.5, 0.5])


def test_an_unknown_layer_is_named(tiny):
    with pytest.raises(UsageError, match="nearest"):
        distributions(tiny, ["deep.rel"])
