"""What is said about hand-made units, and that every code has its words."""

import json
import math

import numpy as np
import pytest

from neurolupa.capture import ReceptiveField, Site
from neurolupa.capture.convolutions import Convolution
from neurolupa.inspection.explanation import PLACES, Explanation, explain, place_of, selectivity_of
from neurolupa.inspection.kernels import Kernel
from neurolupa.inspection.patches import detected_patches
from neurolupa.inspection.regions import SIZE_WEIGHTS, find_regions
from neurolupa.inspection.sentences import explanation_sentences
from neurolupa.locales import LANGUAGES, catalogue

SITE = Site("layer1.relu", shape=(8, 5, 5), receptive_field=ReceptiveField((3, 3), (2, 2), (-1, -1)))
SEEN = np.zeros((10, 10, 3), np.uint8)


def row(values: np.ndarray, sparsity: float | None = None, percentile: float = 80.0) -> dict[str, float]:
    zeros = float((values == 0).mean()) if sparsity is None else sparsity
    return {
        "unit": 3,
        "mean": values.mean(),
        "max": values.max(),
        "percentile": percentile,
        "sparsity": zeros,
    }


def spot(row_: int, column: int) -> np.ndarray:
    values = np.zeros((5, 5))
    values[row_, column] = 5.0
    return values


def told(values: np.ndarray, site: Site = SITE, **given) -> Explanation:
    sparsity = given.pop("sparsity", None)
    return explain(row(values, sparsity), find_regions(values, (10, 10)), site, **given)


@pytest.mark.parametrize(
    ("sparsity", "word", "reading"),
    [
        (1.0, "very_selective", "specific_pattern"),
        (0.7001, "very_selective", "specific_pattern"),
        (0.70, "moderate", "texture_or_edge"),
        (0.30, "moderate", "texture_or_edge"),
        (0.2999, "low", "common_feature"),
        (0.10, "low", "common_feature"),
        (0.0999, "not_selective", "background_or_light"),
        (0.0, "not_selective", "background_or_light"),
        (math.nan, "unknown", "unknown"),
    ],
)
def test_the_words_of_sparsity(sparsity, word, reading):
    assert selectivity_of(sparsity) == word
    explanation = told(spot(2, 2), sparsity=sparsity)
    assert (explanation.selectivity, explanation.reading) == (word, reading)


def test_a_spot_in_the_middle_by_hand():
    explanation = told(spot(2, 2))
    assert (explanation.unit, explanation.site) == (3, "layer1.relu")
    assert (explanation.value, explanation.peak, explanation.percentile) == (0.2, 5.0, 80.0)
    assert (explanation.sparsity, explanation.place, explanation.regions) == (0.96, "centre", 1)
    assert explanation.warnings == ()
    assert explanation.refutes == ("cover_region", "other_pictures", "switch_off")
    assert math.isnan(explanation.match)


def test_the_nine_places():
    for r, names in enumerate(PLACES):
        for c, name in enumerate(names):
            assert place_of((3 * r + 1, 3 * c + 2), (9, 9)) == name
            assert told(spot(2 * r, 2 * c)).place == name
    assert place_of((0, 0), (1, 1)) == "top_left"
    assert place_of((2, 3), (9, 9)) == "top"
    assert place_of((3, 2), (9, 9)) == "left"


def test_a_peak_at_the_border_warns_and_can_be_refuted():
    explanation = told(spot(0, 2))
    assert explanation.warnings == ("border_peak",)
    assert "move_picture" in explanation.refutes
    assert told(spot(1, 1)).warnings == ()
    both = spot(2, 2) + 1.1 * spot(4, 4)  # the corner's region is larger and higher
    assert told(both).warnings == ("border_peak",)


def test_a_sum_warns_and_can_be_refuted():
    explanation = told(spot(2, 2), link="after_add")
    assert explanation.warnings == ("after_add",)
    assert "measure_alone" in explanation.refutes
    assert told(spot(2, 2), link="own").warnings == ()


def test_a_field_as_large_as_the_picture_warns():
    for size, warned in (((10, 10), True), ((10, 9), False), ((99, 99), True)):
        site = Site("relu", shape=(8, 5, 5), receptive_field=ReceptiveField(size, (2, 2), (-4, -4)))
        assert ("field_covers_picture" in told(spot(2, 2), site).warnings) is warned


def test_a_silent_unit_is_read_as_nothing():
    explanation = told(np.zeros((5, 5)))
    assert (explanation.reading, explanation.refutes, explanation.place) == ("silent", (), None)
    assert explanation.warnings == ("dead",)
    assert math.isnan(explanation.area_share)
    broken = told(np.full((5, 5), np.nan), sparsity=0.0)
    assert (broken.reading, broken.warnings) == ("silent", ("not_finite",))


def test_one_value_has_no_place():
    site = Site("fc", kind="linear", shape=(10,))
    explanation = explain(row(np.array([[3.0]]), math.nan), find_regions([[3.0]], (10, 10)), site)
    assert explanation.warnings == ("no_sparsity", "not_spatial")
    assert (explanation.place, explanation.reading) == (None, "unknown")
    assert explanation.refutes == ("other_pictures", "switch_off")


