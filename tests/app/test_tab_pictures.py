"""The pictures of the tabs, and what is taken away: tables, facts, sheets, all in one file."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.app.test_tabs import CASES, result  # noqa: F401 (the fixture)

from neurolupa.app.context import Context
from neurolupa.app.request import TAB_KEYS, Display
from neurolupa.app.tabs import payloads
from neurolupa.app.tabs.asked import whole_dossier
from neurolupa.app.tabs.colours import channel_table, gradient_tiles, kernel_tiles
from neurolupa.app.tabs.drawing import boxed, in_colours, kernel_picture, map_of, over, plane_of, scales_of
from neurolupa.app.tabs.filters import unit_tiles
from neurolupa.app.tabs.general import units_table
from neurolupa.app.tabs.grid import first_units
from neurolupa.app.tabs.prediction import class_list_of, top_table
from neurolupa.app.tabs.regions import region_table
from neurolupa.app.tabs.sheets import sheet
from neurolupa.inspection.kernels import Kernel
from neurolupa.inspection.regions import find_regions
from neurolupa.models.embedded import CLASSES


@pytest.fixture
def found(result):  # noqa: F811
    return result(CASES["maps"])


@pytest.fixture
def context(found):
    return Context(Display(), found)


def files_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_holds_the_tables_the_facts_and_a_picture_for_each_tab(found, context):
    files = files_of(payloads.everything(context, found))
    assert set(files) == {"units.csv", "regions.csv", "patches.csv", "analysis.json"} | {
        f"{tab}.png" for tab in TAB_KEYS
    }
    assert files["units.csv"] == payloads.units_csv(found)
    assert files["regions.csv"] == payloads.regions_csv(found)
    assert files["analysis.json"] == payloads.facts_json(found)


def test_the_csv_of_units_is_the_table_of_all_units(found):
    table = pd.read_csv(io.BytesIO(payloads.units_csv(found)))
    assert table["unit"].tolist() == [0, 1, 2, 3]
    for column in ("mean", "max", "std", "sparsity"):
        np.testing.assert_allclose(table[column], found.analysis.units[column], rtol=1e-12)
    ranked = table.dropna(subset="rank").sort_values("rank")["unit"]
    assert tuple(ranked) == found.ranking.units


def test_the_csv_of_regions_is_that_of_the_ranked_units(found):
    table = pd.read_csv(io.BytesIO(payloads.regions_csv(found)))
    assert list(dict.fromkeys(table["unit"])) == list(found.ranking.units)
    expected = found.dossier.regions_frame()
    np.testing.assert_allclose(table["interest"], expected["interest"].astype(float))


def test_the_json_names_where_it_comes_from_and_holds_what_the_tabs_say(found):
    told = json.loads(payloads.facts_json(found))
    assert told["sites"][0]["provenance"]["weights_digest"] == found.analysis.provenance.weights_digest
    assert [one["unit"] for one in told["dossier"]["explanations"]] == list(found.ranking.units)


def test_equal_results_give_equal_bytes(found, context):
    assert payloads.everything(context, found) == payloads.everything(context, found)


@pytest.mark.parametrize("case", ["values", "nothing passes", "deeper", "mixed layers"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_result_can_be_taken_away(case, lang, result):  # noqa: F811
    found = result(CASES[case])
    context = Context(Display(lang=lang, shared_scale=False), found)
    files = files_of(payloads.everything(context, found))
    for name, content in files.items():
        assert content, name
        if name.endswith(".png"):
            Image.open(io.BytesIO(content)).verify()
    assert {"general.png", "prediction.png", "units.csv"} <= set(files)
    assert ("grid.png" in files) == (found.analysis.spatial or bool(found.ranking.units))


def test_a_sheet_ends_with_its_provenance(found, context):
    """The last rows hold ink, and change with the picture's name alone."""
    drawn = sheet(context, "overlay")
    facts = replace(found.analysis.provenance, image="other.png")
    other = replace(found, analyses=(replace(found.analysis, provenance=facts),))
    changed = sheet(Context(Display(), other), "overlay")
    foot = [np.asarray(one)[-24:] for one in (drawn, changed)]
    assert foot[0].min() < 128
    assert not np.array_equal(*foot)


