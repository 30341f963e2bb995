"""Probes as figures: every score and control where it belongs, N and protocol stated, nothing cut."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from tests.figures.probed import concept, large, report_of, rising, sparse
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.errors import UsageError
from neurolupa.figures.probing_lines import LOOKS
from neurolupa.probing.codes import PIXELS, Control, ProbeCode


def panels(figure):
    """The axes with scores: those with a title."""
    return [axes for axes in figure.axes if axes.get_title(loc="left")]


def line(axes, control):
    """The points of the control's line, told by its colour and mark."""
    look = LOOKS[control]
    found = [each for each in axes.lines if each.get_marker() == look["marker"] and each.get_markersize() < 8]
    assert [to_hex(each.get_color()) for each in found] == [look["color"]]
    return found[0].get_xydata()


def rings(axes):
    return [each.get_xydata()[0].tolist() for each in axes.lines if each.get_markersize() > 8]


def words(figure):
    legends = (legend for axes in figure.axes if (legend := axes.get_legend()))
    return [entry.get_text() for legend in legends for entry in legend.get_texts()]


@pytest.mark.parametrize(("concepts", "sites", "lang"), [(1, 1, "en"), (2, 3, "es"), (6, 17, "es")])
def test_no_word_is_cut_and_every_site_and_n_is_named(concepts, sites, lang):
    report = large(concepts, sites)
    figure = figures.probes(report, lang=lang)
    assert not is_cut(figure)
    shown = panels(figure)
    assert len(shown) == concepts
    assert all("N = 400" in axes.get_title(loc="left") for axes in shown)
    labels = [label.get_text() for label in shown[-1].get_xticklabels()]
    assert labels == [{"en": "pixels", "es": "píxeles"}[lang], *report.sites]
    assert "stimuli?size=32" in figure.get_supxlabel()


def test_scores_and_controls_are_where_they_were_measured():
    report = report_of(concept("hue", (0.3, 0.6, 0.9), chance=0.13))
    (axes,) = panels(figures.probes(report))
    np.testing.assert_allclose(line(axes, "none"), [[0, 0.3], [1, 0.6], [2, 0.9]])
    np.testing.assert_allclose(line(axes, "random_weights")[:, 1], 0.23)
    np.testing.assert_allclose(line(axes, "shuffled_labels")[:, 1], 0.13)
    np.testing.assert_allclose(line(axes, "pixels"), [[-1, 0.33], [2.6, 0.33]])
    dotted = [each for each in axes.lines if each.get_linestyle() == ":"]
    assert [each.get_ydata()[0] for each in dotted] == [0.13]


def test_bands_are_the_intervals():
    report = report_of(concept("hue", (0.3, 0.6, 0.9)))
    (axes,) = panels(figures.probes(report))
    drawn = {to_hex(band.get_facecolor()[0]): band.get_paths()[0].vertices for band in axes.collections[:3]}
    probes = report.concept("hue")
    for control in (Control.NONE, Control.RANDOM_WEIGHTS, Control.SHUFFLED_LABELS):
        edge = drawn[to_hex(LOOKS[control.value]["color"])]
        for place, site in enumerate(probes.sites):
            probe = probes.of(site, control)
            ends = edge[np.isclose(edge[:, 0], place), 1]
            np.testing.assert_allclose([ends.min(), ends.max()], [probe.low, probe.high])


def test_the_first_site_with_nine_tenths_of_the_best_is_ringed_unless_the_concept_is_absent():
    # 90 % of 0.9 - 0.1 above chance of 0.1 is 0.82: 0.8 is too little, 0.83 is enough
    found = report_of(
        concept("hue", (0.8, 0.83, 0.9), chance=0.1), concept("shape", (0.13, 0.12, 0.14), chance=0.13)
    )
    first, second = panels(figures.probes(found))
    assert rings(first) == [[1.0, 0.83]]
    assert rings(second) == []
    assert "layer1.1.relu" in first.get_title(loc="left")
    assert "at no site above chance" in second.get_title(loc="left")


