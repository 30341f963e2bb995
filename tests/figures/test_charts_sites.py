import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.figures import charts_data, charts_sites


@pytest.fixture
def unlabelled(tmp_path):
    return open_atlas(build(tmp_path / "atlas", {"relu": np.arange(12.0).reshape(3, 1, 2, 2)}))


def test_every_value_is_in_a_bin_and_empty_bins_have_no_bar(tiny):
    found = charts_data.distribution(tiny, "early/relu")
    bars, *marks = charts_sites.value_histogram(found).data
    values = np.array([0, 2, 0, 4, 1, 1, 0, 8] + 8 * [0.0])
    assert bars.y.sum() == pytest.approx(values.size)
    assert (bars.y > 0).all()
    assert bars.y[0] == pytest.approx(11)  # the zeros
    assert float(bars.customdata[-1][1]) == 8
    np.testing.assert_allclose(bars.width, 8 / charts_data.BINS)
    medians = [mark.x[0] for mark in marks if mark.name.startswith("50 %")]
    assert medians == [0]
    assert len({mark.line.dash for mark in marks}) == len(charts_data.QUANTILES)


def test_quantile_lines_stand_at_the_quantiles(tmp_path):
    values = np.random.default_rng(0).exponential(size=(50, 1, 4, 4)).astype(np.float32)
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": values}))
    figure = charts_sites.value_histogram(charts_data.distribution(atlas, "relu"))
    drawn = [mark.x[0] for mark in figure.data[1:]]
    np.testing.assert_allclose(drawn, np.quantile(values, charts_data.QUANTILES), rtol=0.02)


def test_a_constant_layer_is_one_bar_and_no_finite_value_none(tmp_path):
    atlas = open_atlas(build(tmp_path / "one", {"relu": np.full((2, 1, 2, 2), 3.0)}))
    bars = charts_sites.value_histogram(charts_data.distribution(atlas, "relu")).data[0]
    assert (list(bars.x), list(bars.y)) == ([3], [8])
    folder = build(tmp_path / "none", {"fc": np.full((2, 1), np.nan)}, linear=["fc"])
    assert charts_data.distribution(open_atlas(folder), "fc").counts.size == 0


def test_class_bars_are_the_atlas_own_class_means_highest_first(tiny):
    figure = charts_sites.class_bars(charts_data.class_means(tiny, "early/relu"))
    (bars,) = figure.data
    rows = tiny.classes("early/relu").sort_values("mean", ascending=False)
    assert list(bars.x) == list(rows["mean"])
    assert list(bars.y) == ["1 · dog", "0 · cat"]
    assert [row[0] for row in bars.customdata] == ["2", "2"]
    (line,) = figure.layout.shapes
    assert (line.x0, line.line.dash) == (tiny.layers["mean"].iloc[0], "dash")


def test_of_many_classes_the_two_ends(crowded):
    found = charts_data.class_means(crowded, "relu")
    assert list(found.frame["mean"]) == [*range(99, 84, -1), *range(14, -1, -1)]
    told = charts_sites.class_bars(found).layout.title.text
    assert "100" in told
    assert charts_data.class_means(crowded, "relu", most=100).total == 100


def test_classes_of_one_name_keep_bars_of_their_own(tmp_path):
    folder = build(tmp_path / "atlas", {"relu": np.arange(2.0).reshape(2, 1)}, [0, 1], ["crane", "crane"])
    (bars,) = charts_sites.class_bars(charts_data.class_means(open_atlas(folder), "relu")).data
    assert list(bars.y) == ["1 · crane", "0 · crane"]


def test_units_of_the_widest_span_of_class_means_come_first(tmp_path):
    # Means of units 0, 1, 2 in classes cat and dog: (5, 5), (0, 4), (1, 2).
    values = np.array([[5.0, 0, 1], [5, 4, 2]])
    folder = build(tmp_path / "atlas", {"relu": values}, [0, 1], ["cat", "dog"])
    found = charts_data.class_units(open_atlas(folder), "relu", units=2)
    (cells,) = charts_sites.class_heat_map(found).data
    np.testing.assert_array_equal(cells.z, [[0, 1], [4, 2]])
    assert list(cells.x) == ["1", "2"]
    assert list(cells.y) == ["0 · cat", "1 · dog"]
    assert list(found.to_frame().columns) == ["unit", "0 cat", "1 dog"]


def test_only_the_classes_that_set_units_apart_are_kept(crowded):
    found = charts_data.class_units(crowded, "relu", classes=4)
    assert list(found.means.columns) == [0, 1, 98, 99]  # farthest from the mean, 49.5
    assert found.classes == 100


def test_without_classes_there_is_nothing_to_compare(unlabelled):
    assert charts_data.class_means(unlabelled, "relu") is None
    assert charts_data.class_units(unlabelled, "relu") is None


@pytest.mark.parametrize(
    "read",
    [charts_data.distribution, charts_data.class_means, charts_data.class_units],
)
def test_an_unknown_layer_is_refused(tiny, read):
    with pytest.raises(UsageError, match="early/relu"):
        read(tiny, "early/rel")
