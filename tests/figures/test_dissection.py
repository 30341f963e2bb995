"""Detectors by layer and by unit: every bar as long as its number, in both languages, nothing cut."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import DataError, UsageError
from neurolupa.probing.dissection import Category, Dissection, DissectionSource, Scores, SiteDissection

HUES = Category("hue", ("red", "blue"), (40, 60), (0.1, 0.15))
SHAPES = Category("shape", ("star",), (50,), (0.12,))


def site(name: str, overlaps: list[list[float]], ps: list[list[float]]) -> SiteDissection:
    scores = Scores(np.array(overlaps), np.full((len(ps), 2), 0.03), np.array(ps))
    units = len(overlaps)
    return SiteDissection(
        name, f"{name}:0", (4, 4), np.zeros(units, np.float32), np.full(units, 0.005), scores, scores, scores
    )


@pytest.fixture
def found() -> Dissection:
    """Of four units of the first site three are detectors, one of them above chance; of the second, none."""
    first = site(
        "relu",
        [[0.2, 0.0, 0.0], [0.0, 0.3, 0.05], [0.0, 0.0, 0.1], [0.01, 0.0, 0.0]],
        [[0.01, 1.0], [0.5, 0.6], [1.0, 0.7], [0.4, 1.0]],
    )
    source = DissectionSource("net", "00", "stimuli?size=32", "11", 100, 0.995, 0.04, 99, 0, {})
    return Dissection((HUES, SHAPES), (first, site("fc", [[0.0] * 3] * 2, [[1.0, 1.0]] * 2)), {}, source)


def lengths(axes) -> list[list[float]]:
    return [[bar.get_width() for bar in container] for container in axes.containers]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_bars_are_as_long_as_the_counts_and_nothing_is_cut(found: Dissection, lang: str) -> None:
    figure = figures.detectors(found, lang)
    left, right = figure.axes
    assert lengths(left) == [[75.0, 0.0], [25.0, 0.0]]
    assert lengths(right) == [[2.0, 0.0], [1.0, 0.0]]
    assert [each.get_text() for each in left.texts] == ["1 / 3 / 4", "0 / 0 / 2"]
    assert not is_cut(figure)


def test_an_unknown_language_is_refused(found: Dissection) -> None:
    with pytest.raises(UsageError, match="language"):
        figures.detectors(found, "fr")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_units_have_the_category_furthest_above_its_null(found: Dissection, lang: str) -> None:
    figure = figures.dissected_units(found, "relu", lang=lang)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    names = {
        "en": ["1 · hue: blue", "0 · hue: red", "2 · shape: star", "3 · hue: red"],
        "es": ["1 · tono: azul", "0 · tono: rojo", "2 · forma: estrella", "3 · tono: rojo"],
    }
    assert rows == names[lang]
    for axes in figure.axes:
        assert lengths(axes) == [[0.3, 0.2, 0.1, 0.01]]
        assert axes.lines[0].get_xdata().tolist() == [0.03] * 4
    assert "4 " in figure.get_supxlabel()
    assert not is_cut(figure)
    assert figure.axes[0].get_legend().get_window_extent().x1 < figure.bbox.x1


def test_bars_are_dark_where_p_is_at_most_five_in_a_hundred(found: Dissection) -> None:
    shades = [bar.get_facecolor() for bar in figures.dissected_units(found, "relu").axes[0].patches]
    assert shades[1] != shades[0] == shades[2] == shades[3]


def test_units_stand_in_the_order_asked_for(found: Dissection) -> None:
    asked = [2, 0]
    left = figures.dissected_units(found, "relu", asked).axes[0]
    assert [label.get_text()[:1] for label in left.get_yticklabels()] == ["2", "0"]
    assert asked == [2, 0]


def test_another_concept_that_a_measure_prefers_is_named(found: Dissection) -> None:
    first = found.sites[0]
    other = Scores(first.iou.value[:, [1, 0, 2]], first.iou.null_high, first.iou.p)
    changed = replace(found, sites=(replace(first, auprc=other),))
    iou, f1, auprc = figures.dissected_units(changed, "relu", [0]).axes
    told = [axes.texts[0].get_text() for axes in (iou, f1, auprc)]
    assert told == ["0.200", "0.200", "0.200 (blue)"]


@pytest.mark.parametrize(
    ("site", "units", "words"),
    [
        ("rely", None, "unknown dissected site 'rely'; nearest: relu"),
        ("relu", [4], "no unit 4; relu has units 0 to 3"),
        ("relu", [-1], "unit"),
        ("relu", [], "no unit to draw; relu has units 0 to 3"),
    ],
)
def test_units_that_are_not_there_are_refused(
    found: Dissection, site: str, units: list[int] | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        figures.dissected_units(found, site, units)


def test_the_folder_holds_each_unit_and_concept_and_is_replaced_whole(found: Dissection, tmp_path) -> None:
    (first, second) = (figures.export_dissection(found, tmp_path / "out", overwrite=True) for _ in range(2))
    assert first == second
    assert {path.name for path in first} == {
        "dissection.json", "dissection.safetensors", "sites.csv", "units.csv", "detectors.csv",
        "concepts.csv", "detectors.png", "units_relu.png", "units_fc.png", "files.json",
    }  # fmt: skip
    concepts = pd.read_csv(tmp_path / "out" / "concepts.csv")
    assert concepts.groupby("site", sort=False).size().to_dict() == {"relu": 12, "fc": 6}
    assert concepts["iou"].iloc[:3].tolist() == [0.2, 0.0, 0.0]
    detected = pd.read_csv(tmp_path / "out" / "detectors.csv")
    assert detected[["unit", "concept"]].to_numpy().tolist() == [
        [0, "red"], [1, "blue"], [1, "star"], [2, "star"]
    ]  # fmt: skip
    with pytest.raises(DataError, match="holds files"):
        figures.export_dissection(found, tmp_path / "out")