def test_without_controls_none_is_named():
    report = report_of(concept("hue", rising(3), controls=False), controls=False)
    figure = figures.probes(report)
    assert words(figure) == ["the network", "chance", "90 % of the best"]
    assert "random weights" not in figure.get_supxlabel()
    assert [label.get_text() for label in panels(figure)[0].get_xticklabels()] == list(report.sites)


def test_with_controls_all_of_them_are_in_the_legend():
    assert words(figures.probes(large(1, 3))) == [
        "the network", "random weights", "shuffled labels", "pixels alone", "chance", "90 % of the best",
    ]  # fmt: skip


def test_one_concept_alone_and_what_is_to_be_known_of_it():
    codes = (ProbeCode.FEW_SAMPLES,)
    report = report_of(concept("hue", rising(3), codes=codes), concept("shape", rising(3)))
    figure = figures.probes(report, "hue")
    assert len(panels(figure)) == 1
    assert "any labels could be fitted: hue at 3 of 3 sites." in figure.get_supxlabel()
    assert "rare (3)" in figure.get_supxlabel()
    assert "any labels" not in figures.probes(report, "shape").get_supxlabel()
    with pytest.raises(UsageError, match="nearest: shape"):
        figures.probes(report, "shap")


def test_numbers_are_on_a_scale_of_their_own_that_reaches_below_zero():
    report = report_of(concept("brightness", (-0.4, 0.5), classes=0, chance=0.0))
    (axes,) = panels(figures.probes(report))
    low, high = axes.get_ylim()
    assert low < report.concept("brightness").of("layer1.0.relu").low
    assert high > 1
    assert axes.get_ylabel() == "explained variance (R²)"


@pytest.mark.parametrize(("concepts", "sites", "lang"), [(1, 1, "en"), (5, 9, "es")])
def test_emergence_has_a_row_for_each_concept_the_earliest_at_the_top(concepts, sites, lang):
    report = large(concepts, sites)
    figure = figures.emergence(report, lang)
    assert not is_cut(figure)
    axes, beside = figure.axes
    depths = report.emergence()
    bars, dots = axes.lines[::2], axes.lines[1::2]
    assert [dot.get_xydata()[0].tolist() for dot in dots] == [
        [each.place, row] for row, each in enumerate(depths)
    ]
    assert [bar.get_xdata().tolist() for bar in bars] == [[each.low, each.high] for each in depths]
    assert len(beside.texts) == 2 * concepts
    assert axes.get_ylim()[0] > axes.get_ylim()[1]


def test_what_random_weights_tell_as_well_is_hollow():
    report = report_of(concept("hue", (0.23, 0.22), chance=0.13), concept("shape", (0.5, 0.9), chance=0.13))
    dots = figures.emergence(report).axes[0].lines[1::2]
    faces = {
        each.concept: dot.get_markerfacecolor() for each, dot in zip(report.emergence(), dots, strict=True)
    }
    assert faces["hue"] == "white"
    assert faces["shape"] != "white"


@pytest.mark.parametrize(("classes", "lang"), [(2, "es"), (10, "en"), (41, "es")])
def test_confusion_is_by_rows_with_counts_in_few_classes(classes, lang):
    report = report_of(concept("breed", (0.5, 0.8), classes=classes, chance=1 / classes))
    figure = figures.confusion(report, "breed", "layer1.1.relu", lang)
    assert not is_cut(figure)
    heat, bars = figure.axes[:2]
    counts = report.concept("breed").confusion("layer1.1.relu")
    np.testing.assert_allclose(heat.images[0].get_array(), 100 * counts / counts.sum(1, keepdims=True))
    written = [int(each.get_text()) for each in heat.texts]
    assert written == (counts.ravel().tolist() if classes <= 10 else [])
    np.testing.assert_allclose(
        [bar.get_width() for bar in bars.patches], 100 * counts.diagonal() / counts.sum(1)
    )
    assert "80.0 %" in heat.get_title(loc="left")
    assert "N = 400" in heat.get_title(loc="left")


