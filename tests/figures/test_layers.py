import numpy as np
import pytest

from neurolupa.atlas import Code
from neurolupa.atlas.evolution import Trend
from neurolupa.figures import dead_units, evolution, layer_statistics, sentences


def lengths(axes) -> list[float]:
    return [bar.get_width() for bar in axes.patches]


def words(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_the_four_panels_show_the_values_of_every_layer(tiny):
    mean, std, sparsity, spread = layer_statistics(tiny).axes
    assert lengths(mean) == [1.0, 1.5, -4.5]
    np.testing.assert_allclose(lengths(std), tiny.layers["std"])
    assert lengths(sparsity) == [68.75, 75.0, 0.0]
    assert lengths(spread) == [8.0, 9.0, 7.0]
    assert words(mean) == ["1", "1.5", "\N{MINUS SIGN}4.5"]
    assert words(sparsity) == ["68.8", "75.0", "n/a"]
    assert [label.get_text() for label in mean.get_yticklabels()] == ["early/relu", "deep.relu", "fc"]


def test_the_first_layer_is_at_the_top(tiny):
    low, high = layer_statistics(tiny).axes[0].get_ylim()
    assert low > high


def test_dead_units_are_in_percent_with_their_counts(tiny):
    (axes,) = dead_units(tiny).axes
    assert lengths(axes) == [50.0, 0.0, 100.0]
    assert words(axes) == ["1 of 2 (50.0 %)", "0 of 3", "2 of 2 (100.0 %)"]
    assert max(axes.get_xticks()) <= 100


def test_another_threshold_is_used_and_stated(tiny):
    figure = dead_units(tiny, threshold=3.0)
    assert words(figure.axes[0])[1] == "1 of 3 (33.3 %)"
    assert "threshold 3 " in figure.get_supxlabel()


def test_the_evolution_is_a_line_over_the_layers_that_have_the_measure(tiny):
    mean, _, sparsity, spread = evolution(tiny).axes
    line = mean.lines[0]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([0, 1, 2], [1.0, 1.5, -4.5])
    assert list(sparsity.lines[0].get_xdata()) == [0, 1]
    assert [(text.get_text(), text.get_position()[0]) for text in sparsity.texts] == [("n/a", 2)]
    peak, valley = spread.lines[1:]
    assert (peak.get_xdata()[0], peak.get_marker()) == (1, "^")
    assert (valley.get_xdata()[0], valley.get_marker()) == (2, "v")


def test_each_panel_says_what_the_change_amounts_to(tiny):
    titles = [axes.get_title(loc="left") for axes in evolution(tiny, "es").axes]
    assert titles[0] == "La media disminuye: 1 → -4.5"
    assert titles[2].startswith("La proporción de ceros aumenta: 68.8 % → 75.0 %; en su máximo")
    assert titles[3] == "El rango se reduce: 8 → 7"


CODES = {
    "mean": (Code.RISES, Code.FALLS, Code.STABLE, Code.NOT_APPLICABLE),
    "std": (Code.RISES_STRONGLY, Code.RISES, Code.FALLS, Code.STABLE, Code.NOT_APPLICABLE),
    "sparsity": (
        Code.RISES_STRONGLY,
        Code.RISES,
        Code.FALLS,
        Code.STABLE,
        Code.MOSTLY_SILENT,
        Code.NOT_APPLICABLE,
    ),
    "range": (Code.EXPLODES, Code.EXPANDS, Code.SHRINKS, Code.STABLE, Code.EXTREME, Code.NOT_APPLICABLE),
}


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("measure", "code"), [(name, code) for name, codes in CODES.items() for code in codes]
)
def test_every_code_of_every_measure_has_a_sentence(measure, code, lang):
    missing = code is Code.NOT_APPLICABLE
    trend = Trend(measure, () if missing else ("a", "b"), () if missing else (1.0, 2.0), (code,))
    assert len(sentences(trend, lang)) > 10


def test_two_codes_make_two_sentences():
    trend = Trend("range", ("a", "b"), (1.0, 30.0), (Code.EXPLODES, Code.EXTREME))
    assert sentences(trend) == "Range explodes: 1 → 30; extreme: above 10 in the last layer"


def test_a_notebook_shows_a_figure_by_itself(tiny):
    assert layer_statistics(tiny)._repr_png_().startswith(b"\x89PNG")
