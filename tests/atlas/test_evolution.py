import json

import pandas as pd
import pytest

from neurolupa.atlas import Code, Source
from neurolupa.atlas.evolution import evolution

SOURCE = Source("net", "c0ffee", "photos", "da7a", 4, 0, "0.1.0")
NAN = float("nan")


def trends(**columns):
    frame = pd.DataFrame({"mean": 1.0, "std": 1.0, "min": 0.0, "max": 1.0, "sparsity_%": NAN} | columns)
    return evolution(frame.assign(site=[f"layer{index}" for index in range(len(frame))]), SOURCE)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1.0, 1.049], Code.STABLE),
        ([1.0, 1.05], Code.RISES),
        ([1.0, 0.951], Code.STABLE),
        ([1.0, 0.94], Code.FALLS),
        ([-1.0, -0.5], Code.RISES),
        ([0.0, 0.0], Code.STABLE),
        ([0.0, 1e-9], Code.RISES),
        ([2.0], Code.STABLE),
        ([1.0, 9.0, 1.0], Code.STABLE),
    ],
)
def test_the_mean_rises_falls_or_is_stable_within_five_percent(values, code):
    assert trends(mean=values).mean.codes == (code,)


@pytest.mark.parametrize(
    ("last", "code"),
    [(1.51, Code.RISES_STRONGLY), (1.5, Code.RISES), (1.04, Code.STABLE), (0.9, Code.FALLS)],
)
def test_the_standard_deviation_rises_strongly_above_half_as_much_again(last, code):
    assert trends(std=[1.0, last]).std.codes == (code,)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([20.0, 30.1], (Code.RISES_STRONGLY,)),
        ([20.0, 30.0], (Code.RISES,)),
        ([40.0, 50.0], (Code.RISES,)),
        ([40.0, 50.1], (Code.RISES_STRONGLY, Code.MOSTLY_SILENT)),
        ([40.0, 60.0, 30.0], (Code.FALLS, Code.MOSTLY_SILENT)),
        ([60.0, 60.5], (Code.STABLE, Code.MOSTLY_SILENT)),
    ],
)
def test_sparsity_is_judged_in_points_and_at_its_peak(values, codes):
    assert trends(**{"sparsity_%": values}).sparsity.codes == codes


@pytest.mark.parametrize(
    ("first", "last", "codes"),
    [
        (1.0, 2.01, (Code.EXPLODES,)),
        (1.0, 2.0, (Code.EXPANDS,)),
        (1.0, 1.2, (Code.STABLE,)),
        (1.0, 0.96, (Code.STABLE,)),
        (1.0, 0.94, (Code.SHRINKS,)),
        (5.0, 10.1, (Code.EXPLODES, Code.EXTREME)),
        (20.0, 11.0, (Code.SHRINKS, Code.EXTREME)),
        (10.0, 10.0, (Code.STABLE,)),
        (0.0, 0.0, (Code.STABLE,)),
    ],
)
def test_the_range_explodes_expands_or_shrinks_and_may_be_extreme(first, last, codes):
    assert trends(max=[first, last]).range.codes == codes


def test_the_range_is_the_maximum_minus_the_minimum():
    assert trends(min=[-2.0, -1.0], max=[3.0, 4.0]).range.values == (5.0, 5.0)


def test_first_last_change_peak_and_valley():
    mean = trends(mean=[2.0, 5.0, 1.0, 5.0, 3.0]).mean
    assert (mean.first, mean.last, mean.change, mean.percent) == (2.0, 3.0, 1.0, 50.0)
    assert (mean.peak, mean.valley) == ("layer1", "layer2")
    assert trends(mean=[0.0, 1.0]).mean.percent is None
    assert trends(mean=[-4.0, -1.0]).mean.percent == 75.0


def test_only_rectified_sites_have_a_sparsity():
    sparsity = trends(**{"sparsity_%": [NAN, 20.0, NAN, 25.0]}).sparsity
    assert sparsity.layers == ("layer1", "layer3")
    assert sparsity.change == 5.0


def test_without_any_rectified_site_sparsity_does_not_apply():
    sparsity = trends(mean=[1.0, 2.0]).sparsity
    assert sparsity.codes == (Code.NOT_APPLICABLE,)
    assert (sparsity.first, sparsity.last, sparsity.change, sparsity.percent, sparsity.peak) == (None,) * 5


def test_the_frame_and_the_dictionary_say_the_same(atlas):
    found = atlas.evolution()
    frame = found.to_frame().set_index("measure")
    assert frame.loc["range", "codes"] == "SHRINKS"
    assert frame.loc["mean", "change"] == -5.5
    told = json.loads(json.dumps(found.to_dict()))
    assert told["mean"]["codes"] == ["FALLS"]
    assert told["sparsity"]["layers"] == 2
    assert told["source"]["model"] == "tinynet"
