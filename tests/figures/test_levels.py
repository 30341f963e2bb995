"""Levels as a figure: every unit where its shares put it, the rule's lines, nothing cut."""

import json

import numpy as np
import pandas as pd
import pytest
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import DataError, UsageError
from neurolupa.synthesis import Levels
from neurolupa.synthesis.explaining import Explained
from neurolupa.synthesis.levelling import LEVELS, LevelsSource

CODES = ("LOW_LEVEL", "HIGH_LEVEL", "MIXED", "NEITHER", "NEITHER")


def explained(shares):
    values = np.array(shares)
    return Explained(values, values - 0.1, values + 0.1, values * 0, values * 0 + 0.005, 400, 7)


def found(site="layer4.1.relu") -> Levels:
    source = LevelsSource(
        "embedded", "a" * 64, site, "stimuli?size=32", "b" * 64, "cifar10", "c" * 64, 10, "mean", 0.1, 2.0,
        199, 0, {"neurolupa": "1.2", "numpy": "3.4"},
    )  # fmt: skip
    low, high = [0.8, 0.1, 0.5, 0.01, np.nan], [0.1, 0.6, 0.4, -0.02, np.nan]
    return Levels((4, 7, 9, 11, 12), CODES, explained(low), explained(high), {"hue": explained(low)}, source)


def marks(figure):
    """The points of each level by its marker."""
    return {line.get_marker(): line.get_xydata().tolist() for line in figure.axes[0].lines[4:]}


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("site", ["relu", "a.long.layer.name." * 8])
def test_every_unit_is_where_its_shares_put_it_and_no_word_is_cut(site, lang):
    figure = figures.levels(found(site), lang)
    assert not is_cut(figure)
    shown = marks(figure)
    assert list(shown) == ["o", "D", "^", "x"]
    np.testing.assert_allclose(shown["o"], [[80, 10]])
    np.testing.assert_allclose(shown["^"], [[10, 60]])
    np.testing.assert_allclose(shown["D"], [[50, 40]])
    np.testing.assert_allclose(shown["x"][0], [1, -2])
    legend = [words.get_text() for words in figure.axes[0].get_legend().get_texts()]
    assert [words.rsplit(" ", 1)[1] for words in legend] == ["1", "1", "1", "2"]
    assert ("N = 5 units" if lang == "en" else "N = 5 unidades") in figure.get_supxlabel()


def test_the_lines_are_the_rule_s():
    shares, other, up, right = (line.get_xydata() for line in figures.levels(found()).axes[0].lines[:4])
    np.testing.assert_allclose(shares[:, 0], 2 * shares[:, 1])
    np.testing.assert_allclose(other[:, 1], 2 * other[:, 0])
    assert up[:, 0].tolist() == [10, 10]
    assert right[:, 1].tolist() == [10, 10]


def test_the_units_at_either_end_are_named():
    assert {words.get_text() for words in figures.levels(found()).axes[0].texts} >= {"4", "7"}


def test_levels_on_disk_are_the_table_the_source_and_the_figure(tmp_path):
    written = figures.export_levels(found(), tmp_path / "levels", lang="es")
    assert {path.name for path in written} == {"levels.csv", "levels.json", "levels.png"}
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "levels" / "levels.csv"), found().to_frame(), check_dtype=False
    )
    told = json.loads((tmp_path / "levels" / "levels.json").read_text())
    assert told["counts"] == {code: CODES.count(code) for code in LEVELS}
    assert told["source"] == found().source.to_dict()
    with pytest.raises(DataError, match="overwrite"):
        figures.export_levels(found(), tmp_path / "levels")


def test_an_unknown_language_writes_nothing(tmp_path):
    with pytest.raises(UsageError, match="en, es"):
        figures.export_levels(found(), tmp_path / "levels", lang="fr")
    assert not (tmp_path / "levels").exists()