def test_confusion_of_pixels_and_of_a_number():
    report = report_of(concept("hue", rising(2)), concept("brightness", rising(2), classes=0, chance=0.0))
    assert "píxeles" in figures.confusion(report, "hue", PIXELS, "es").get_suptitle()
    with pytest.raises(UsageError, match="is a number"):
        figures.confusion(report, "brightness", "layer1.0.relu")
    with pytest.raises(UsageError, match=r"nearest: layer1\.0\.relu"):
        figures.confusion(report, "hue", "layer1.0.rel")


@pytest.mark.parametrize(("classes", "units", "lang"), [(2, 1, "en"), (30, 99, "es")])
def test_carriers_are_the_heaviest_units_with_their_weights_for_each_class(classes, units, lang):
    report = report_of(concept("breed", rising(2), classes=classes))
    figure = figures.carriers(report, "breed", "layer1.1.relu", units, lang)
    assert not is_cut(figure)
    above, below = figure.axes[:2]
    weights = report.concept("breed").of("layer1.1.relu").weights
    order = np.argsort(-np.linalg.norm(weights, axis=0))[:units]
    np.testing.assert_allclose(
        [bar.get_height() for bar in above.patches], np.linalg.norm(weights, axis=0)[order], rtol=1e-6
    )
    assert [label.get_text() for label in below.get_xticklabels()] == [str(unit) for unit in order]
    shown = [int(label.get_text().split()[1]) for label in below.get_yticklabels()]
    assert len(shown) == min(classes, 20)
    np.testing.assert_allclose(below.images[0].get_array(), weights[np.ix_(shown, order)], rtol=1e-6)
    if classes > 20:
        heavy = set(np.argsort(-np.linalg.norm(weights[:, order], axis=1))[:20].tolist())
        assert set(shown) == heavy


def test_the_cells_of_a_unit_are_added_and_a_number_has_bars_of_either_sign():
    report = report_of(concept("brightness", rising(1), classes=0, chance=0.0))
    report.units["layer1.0.relu"][:] = np.repeat(np.arange(8), 2)
    figure = figures.carriers(report, "brightness", "layer1.0.relu", 3)
    (axes,) = figure.axes
    weights = report.concept("brightness").of("layer1.0.relu").weights[0].reshape(8, 2)
    order = np.argsort(-np.linalg.norm(weights, axis=1))[:3]
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], weights.sum(1)[order], rtol=1e-5)


@pytest.mark.parametrize(
    ("site", "units", "told"), [(PIXELS, 3, "no units"), ("layer1.0.relu", 0, "at least 1")]
)
def test_carriers_of_pixels_or_of_no_unit_are_refused(site, units, told):
    with pytest.raises(UsageError, match=told):
        figures.carriers(large(1, 1), "label", site, units)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_sparse_probes_show_how_few_units_are_enough(lang):
    found = sparse()
    figure = figures.sparse_probes(found, lang)
    assert not is_cut(figure)
    (axes,) = figure.axes
    np.testing.assert_allclose(line(axes, "none")[:, 1], [0.4, 0.7, 0.88, 0.9, 0.9])
    np.testing.assert_allclose(line(axes, "shuffled_labels")[:, 1], 0.13)
    assert rings(axes) == [[2.0, 0.88]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "4", "8", "16"]
    assert [each.get_text() for each in axes.texts] == [{"en": "unit 7", "es": "unidad 7"}[lang]]


def test_units_at_chance_have_no_ring():
    (axes,) = figures.sparse_probes(sparse((0.13, 0.14, 0.13))).axes
    assert rings(axes) == []
    assert axes.get_title(loc="left") == "not above chance"


@pytest.mark.parametrize("name", ["probes", "emergence"])
def test_an_unknown_language_names_the_valid_ones(name):
    with pytest.raises(UsageError, match="en, es"):
        getattr(figures, name)(large(1, 2), lang="fr")
