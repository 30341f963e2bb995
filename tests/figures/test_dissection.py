"""Detectors by layer: every bar as long as its count, in both languages, nothing cut."""

import numpy as np
import pytest
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import UsageError
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
