import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.figures import unit_heat_map


def heat(figure):
    return figure.axes[0].images[0]


def test_rows_are_units_columns_images_and_cells_spatial_means(tiny):
    figure = unit_heat_map(tiny, "early/relu")
    np.testing.assert_array_equal(heat(figure).get_array(), [[1, 2, 1, 4], [0, 0, 0, 0]])
    assert "on 4 images" in figure.get_suptitle()
    assert "N = 4 images" in figure.get_supxlabel()
    assert figure.axes[1].get_ylabel() == "mean activation"


def test_the_first_images_by_index_are_shown_in_their_order(tmp_path):
    values = np.arange(60.0)[:, None, None, None]
    folder = build(tmp_path / "atlas", {"relu": values})
    order = np.random.default_rng(0).permutation(60)
    np.save(folder / "samples" / "images.npy", order)
    np.save(folder / "samples" / "relu.mean.npy", values[order, :, 0, 0].astype(np.float32))
    figure = unit_heat_map(open_atlas(folder), "relu")
    np.testing.assert_array_equal(heat(figure).get_array(), [np.arange(50)])
    assert "The first 50 of 60 sampled images" in figure.get_supxlabel()
    assert heat(unit_heat_map(open_atlas(folder), "relu", images=7)).get_array().shape == (1, 7)


def test_one_scale_from_zero_whose_end_is_stated(tmp_path):
    values = np.ones((50, 40, 1, 1))
    values[0, 0] = 100
    figure = unit_heat_map(open_atlas(build(tmp_path / "atlas", {"relu": values})), "relu")
    assert heat(figure).get_clim() == (0, 1)
    assert "the most extreme value is 100" in figure.get_supxlabel()


def test_values_of_both_signs_have_zero_in_the_middle(tiny):
    low, high = heat(unit_heat_map(tiny, "fc")).get_clim()
    assert low == -high < 0


def test_a_silent_layer_and_too_few_images(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.zeros((3, 1, 2, 2))}))
    assert heat(unit_heat_map(atlas, "relu")).get_clim() == (0, 1)
    with pytest.raises(UsageError, match="not 0"):
        unit_heat_map(atlas, "relu", images=0)
