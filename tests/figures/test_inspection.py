import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from tests.figures.analyses import Colours, analysis, colours, fields
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import Inspected, inspection_export
from neurolupa.figures.inspection_words import note_sentence
from neurolupa.figures.style import MINUS
from neurolupa.inspection import RankingNote, inspect, inspect_layers
from neurolupa.inspection.kernels import first_kernels, kernels_of
from neurolupa.models import load_model


@pytest.fixture(scope="module")
def fired():
    return analysis()


def titles(figure) -> list[str]:
    return [axes.get_title() for axes in figure.axes if axes.get_title()]


def maps(figure) -> list:
    """The images that are one colour plane: maps, not pictures."""
    return [axes.images[0] for axes in figure.axes if axes.images and axes.images[0].get_array().ndim == 2]


def test_the_overview_has_the_true_values_on_one_scale(fired):
    figure = figures.analysis_overview(fired, fired.rank("max", 2))
    red = np.zeros((4, 4))
    red[:2, :2] = 4.0
    green = np.zeros((4, 4))
    green[2:, 2:] = 2.0
    for drawn, expected in zip(maps(figure), (red, green), strict=True):
        np.testing.assert_allclose(drawn.get_array(), expected)
        assert drawn.get_clim() == (0, 4)
    assert titles(figure)[1:] == ["#1 · unit 0\nmean 1 · max 4", "#2 · unit 2\nmean 0.5 · max 2"]


def test_the_foot_names_model_site_point_criterion_and_provenance(fired):
    foot = figures.analysis_overview(fired, fired.rank("max", 2)).get_supxlabel()
    assert "Colours on sha256:" in foot
    assert "site relu:0 · point relu of conv" in foot
    assert "by their highest activation" in foot
    assert f"weights={fired.provenance.weights_digest[:12]}" in foot


class Residual(Colours):
    def forward(self, x):
        return self.relu(self.conv(x) + x)


def test_after_an_addition_it_says_so():
    model = load_model(Residual(), input_size=4)
    shared = inspect(model, fields(), "conv", "relu")
    alone = analysis()
    assert "after the addition" in figures.analysis_overlays(shared).get_supxlabel()
    assert "after the addition" not in figures.analysis_overlays(alone).get_supxlabel()


def test_a_silent_unit_is_crossed_out_and_named_silent(fired):
    figure = figures.analysis_overview(fired, fired.rank("manual", units=[1, 0]))
    silent, loud = (axes for axes in figure.axes if axes.get_title().startswith("#"))
    assert "silent here" in silent.get_title()
    assert (len(silent.lines), len(loud.lines)) == (2, 0)


def test_a_unit_that_is_always_negative_is_not_silent_before_its_rectifier():
    before = analysis("conv", "conv")
    figure = figures.analysis_overview(before, before.rank("manual", units=[1]))
    (drawn,) = maps(figure)
    assert drawn.get_clim() == (-1, 1)
    np.testing.assert_allclose(drawn.get_array(), -1.0)
    assert f"mean {MINUS}1 · max {MINUS}1" in titles(figure)[1]


def test_the_overlays_are_composed_of_picture_and_map(fired):
    clear, opaque = (figures.analysis_overlays(fired, fired.rank("max", 1), opacity=o) for o in (0.0, 1.0))
    seen = np.asarray(clear.axes[0].images[0].get_array())
    assert seen.shape == (448, 448, 3)
    np.testing.assert_array_equal(seen[50, 50], (255, 0, 0))
    np.testing.assert_array_equal(seen[400, 400], (0, 255, 0))
    hot = np.asarray(opaque.axes[0].images[0].get_array())
    np.testing.assert_array_equal(hot[10, 10], (253, 231, 37))
    np.testing.assert_array_equal(hot[440, 10], seen[440, 10])


