"""What is said of probes: every code has words, and readings have their numbers."""

from dataclasses import replace

import pytest
from tests.figures.probed import concept, large, report_of, rising, sparse

from neurolupa.figures.probing_words import (
    class_words,
    code_lines,
    concept_words,
    control_words,
    depth_line,
    emergence_words,
    left_out_lines,
    probes_caption,
    scored,
    spread_line,
)
from neurolupa.locales import LANGUAGES, catalogue
from neurolupa.probing.codes import Control, Emergence, ProbeCode, Spread
from neurolupa.probing.concepts import CONCEPTS, ConceptCode
from neurolupa.probing.concepts.factors import KNOWN_FACTORS
from neurolupa.probing.concepts.properties import ORIENTATIONS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_concept_and_value_has_words(lang):
    from neurolupa.images.stimuli import FACTORS

    words = catalogue(lang)
    wanted = [
        *(f"control.{code}" for code in Control),
        *(f"code.{code}" for code in ProbeCode),
        *(f"{kind}.{code}" for code in Emergence for kind in ("emergence", "reading")),
        *(f"{kind}.{code}" for code in Spread for kind in ("spread", "told")),
        *(f"skipped.{code}" for code in ConceptCode if code is not ConceptCode.OK),
        *(f"concept.{name}" for name in (*CONCEPTS, *KNOWN_FACTORS, "group")),
    ]
    assert {f"probing.{code}" for code in wanted} <= set(words)
    values = {str(value) for factor in FACTORS.values() for value in factor if isinstance(value, str)}
    unsaid = {
        value for value in (*values, *ORIENTATIONS)
        if not {f"tuning.value.{value}", f"probing.value.{value}"} & set(words)
    }  # fmt: skip
    assert not unsaid


def test_a_person_s_own_names_stay_as_they_are():
    assert class_words("label", "star", "es") == "star"
    assert class_words("shape", "star", "es") == "estrella"
    assert class_words("orientation", "22.5", "es") == "22.5"
    assert concept_words("breed", "es") == "breed"
    assert control_words(Control.SHUFFLED_LABELS, "es") == "etiquetas barajadas"


def test_a_reading_has_site_interval_best_chance_and_n():
    report = report_of(concept("hue", (0.3, 0.9, 0.95), chance=0.125))
    (depth,) = report.emergence()
    told = depth_line(depth, "accuracy")
    for part in (
        "hue: comes up at layer1.1.relu",
        "best 95.0 % at layer1.2.relu",
        "chance 12.5 %",
        "N = 400",
    ):
        assert part in told
    alone = replace(depth, low=depth.place, high=depth.place)
    assert "no other site" in depth_line(alone, "accuracy")
    wide = replace(depth, low=0, high=2, low_site="first", high_site="last")
    assert "95 % interval first to last" in depth_line(wide, "accuracy")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", list(Emergence))
def test_every_way_to_come_up_is_one_line_of_its_own(code, lang):
    (depth,) = report_of(concept("hue", rising(3))).emergence()
    told = depth_line(replace(depth, code=code), "r2", lang)
    assert "\n" not in told
    assert "{" not in told
    others = {depth_line(replace(depth, code=other), "r2", lang) for other in Emergence if other is not code}
    assert told not in others
    assert emergence_words(replace(depth, code=code), lang)


def test_in_how_many_units_a_concept_is():
    told = spread_line(sparse())
    assert "in a few units. 4 of 16" in told
    assert "unit 7, 40.0 %" in told
    assert "in one unit. Unit 7 alone gives 89.0 %" in spread_line(sparse((0.89, 0.9, 0.9)))
    assert "not above chance" in spread_line(sparse((0.1, 0.13)))
    assert "It takes 16 of 16" in spread_line(sparse((0.2, 0.2, 0.3, 0.4, 0.9)))


def test_a_score_has_its_interval_chance_and_n():
    found = concept("hue", (0.9,), chance=0.125)
    assert scored(found, found.probes[0]) == (
        "accuracy 90.0 % (87.1 % to 92.9 %); chance 12.5 %; N = 400 test pictures"
    )


def test_what_is_to_be_known_is_one_line_for_each_code():
    few, constant = ProbeCode.FEW_SAMPLES, ProbeCode.CONSTANT_FEATURES
    report = report_of(
        concept("hue", rising(2), codes=(few,)), concept("shape", rising(2), codes=(few, constant))
    )
    told = list(code_lines(report))
    assert [line.rsplit(": ", 1)[1] for line in told] == [
        "hue, shape at 2 of 2 sites.",
        "shape at 2 of 2 sites.",
    ]
    assert len(list(code_lines(report, concept="hue"))) == 1


def test_pixels_with_too_few_pictures_are_told():
    found = concept("hue", rising(2))
    probes = tuple(
        replace(each, codes=(ProbeCode.FEW_SAMPLES,)) if each.control is Control.PIXELS else each
        for each in found.probes
    )
    (told,) = code_lines(report_of(replace(found, probes=probes)))
    assert told.endswith("hue from pixels.")


def test_what_was_left_out_is_named_with_its_counts():
    many = replace(concept("hue", rising(2)), dropped=tuple((f"c{index}", index) for index in range(9)))
    told = list(left_out_lines(report_of(many)))
    assert told[0].endswith("hue: c0 (0), c1 (1), c2 (2), c3 (3), c4 (4), and 4 more.")
    assert told[1] == "Not probed, since the value is the same in every picture: brightness."
    assert told[2] == "Pictures that could not be read and were left out: 1."
    strange = replace(report_of(many), skipped={"breed": "STRANGE"})
    assert "Not probed (STRANGE): breed." in list(left_out_lines(strange))
    assert len(list(left_out_lines(strange, concept="hue"))) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_protocol_has_n_split_and_seeds(lang):
    told = probes_caption(large(1, 2), lang)
    for part in ("resnet20", "stimuli?size=32", "mean", "20 %", "5"):
        assert part in told
    assert ("N = 2,000" if lang == "en" else "N = 2000") in told
    assert ("random weights with seed 0" if lang == "en" else "pesos aleatorios con semilla 0") in told
