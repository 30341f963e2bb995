"""Figures of attributions, checks, unit effects and ablations: what they say, and that nothing is cut."""

from dataclasses import replace

import numpy as np
import pytest
from tests.figures.test_every_figure import is_cut

import neurolupa as nl
from neurolupa import figures
from neurolupa.attribution import METHODS, MapCode
from neurolupa.errors import UsageError
from neurolupa.figures.attribution import scale_of_map
from neurolupa.figures.attribution_words import attribution_lines, method_words, verdict_line
from neurolupa.locales import LANGUAGES, text


@pytest.fixture(scope="module")
def model():
    return nl.load_model("embedded")


@pytest.fixture(scope="module")
def cat():
    return nl.load_images("samples")[0]


@pytest.fixture(scope="module")
def found(model, cat):
    return {name: nl.attribute(model, cat, name, "cat") for name in METHODS.names()}


@pytest.fixture(scope="module")
def check(model, cat):
    return nl.sanity_check(model, cat, "gradcam_signed", "cat", "layer3.1.relu", seeds=3, stages=4)


@pytest.fixture(scope="module")
def lost(model):
    images = nl.load_images("stimuli?count=24&size=32")
    return nl.ablate(model, images, "layer4.1.relu", [*range(30), (1, 2, 3)], truth="prediction")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", METHODS.names())
def test_every_method_is_named_explained_and_not_cut(name, lang, found):
    assert method_words(name, lang) != name
    lines = attribution_lines(found[name], lang)
    assert text(f"attribution.about.{name}", lang) in lines
    assert not is_cut(figures.attribution(found[name], lang))


def test_a_method_that_fails_sanity_checks_says_so_on_its_figure(found):
    figure = figures.attribution(found["guided_backprop"])
    assert "fail sanity checks" in figure.get_supxlabel()
    assert "fail sanity checks" not in figures.attribution(found["gradcam"]).get_supxlabel()


@pytest.mark.parametrize("code", list(MapCode))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_words(code, lang, found):
    lines = attribution_lines(replace(found["gradcam"], codes=(code,)), lang)
    assert text(f"attribution.code.{code.value}", lang) in lines


def test_scales_are_in_true_units_and_signed_ones_both_ways(found):
    cam, signed = scale_of_map(found["gradcam"]), scale_of_map(found["gradcam_signed"])
    assert (cam.low, cam.high) == (0.0, float(found["gradcam"].map.max()))
    assert signed.signed
    assert signed.low == -signed.high == -float(np.abs(found["gradcam_signed"].map).max())


def test_the_map_that_is_drawn_is_the_map(found):
    axes = figures.attribution(found["gradcam"]).axes[2]
    assert np.array_equal(axes.images[0].get_array(), found["gradcam"].map)


def test_units_for_and_against_are_the_largest(found):
    axes = next(axes for axes in figures.attribution(found["gradcam"]).axes if axes.patches)
    table = found["gradcam"].to_frame()
    shown = {int(label.get_text()) for label in axes.get_yticklabels()}
    assert int(table["unit"].iloc[0]) in shown
    assert sorted(bar.get_width() for bar in axes.patches) == sorted(
        table.loc[table["unit"].isin(shown), "contribution"]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_several_methods_stand_side_by_side(found, lang):
    assert not is_cut(figures.attributions([found[name] for name in ("gradcam", "saliency", "edges")], lang))
    assert not is_cut(figures.attributions(list(found.values()), lang))


def test_methods_of_other_classes_or_none_are_not_put_side_by_side(found, model, cat):
    with pytest.raises(UsageError, match="one picture and one class"):
        figures.attributions([found["gradcam"], nl.attribute(model, cat, "gradcam", "dog")])
    with pytest.raises(UsageError, match="no attribution to show"):
        figures.attributions([])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sanity_check_tells_its_verdict_and_its_curves(check, lang):
    figure = figures.sanity(check, lang)
    assert verdict_line(check, lang)[:60] in figure.get_supxlabel().replace("\n", " ")
    assert not is_cut(figure)
    lines = {line.get_label(): line for axes in figure.axes for line in axes.get_lines()}
    drawn = lines[text("attribution.measure.rank", lang)]
    assert np.allclose(drawn.get_ydata(), check.mean("rank"))
    assert np.allclose(drawn.get_xdata(), check.layers)


def test_deletion_and_insertion_draw_both_curves_with_their_null(model, found):
    curves = nl.deletion_insertion(model, found["gradcam"], steps=4, moved=5)
    for lang in LANGUAGES:
        figure = figures.deletion_insertion(curves, lang)
        assert not is_cut(figure)
        assert f"{curves.deletion.area:.3f}" in figure.get_supxlabel()
    drawn = [axes.get_lines()[0].get_ydata() for axes in figure.axes[:2]]
    assert np.allclose(drawn, [curves.deletion.probability, curves.insertion.probability])


def test_unit_effects_mark_what_flips(model, cat):
    effects = nl.unit_effects(model, cat, "layer4.1.relu", "cat")
    figure = figures.unit_effects(effects)
    assert not is_cut(figure)
    flips = int((effects.strongest != effects.whole.argmax()).sum())
    assert f"{flips} of 128 change the answer" in figure.get_supxlabel()
    assert len(figure.axes[1].collections[0].get_offsets()) == 128


@pytest.mark.parametrize("lang", LANGUAGES)
def test_ablations_are_drawn_with_their_n(lost, lang):
    for draw in (figures.ablation, figures.ablation_classes):
        figure = draw(lost, lang)
        assert not is_cut(figure)
        assert "N = 24" in figure.get_supxlabel()
        assert text("ablation.shown", lang, shown=20, groups="31") in figure.get_supxlabel().replace(
            "\n", " "
        )
        whole = draw(lost, lang, groups=31)
        assert text("ablation.shown", lang, shown=31, groups="31") not in whole.get_supxlabel()


def test_the_forest_begins_with_the_largest_loss(lost):
    axes = figures.ablation(lost, groups=5).axes[0]
    worst = lost.to_frame().sort_values(["change", "logit_change"], kind="stable").head(5)
    assert [label.get_text() for label in axes.get_yticklabels()] == worst["units"].tolist()


def test_an_unknown_language_names_the_valid_ones(found):
    with pytest.raises(UsageError, match="en, es"):
        figures.attribution(found["gradcam"], "fr")
