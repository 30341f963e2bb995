"""The page of a unit as it is sent: which pictures it has, what they are called, and what it says instead."""

import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.figures.style import MINUS
from neurolupa.locales import LANGUAGES
from neurolupa.reporting import as_html
from neurolupa.reporting.unit_page import part_lines, unit_report
from neurolupa.units.page import unit_page

DRAWN = ["exemplars", "classes", "spatial", "relations", "profile"]


@pytest.fixture(scope="module")
def atlas(tmp_path_factory):
    """Twelve pictures; unit 1 does what unit 0 does, unit 2 the opposite, unit 3 nothing."""
    values = np.random.default_rng(0).random((12, 4, 4, 4))
    values[:, 1] = 2 * values[:, 0]
    values[:, 2] = 1 - values[:, 0]
    values[:, 3] = 0
    folder = tmp_path_factory.mktemp("report") / "atlas"
    return open_atlas(build(folder, {"relu": values}, [0, 1] * 6, ["cat", "dog"]))


@pytest.fixture(scope="module")
def reports(atlas):
    return {lang: unit_report(atlas, unit_page(atlas, "relu", 0), lang) for lang in LANGUAGES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_that_has_numbers_is_drawn_and_described(reports, lang):
    page = reports[lang]
    drawn = [block for block in page.blocks if block.picture is not None]
    assert [block.key for block in drawn] == DRAWN
    assert all(block.picture.startswith(b"\x89PNG") for block in drawn)
    assert all("0" in block.alt and "relu" in block.alt for block in drawn)
    assert len({block.alt for block in drawn}) == len(drawn)
    html = as_html(page)
    assert all(f'alt="{block.alt}"' in html for block in drawn)


def test_most_similar_and_most_opposite_units_are_named_and_drawn(reports):
    block = {each.key: each for each in reports["en"].blocks}["relations"]
    assert block.lines[0].startswith("Most like it: unit 1 (r = 1.00)")
    assert block.lines[1].startswith(f"Most opposite: unit 2 (r = {MINUS}1.00)")
    assert block.table["partner"].tolist()[:1] == [1]
    assert "most opposite" in block.alt


@pytest.mark.parametrize(("lang", "words"), [("en", "It is 0 on every picture"), ("es", "Vale 0 en todas")])
def test_a_unit_that_is_the_same_everywhere_has_a_sentence_and_no_empty_charts(atlas, lang, words):
    page = unit_report(atlas, unit_page(atlas, "relu", 3), lang)
    assert all(block.picture is None and not block.alt for block in page.blocks)
    assert page.blocks[0].lines[0].startswith(words)
    assert "<img" not in as_html(page)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "fewer than 10 pictures"), ("es", "menos de 10 imágenes")]
)
def test_classes_of_few_pictures_are_called_unreliable(atlas, lang, words):
    assert any(words in line for line in part_lines(unit_page(atlas, "relu", 0), lang)["classes"])


def test_what_a_silent_half_is_needs_no_interval(atlas):
    across, down, *_ = part_lines(unit_page(atlas, "relu", 3))["spatial"]
    assert "N =" not in across + down
    assert "at most 0.000" not in " ".join(part_lines(unit_page(atlas, "relu", 0))["spatial"])