def test_a_match_without_a_null_is_not_doubted():
    site = Site("fc", kind="linear", shape=(10,), receptive_field=ReceptiveField((10, 10), (0, 0), (0, 0)))
    layer = Convolution(np.ones((1, 1, 1, 1)))
    patches = detected_patches(np.array([[3.0]]), SEEN, None, convolution=layer, inputs=np.array([[[3.0]]]))
    explanation = explain(row(np.array([[3.0]]), math.nan), find_regions([[3.0]], (10, 10)), site, patches)
    assert (explanation.match, explanation.match_p) == (1.0, 1.0)
    assert explanation.warnings == ("no_sparsity", "not_spatial")
    assert explanation_sentences(explanation)["measured"][-1].startswith("At its only position")


def test_background_warns():
    values = np.ones((5, 5))
    values[0, :] = 0.0
    assert "background_region" in told(values).warnings


def matched(inputs: np.ndarray) -> Explanation:
    kernel = Convolution(np.array([[[[1.0, 1.0]]]]), padding=((0, 0), (0, 1)))
    values = np.maximum(inputs[0] + np.roll(inputs[0], -1, axis=1), 0)
    patches = detected_patches(values, SEEN, SITE.receptive_field, convolution=kernel, inputs=inputs)
    return explain(row(values), find_regions(values, (10, 10)), SITE, patches)


def test_the_match_of_the_strongest_position():
    inputs = np.zeros((1, 5, 5))
    inputs[0, :, 0] = 0.5  # elsewhere at most one of two taps is lit: cosine 0.707
    inputs[0, 2, 2:4] = 3.0
    explanation = matched(inputs)
    assert explanation.match == pytest.approx(1.0)
    assert explanation.match_null < 1.0
    assert explanation.match_p == pytest.approx(1 / 25)
    assert explanation.warnings == ()
    inputs = np.ones((1, 5, 5))
    inputs[0, 2, 2:4] = 3.0  # louder, but no better a match than anywhere
    assert "match_not_above_null" in matched(inputs).warnings


def test_an_explanation_as_a_table_and_as_json():
    explanation = told(spot(0, 2))
    assert json.loads(json.dumps(explanation.to_dict(), allow_nan=False))["match"] is None
    frame = explanation.to_frame()
    assert frame.loc[0, ["unit", "warnings", "place"]].tolist() == [3, "border_peak", "top"]


MANY = [
    (spot(2, 2), {}),
    (spot(0, 0) + 2 * spot(4, 4), {"link": "after_add"}),
    (np.zeros((5, 5)), {}),
    (np.full((5, 5), np.nan), {"sparsity": math.nan}),
    (np.arange(25.0).reshape(5, 5), {"sparsity": math.nan}),
    (np.ones((5, 5)), {}),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("place", range(len(MANY)))
def test_every_explanation_has_its_sentences(lang, place):
    values, given = MANY[place]
    explanation = told(values, **given)
    parts = explanation_sentences(explanation, lang)
    assert list(parts) == ["measured", "reading", "refutes", "warnings"]
    assert len(parts["warnings"]) == len(explanation.warnings)
    assert len(parts["refutes"]) == len(explanation.refutes)
    assert len(parts["reading"]) == 1
    assert all(sentence.endswith(".") and "{" not in sentence for part in parts.values() for sentence in part)


def test_the_measured_sentences_hold_the_numbers():
    inputs = np.zeros((1, 5, 5))
    inputs[0, 2, 2:4] = 3.0
    value, zeros, where, match = explanation_sentences(matched(inputs))["measured"]
    assert value.startswith("Unit 3 of layer1.relu: mean activation 0.48, peak 6.")
    assert "80 %" in value
    assert zeros == "88.0 % of its map is exactly zero: very selective."
    assert ": centre." in where
    assert "cosine of 1.00" in match


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_has_its_words(lang):
    words = catalogue(lang)
    expected = {
        "selectivity": ("very_selective", "moderate", "low", "not_selective", "unknown"),
        "size": tuple(SIZE_WEIGHTS),
        "place": tuple(name for names in PLACES for name in names),
        "no_regions": ("not_finite", "dead", "one_value", "constant"),
        "kernel": ("no_rgb_planes", "not_on_pixels", "no_convolution", "unsupported_layer"),
        "match": ("no_convolution", "own_forward", "other_positions"),
        "refutes": documented(Explanation, "refutes"),
        "warning": documented(Explanation, "warnings"),
        "reading": documented(Explanation, "reading"),
    }
    missing = [f"inspection.{part}.{code}" for part, codes in expected.items() for code in codes]
    assert [code for code in missing if code not in words] == []
    assert set(documented(Kernel, "code")) == set(expected["kernel"])


def documented(kind: type, name: str) -> tuple[str, ...]:
    """The codes with an underscore that the docstring names for an attribute."""
    paragraph = kind.__doc__.split(f"        {name}: ")[1].split("\n        ")
    lines = [paragraph[0]]
    for line in paragraph[1:]:
        if not line.startswith("    "):
            break
        lines.append(line)
    text = " ".join(lines).split(": ")[-1] if name == "reading" else " ".join(lines)
    words = [word.strip(",.:;()") for word in text.replace("(", " ").split()]
    return tuple(dict.fromkeys(word for word in words if "_" in word))
