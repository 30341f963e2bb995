"""The committed gallery: its pages follow from the facts, its units from the rule, nothing is left out."""

import json
from itertools import combinations

import numpy as np
import pytest
from gallery.__main__ import PAGES, SHEETS, UNITS, measured
from gallery.choosing import choose
from gallery.collection import WINGS
from gallery.drawing import cut_out
from gallery.page import file_of, page
from gallery.pictures import GROUPS, PUBLIC, TILE, group_of, public_tiles
from gallery.words import name_of, observations, words
from PIL import Image

from neurolupa.locales import LANGUAGES
from neurolupa.synthesis import Levels
from neurolupa.synthesis.explaining import Explained
from neurolupa.synthesis.levelling import HIGH_LEVEL, LOW_LEVEL, MIXED, NEITHER
from neurolupa.units.exemplars import Exemplar

ROWS = json.loads(UNITS.read_text(encoding="utf-8"))
LAYERS = sorted({(row["network"], row["site"]) for row in ROWS})
MOST_BYTES = 3_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_what_the_facts_and_the_observations_give(lang):
    assert PAGES[lang].read_text(encoding="utf-8") == page(ROWS, lang)


def test_there_are_enough_units_across_depth_and_levels():
    assert len(ROWS) >= 24
    assert {row["network"] for row in ROWS} == {"resnet18", "squeezenet1_1", "embedded"}
    assert len(LAYERS) >= 9
    assert {LOW_LEVEL, HIGH_LEVEL} <= {row["level"] for row in ROWS}
    assert all(row["factors"]["pictures"] == 2000 and row["classes"]["pictures"] >= 700 for row in ROWS)


def test_every_unit_has_been_looked_at_and_told_in_both_languages():
    assert set(observations()) == {name_of(row) for row in ROWS}
    for told in observations().values():
        assert set(told) == set(LANGUAGES)
        assert told["en"] != told["es"]
        assert all(len(words) > 20 and words.endswith(".") for words in told.values())


def test_both_languages_have_the_same_words():
    first, second = (words(lang) for lang in LANGUAGES)
    assert set(first) == set(second)


def test_every_layer_has_its_sheets_and_all_of_them_are_small():
    files = [SHEETS / f"{file_of(*layer)}.{lang}.jpg" for layer in LAYERS for lang in LANGUAGES]
    assert sorted(SHEETS.iterdir()) == sorted(files)
    assert sum(file.stat().st_size for file in files) < MOST_BYTES
    for file in files:
        with Image.open(file) as opened:
            assert opened.width >= 1000


def test_no_class_is_in_two_groups_and_all_have_one():
    members = [{label for part in parts for label in part} for parts in GROUPS.values()]
    assert all(one.isdisjoint(other) for one, other in combinations(members, 2))
    assert all(0 <= label < 1000 for one in members for label in one)
    assert {group_of(label) for label in range(1000)} == {*GROUPS, "object"}


def test_the_tiles_are_squares_of_the_public_photographs_and_no_others():
    tiles = public_tiles()
    assert {tiles.classes[label] for label in tiles.labels} == {name.split(".")[0] for name in PUBLIC}
    assert max(tiles[0].image.size) == TILE


def explained(*shares):
    values = np.array(shares)
    return Explained(values, values, values, values * 0, values * 0, 100, 3)


def found(factors, classes, codes=None):
    """Levels of as many units as there are shares; nothing but shares and codes matters here."""
    units = tuple(range(10, 10 + len(factors)))
    codes = codes or (LOW_LEVEL,) * len(units)
    return Levels(units, codes, explained(*factors), explained(*classes), {}, None)


def test_the_rule_takes_the_extremes_and_draws_the_third():
    chosen = dict(choose(found([0.1, 0.9, 0.2, 0.3], [0.5, 0.1, 0.8, 0.1])))
    assert chosen["lowest"] == 1
    assert chosen["highest"] == 2
    assert chosen["drawn"] in (0, 3)


def test_the_highest_level_goes_before_the_larger_share():
    levels = (LOW_LEVEL, MIXED, HIGH_LEVEL, HIGH_LEVEL, LOW_LEVEL)
    shares = [0.9, 0.6, 0.1, 0.1, 0.5], [0.1, 0.8, 0.2, 0.3, 0.0]
    assert dict(choose(found(*shares, levels)))["highest"] == 3
    assert dict(choose(found(*shares, (LOW_LEVEL, MIXED, LOW_LEVEL, MIXED, LOW_LEVEL))))["highest"] == 1


def test_a_unit_that_is_first_twice_makes_room_for_the_second():
    chosen = dict(choose(found([0.9, 0.1, 0.2], [0.9, 0.3, 0.2])))
    assert chosen == {"lowest": 0, "highest": 1, "drawn": 2}


def test_a_unit_that_is_the_same_on_all_pictures_is_never_shown():
    for dead in range(4):
        shares = [np.nan if row == dead else 0.1 + row / 10 for row in range(4)]
        codes = tuple(NEITHER if row == dead else LOW_LEVEL for row in range(4))
        assert dead not in dict(choose(found(shares, shares, codes))).values()


def exemplar(*seen):
    return Exemplar(**dict.fromkeys(Exemplar.__annotations__) | {"seen": seen})


@pytest.mark.parametrize(
    ("seen", "box"),
    [
        ((40, 40, 50, 50), (35, 35, 55, 55)),
        ((0, 0, 10, 10), (0, 0, 20, 20)),
        ((95, 90, 105, 100), (80, 80, 100, 100)),
    ],
)
def test_a_cut_out_shows_twice_the_field_and_stays_within_the_picture(seen, box):
    pixels = np.arange(100 * 100, dtype=np.int64).reshape(100, 100)
    picture = Image.fromarray(np.stack([pixels // 100, pixels % 100, pixels * 0], -1).astype(np.uint8))
    shown = np.asarray(cut_out(picture, exemplar(*seen)))
    assert shown.shape[:2] == (box[3] - box[1], box[2] - box[0])
    assert tuple(shown[0, 0, :2]) == (box[1], box[0])


def test_a_unit_that_sees_much_shows_the_whole_picture():
    picture = Image.new("RGB", (100, 100))
    assert cut_out(picture, exemplar(0, 0, 60, 60)).size == (100, 100)


@pytest.mark.nightly
@pytest.mark.real
def test_the_embedded_wing_is_measured_as_it_is_told(tmp_path):
    """All of it anew: the scans, the levels, the choice and the pictures."""
    embedded = next(wing for wing in WINGS if wing.name == "embedded")
    anew = [row for layer in measured(embedded, tmp_path) for row in layer.rows]
    kept = [row for row in ROWS if row["network"] == "embedded"]
    same = ("site", "unit", "reason", "level", "state", "best")
    for new, old in zip(anew, kept, strict=True):
        assert {name: new[name] for name in same} == {name: old[name] for name in same}
        assert new["factors"]["share"] == pytest.approx(old["factors"]["share"], abs=0.01)
        assert new["times_natural"] == pytest.approx(old["times_natural"], rel=0.1)