def test_an_empty_ranking_shows_its_reason_and_nothing_else(fired):
    nothing = fired.rank("interesting", 3, mean_above=100.0)
    figure = figures.analysis_overview(fired, nothing)
    assert maps(figure) == []
    words = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert "No unit passes the filter; mean_above" in " ".join(words.split())
    for draw in (figures.analysis_overlays, figures.analysis_bars):
        with pytest.raises(UsageError, match="holds no unit to show"):
            draw(fired, nothing)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_note_has_its_sentence(fired, lang):
    before = analysis("conv", "conv")
    strict = fired.rank("balanced", 2, min_sparsity=0.9)
    rankings = (
        replace(strict, note=RankingNote("fewer_pass", {"min_sparsity": 0.75})),
        strict,
        fired.rank("balanced", 3, min_sparsity=0.5),
        before.rank(),
    )
    codes = [ranking.note.code for ranking in rankings]
    assert codes == ["fewer_pass", "nothing_passes", "others_silent", "no_sparsity"]
    told = [note_sentence(ranking, lang) for ranking in rankings]
    assert all("min_sparsity = 0.75" in sentence for sentence in told[:2])
    assert "2" in told[2]
    assert "mixed" in told[3]
    assert note_sentence(fired.rank("max", 2), lang) == ""


def test_class_scores_are_bars_with_the_names_of_the_strongest():
    scores = analysis("fc", None)
    figure = figures.analysis_bars(scores, scores.rank("mean", 3))
    axes = figure.axes[-1]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([1.0, 0.5, 0.0])
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "unit 0 red",
        "unit 2 green",
        "unit 1 none",
    ]
    with pytest.raises(UsageError, match="have no maps"):
        figures.analysis_overlays(scores, scores.rank("mean", 3))


def test_each_layer_has_a_card_and_a_scale_of_its_own():
    found = inspect_layers(colours(), fields(), ["conv", "relu", "fc"])
    figure = figures.analysis_layers(found)
    cards = [axes.texts[0].get_text() for axes in figure.axes if axes.texts and not axes.axison]
    assert cards == ["conv", "relu", "fc"]
    assert {drawn.get_clim() for drawn in maps(figure)} == {(-4, 4), (0, 4)}
    with pytest.raises(UsageError, match="one for each"):
        figures.analysis_layers(found, [found[0].rank("max")])


def test_kernels_on_the_picture_are_in_colour_with_grey_as_zero(fired):
    ranking = fired.rank("max", 2)
    figure = figures.analysis_kernels(fired, kernels_of(colours(), fired.site, ranking.units), ranking)
    drawn = [
        axes.images[0].get_array()
        for axes in figure.axes
        if axes.images and axes.images[0].get_array().size == 3
    ]
    np.testing.assert_allclose(drawn, [[[[1, 0.5, 0.5]]], [[[0.5, 0.75, 0.5]]]])
    assert "in true colours" in figure.get_supxlabel()


def test_deeper_kernels_show_lengths_name_their_inputs_and_say_why():
    model = colours()
    deep = inspect(model, fields(), "deep")
    ranking = deep.rank("mean", 2)
    figure = figures.analysis_kernels(deep, kernels_of(model, deep.site, ranking.units), ranking)
    weight = model.module.deep.weight.detach().numpy()[list(ranking.units)]
    norms = np.linalg.norm(weight, axis=1)
    np.testing.assert_allclose(
        [drawn.get_array() for drawn in maps(figure) if drawn.get_array().shape == (3, 3)], norms, rtol=1e-6
    )
    strongest = np.argsort(-np.linalg.norm(weight[0].reshape(3, -1), axis=1))
    below = [axes.get_xlabel() for axes in figure.axes]
    assert f"inputs {', '.join(map(str, strongest))}" in below
    assert "network itself made" in " ".join(figure.get_supxlabel().split())


def test_kernels_of_other_units_are_refused(fired):
    with pytest.raises(UsageError, match="not those of the ranked units"):
        figures.analysis_kernels(fired, kernels_of(colours(), fired.site, [2]), fired.rank("max", 1))


def test_the_first_kernels_need_no_picture_and_are_no_colours_where_they_see_none():
    weights = [
        axes.images[0].get_array() for axes in figures.layer_kernels(first_kernels(colours(), "conv")).axes
    ]
    np.testing.assert_allclose(weights, [[[[1, 0.5, 0.5]]], [[[0.5] * 3]], [[[0.5, 0.75, 0.5]]]])
    deep = figures.layer_kernels(first_kernels(colours(), "deep", 1))
    assert "features, not colours" in " ".join(deep.get_supxlabel().split())
    assert "unit" in deep.get_suptitle()


