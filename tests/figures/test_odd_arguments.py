"""Arguments that no figure can be drawn from are one line each, and odd names are drawn without a warning."""

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError
from neurolupa.figures import style

NAN = float("nan")
ODD = {
    "distributions": [([],), ("zz",), (3,), ([3],), ([None],)],
    "unit_heat_map": [("fc", 2.5), ("fc", 0), ("fc", "3"), ("fc", True), (3,)],
    "dead_units": [(NAN,), ("x",), (None,)],
    "class_statistics": [(None,), (3,)],
}


@pytest.mark.parametrize(("name", "values"), [(name, values) for name in ODD for values in ODD[name]])
def test_odd_arguments(name, values, tiny):
    with pytest.raises(UsageError) as caught:
        getattr(figures, name)(tiny, *values)
    assert "\n" not in str(caught.value)


def test_kernels_of_an_atlas_are_refused(tiny):
    with pytest.raises(UsageError, match="kernels need a weight"):
        figures.kernels(tiny)


def test_a_string_is_one_site(tiny):
    with pytest.raises(UsageError, match="unknown site 'zz'"):
        figures.distributions(tiny, "zz")
    assert len(figures.distributions(tiny, "fc").axes) == 2


def test_signs_that_no_font_has_are_drawn_without_a_warning(tmp_path):
    values = np.ones((2, 3, 2, 2))
    atlas = open_atlas(build(tmp_path / "atlas", {"层.relu": values}, [0, 1], ["猫", "개 🐕"]))
    figure = figures.class_statistics(atlas, "层.relu")
    figure.savefig(tmp_path / "one.png", bbox_inches="tight")
    figures.export_figures(atlas, tmp_path / "figures")
    assert figure._repr_png_()


def test_a_font_with_the_signs_is_taken_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(style, "wide_fonts", lambda: ("DejaVu Serif",))
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.ones((2, 3, 2, 2))}, [0, 1], ["猫", "dog"]))
    figure = figures.class_statistics(atlas, "relu")
    figure.draw_without_rendering()
    cat, dog = figure.axes[0].get_yticklabels()
    assert cat.get_fontfamily() == [*dog.get_fontfamily(), "DejaVu Serif"]


def test_the_layers_line_runs_under_the_labels(tiny):
    for axes in figures.class_statistics(tiny, "early/relu").axes:
        line = next(line for line in axes.lines if line.get_linestyle() == "--")
        assert axes.texts
        for words in axes.texts:
            assert words.get_zorder() > line.get_zorder() > axes.patches[0].get_zorder()
            assert words.get_bbox_patch().get_facecolor()[:3] == (1.0, 1.0, 1.0)
