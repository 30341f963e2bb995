from dataclasses import replace

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from tests.figures.test_every_figure import is_cut

from neurolupa.errors import UsageError
from neurolupa.figures import exemplars
from neurolupa.units.exemplars import ExemplarMaps, unit_exemplars


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(("site", "unit"), [("early/relu", 0), ("early/relu", 1), ("fc", 1)])
def test_every_unit_has_its_pictures_and_no_word_is_cut(tiny, site, unit, lang):
    figure = exemplars(tiny, unit_exemplars(tiny, site, unit), lang=lang)
    assert not is_cut(figure)
    assert f"N = {tiny.source.read} " in figure.get_supxlabel()


def test_the_bands_stand_in_rows_from_high_to_low_with_values_and_classes(tiny):
    found = unit_exemplars(tiny, "early/relu", 0)
    middle, low = (
        replace(found.exemplars[0], band=band, value=value) for band, value in (("middle", 2), ("bottom", 0))
    )
    figure = exemplars(tiny, replace(found, exemplars=(*found.exemplars, low, middle)))
    first = [axes for axes in figure.axes if axes.get_ylabel()]
    assert [axes.get_ylabel() for axes in first] == ["highest", "middle", "lowest"]
    assert [axes.get_title() for axes in first] == ["8\ndog", "2\ndog", "0\ndog"]


def test_a_contour_surrounds_what_is_above_half_the_highest(tiny):
    found = unit_exemplars(tiny, "early/relu", 0)
    maps = np.zeros((len(found.exemplars), 4, 4), np.float32)
    maps[0, 1:3, 1:3] = 8
    plain, drawn = exemplars(tiny, found), exemplars(tiny, found, ExemplarMaps(found, maps, True))
    more = [len(b.collections) - len(a.collections) for a, b in zip(plain.axes, drawn.axes, strict=True)]
    assert more[0] == 1
    assert sum(more) == 1
    line = drawn.axes[0].collections[-1].get_paths()[0].vertices
    assert line.min() > 0
    assert line.max() < 7


def test_the_frame_is_the_receptive_field_and_is_left_out_where_it_is_the_picture(tiny):
    figure = exemplars(tiny, unit_exemplars(tiny, "early/relu", 0))
    each = unit_exemplars(tiny, "early/relu", 0).band("top")[0]
    frames = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    x0, y0, x1, y1 = each.seen
    assert [frame.get_bbox().extents.tolist() for frame in frames] == [
        [x0 - 0.5, y0 - 0.5, x1 - 0.5, y1 - 0.5]
    ]


def test_maps_of_another_unit_are_refused(tiny):
    one, other = unit_exemplars(tiny, "early/relu", 0), unit_exemplars(tiny, "early/relu", 1)
    with pytest.raises(UsageError, match="the maps are of other exemplars"):
        exemplars(tiny, one, ExemplarMaps(other, np.zeros((len(other.exemplars), 2, 2), np.float32), True))