@pytest.mark.parametrize(("lang", "size"), [("en", (4, 4)), ("es", (4, 12))])
def test_nothing_is_cut(lang, size):
    class A_rather_long_name_for_a_network(Colours):  # noqa: N801
        pass

    model = load_model(
        A_rather_long_name_for_a_network(), input_size=size, classes=["a class name of many words " * 4] * 3
    )
    both = inspect_layers(model, fields(), ["relu", "fc"])
    maps_, scores = both
    drawn = [
        figures.analysis_overview(maps_, lang=lang),
        figures.analysis_overlays(maps_, maps_.rank("max"), lang=lang),
        figures.analysis_kernels(maps_, kernels_of(model, "relu", [0]), maps_.rank("max", 1), lang=lang),
        figures.analysis_layers(both, lang=lang),
        figures.analysis_bars(scores, lang=lang),
    ]
    assert not any(is_cut(figure) for figure in drawn)


def test_values_that_are_not_finite_do_not_spoil_the_scale():
    model = colours()
    with torch.no_grad():
        model.module.conv.weight[2] = torch.nan
    poisoned = inspect(model, fields(), "conv", "relu")
    figure = figures.analysis_overview(poisoned, poisoned.rank("manual", units=[0, 2]))
    assert maps(figure)[0].get_clim() == (0, 4)


@pytest.fixture
def inspected(fired):
    ranking = fired.rank("max", 2)
    return [Inspected(fired, ranking, kernels_of(colours(), fired.site, ranking.units))]


def test_the_folder_has_figures_tables_and_facts(tmp_path, inspected):
    files = figures.export_inspection(inspected, tmp_path / "out")
    names = [
        "analysis.json",
        "kernels_relu.png",
        "overlays_relu.png",
        "overview_relu.png",
        "regions.csv",
        "units.csv",
    ]
    assert sorted(path.name for path in files) == names
    units = pd.read_csv(tmp_path / "out" / "units.csv")
    assert units["max"].tolist() == [4, 0, 2]
    assert units["rank"].fillna(0).tolist() == [1, 0, 2]
    regions = pd.read_csv(tmp_path / "out" / "regions.csv")
    assert regions.groupby("unit").size().to_dict() == {0: 1, 2: 1}
    first = regions.set_index("unit").loc[0]
    assert first[["x0", "y0", "x1", "y1"]].tolist() == [0, 0, 2, 2]
    facts = json.loads((tmp_path / "out" / "analysis.json").read_text())
    assert [unit["unit"] for unit in facts["sites"][0]["ranking"]["units"]] == [0, 2]
    assert facts["sites"][0]["provenance"]["site"] == "relu:0"


def test_the_same_inspection_gives_the_same_bytes(tmp_path, fired):
    inspected = [Inspected(fired, fired.rank("interesting", 1, mean_above=100.0))]
    first, again = (figures.export_inspection(inspected, tmp_path / name) for name in ("a", "b"))
    assert [path.name for path in first] == ["analysis.json", "overview_relu.png", "regions.csv", "units.csv"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


@pytest.fixture
def blank(monkeypatch):
    """Blank figures, for what does not look at them."""
    for name in (
        "analysis_overview",
        "analysis_overlays",
        "analysis_kernels",
        "analysis_bars",
        "analysis_layers",
    ):
        monkeypatch.setattr(inspection_export, name, lambda *_, lang: Figure(figsize=(1, 1)))


@pytest.mark.usefixtures("blank")
def test_a_folder_with_files_is_left_alone_until_it_may_be_replaced(tmp_path, inspected):
    figures.export_inspection(
        [*inspected, Inspected(analysis("fc", None), analysis("fc", None).rank("mean"))], tmp_path
    )
    (tmp_path / "mine.txt").touch()
    with pytest.raises(DataError, match="holds files; name a new folder, or --overwrite"):
        figures.export_inspection(inspected, tmp_path)
    assert (tmp_path / "bars_fc.png").exists()
    figures.export_inspection(inspected, tmp_path, overwrite=True)
    assert not (tmp_path / "bars_fc.png").exists()
    assert (tmp_path / "mine.txt").exists()


@pytest.mark.usefixtures("blank")
def test_a_failure_midway_leaves_nothing(tmp_path, inspected, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pandas.DataFrame.to_csv", fail)
    with pytest.raises(DataError, match="No space left on device"):
        figures.export_inspection(inspected, tmp_path / "out")
    assert not (tmp_path / "out").exists()
