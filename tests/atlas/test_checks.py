"""Odd arguments to an open atlas are one line each."""

import numpy as np
import pytest

from neurolupa.atlas import open_atlas
from neurolupa.errors import NeurolupaError, UsageError

NAN = float("nan")
UNITS = ("1", None, 1.5, True, -1, 3, NAN, [1])
ODD = {
    "unit": [("deep.relu", unit) for unit in UNITS],
    "site": [(None,), (3,), (["fc"],), (True,)],
    "dead": [("x",), (NAN,), (None,), (True,)],
    "thumb": [("x",), (1.5,), (None,), (True,)],
    "exemplars": [("deep.relu", unit) for unit in UNITS if unit is not None],
    "mean_map": [("deep.relu", unit) for unit in UNITS if unit is not None],
    "unit_classes": [("deep.relu", unit) for unit in UNITS if unit is not None],
}
ODD_SKETCH = {
    "unit_counts": [(unit,) for unit in UNITS],
    "unit_quantile": [*((unit, 0.5) for unit in UNITS), (0, 2), (0, NAN), (0, "x")],
    "histogram": [
        ([3, 1],),
        ([1],),
        ([],),
        (1,),
        ([1, 1],),
        ([0, NAN],),
        ([0, float("inf")],),
        ("x",),
        (None,),
    ],
    "quantile": [(2,), (-1,), (NAN,), ([0.5, 2],), ("x",), ([[0], [1, 2]],)],
}


def refused(act, *values):
    with pytest.raises(UsageError) as caught:
        act(*values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "values"), [(name, values) for name in ODD for values in ODD[name]])
def test_the_atlas_refuses(name, values, atlas):
    refused(getattr(atlas, name), *values)


@pytest.mark.parametrize(
    ("name", "values"), [(name, values) for name in ODD_SKETCH for values in ODD_SKETCH[name]]
)
def test_the_sketch_refuses(name, values, atlas):
    refused(getattr(atlas.sketch("deep.relu"), name), *values)


@pytest.mark.parametrize("path", [None, 3, "", "a\0b", b"atlas", "x" * 5000, "x/" * 3000])
def test_an_atlas_is_at_a_path(path):
    with pytest.raises(NeurolupaError) as caught:
        open_atlas(path)
    assert "\n" not in str(caught.value)


def test_numpys_numbers_are_taken(atlas):
    assert atlas.unit("deep.relu", np.int64(1)).unit == 1
    assert len(atlas.dead(np.float32(3.0))) == 4
    assert atlas.thumb(np.int64(3)).size == (8, 8)
    assert atlas.sketch("deep.relu").unit_counts(np.uint8(1)).sum() > 0