def test_one_scale_makes_a_weak_map_look_weak_and_its_own_does_not(found):
    analysis = found.analysis
    maps = np.array([[[4.0, 0.0]], [[1.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]], np.float32)
    weak = replace(analysis, maps=maps)
    shared, own = Display(), Display(shared_scale=False)
    brightest = [
        map_of(weak, 1, scales_of(weak, [0, 1], how)[1], how, 2).getpixel((0, 0)) for how in (shared, own)
    ]
    strong = map_of(weak, 0, scales_of(weak, [0, 1], shared)[0], shared, 2).getpixel((0, 0))
    assert brightest[1] == strong
    assert brightest[0] != strong


def test_a_silent_unit_is_crossed_out(found):
    assert bool(found.analysis.units["dead"].iloc[3])
    scale = scales_of(found.analysis, [3], Display())[3]
    drawn = np.asarray(map_of(found.analysis, 3, scale, Display(), 32))
    assert (drawn.reshape(-1, 3) == 255).all(axis=1).any()


def test_without_opacity_an_overlay_is_the_picture(found):
    clear = Display(opacity=0.0)
    unit = found.ranking.units[0]
    mixed = over(found.analysis, unit, scales_of(found.analysis, [unit], clear)[unit], clear, 8)
    np.testing.assert_array_equal(np.asarray(mixed), np.asarray(found.analysis.picture.seen))


def test_the_three_planes_add_up_to_the_mix():
    planes = np.random.default_rng(0).uniform(-1, 1, (3, 4, 4))
    mix = np.asarray(in_colours(planes, 1.0, 4)).astype(int)
    alone = [np.asarray(plane_of(planes, channel, 1.0, 4)).astype(int) for channel in range(3)]
    np.testing.assert_array_equal(sum(alone) - 2 * 128, mix)


def test_a_kernel_on_the_picture_has_a_mix_and_three_planes(found, context):
    red = found.dossier.kernels[0] if 0 in found.dossier else found.dossier.kernels[found.ranking.units[0]]
    assert len(kernel_tiles(context, red)) == 4


def test_the_gradient_is_shown_beside_what_the_peak_sees(found, context):
    unit = found.ranking.units[0]
    shown = gradient_tiles(context, found, whole_dossier(found, unit).gradients[unit])
    assert len(shown) == 5
    assert any("100 %" in tile.caption for tile in shown)


def test_a_unit_is_shown_with_kernel_places_and_patches(found, context):
    unit = found.ranking.units[0]
    assert len(unit_tiles(context, found.dossier, unit)) == 2 + len(found.dossier.patches[unit])


def test_the_strongest_input_channels_come_first():
    weights = np.zeros((3, 1, 1), np.float32)
    weights[:, 0, 0] = [1.0, -3.0, 0.0]
    kernel = Kernel(0, "conv", ("conv",), False, "no_rgb_planes", weights, channels=range(4, 7))
    table = channel_table(Context(Display()), kernel)
    assert table.iloc[:, 0].tolist() == [5, 4, 6]
    assert table.iloc[:, 3].tolist() == [75.0, 25.0, 0.0]


def test_the_table_of_units_begins_with_the_ranking_and_goes_on_by_mean(found):
    table = units_table(found)
    assert tuple(table["unit"].head(2)) == found.ranking.units
    assert table["mean"].iloc[2:].is_monotonic_decreasing
    np.testing.assert_allclose(table["sparsity"] / 100, found.analysis.units["sparsity"][table["unit"]])


def test_the_grid_begins_with_the_ranking_and_holds_every_unit_once(found):
    units = first_units(found)
    assert units[:2] == found.ranking.units
    assert sorted(units) == [0, 1, 2, 3]


def test_regions_are_numbered_with_their_line(found):
    spots = np.zeros((9, 9))
    for place in range(4):
        spots[2 * place, 2 * place] = 4 - place
    table = region_table(Context(Display()), find_regions(spots, (9, 9), 90))
    assert table["Box"].tolist() == [1, 2, 3, 4]
    assert table["Line"].tolist() == ["solid", "dashed", "dotted", "dash and dot"]
    assert table["Peak"].tolist() == [4.0, 3.0, 2.0, 1.0]


def test_boxes_are_drawn_over_the_picture(found):
    unit = found.ranking.units[0]
    bare, marked = found.analysis.picture.seen, boxed(found.analysis, found.dossier.regions[unit], 8)
    assert not np.array_equal(np.asarray(marked), np.asarray(bare))


def test_the_strongest_classes_are_those_of_the_analysis(found, context):
    table = top_table(context, found.analysis)
    assert set(table.iloc[:, 0]) == {"day", "night"}
    assert table.iloc[:, 2].sum() == pytest.approx(100)


def test_known_lists_of_classes_are_told_apart():
    assert class_list_of(CLASSES) == "cifar10"
    assert class_list_of(("tench", *map(str, range(999)))) == "imagenet"
    assert class_list_of(("tench",)) == "own"


def test_a_weak_kernel_looks_weak_on_the_layers_scale_and_full_on_its_own():
    weights = np.full((3, 1, 1), 0.25, np.float32)
    kernel = Kernel(0, "conv", ("conv",), False, None, weights, channels=range(3), limit=1.0)
    shared, own = (
        kernel_picture(kernel, Display(shared_scale=how), 1).getpixel((0, 0)) for how in (True, False)
    )
    assert shared == (round(255 * 0.625),) * 3
    assert own == (255, 255, 255)
