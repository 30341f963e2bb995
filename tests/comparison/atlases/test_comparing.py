"""Atlas against atlas where the answer is known: itself, permuted, with a dead unit, trained apart."""

import dataclasses
import json

import numpy as np
import pytest

import neurolupa as nl
from neurolupa.comparison.atlases import NetworkCode, NoteCode, PictureCode
from neurolupa.errors import DataError, UsageError

from .conftest import PICTURES, SITE, Scans


def answers(seed: int = 0, images: int = 40, units: int = 6) -> np.ndarray:
    return np.maximum(np.random.default_rng(seed).normal(0.5, 1, (images, units)), 0).astype(np.float32)


def codes(found) -> list[str]:
    return [code.value for code in found.notes]


def test_an_atlas_is_itself(scans: Scans) -> None:
    found = scans.compare("plain", "plain")
    assert (found.network, found.pictures) == (NetworkCode.SAME_WEIGHTS, PictureCode.SAME_PICTURES)
    assert codes(found) == ["IDENTICAL", "UNITS_KEEP_PLACES"]
    assert (found.common, found.only_a, found.only_b) == (PICTURES, (), ())
    assert np.diag(found.similarity.cka) == pytest.approx(1)
    assert np.diag(found.similarity.debiased) == pytest.approx(1)
    for each in found.matches:
        assert each.r == pytest.approx(np.ones(len(each)))
        assert each.own.all()
        assert each.above.all()
        assert len(each) == each.compared_a
    assert all(each.gained == each.lost == () for each in found.silent)
    assert not found.to_frame().filter(like="_difference").fillna(0).to_numpy().any()
    assert set(found.units_frame()["code"]) <= {"EQUAL", "SILENT"}
    assert not found.units_frame()["difference"].any()


def test_permuted_channels_are_put_back_in_order(scans: Scans) -> None:
    found = scans.compare("plain", "permuted")
    first, second = found.matches
    assert (found.network, len(found.changes)) == (NetworkCode.SAME_SHAPE, 2)
    assert [scans.order[match] for match in first.units_b] == first.units_a.tolist()
    assert first.r == pytest.approx(np.ones(len(first)), abs=1e-5)
    assert len(first) >= 8
    assert second.own.all()
    assert np.diag(found.similarity.cka) == pytest.approx(1, abs=1e-5)


def test_numbers_that_mean_nothing_are_said_to(scans: Scans) -> None:
    assert codes(scans.compare("plain", "permuted", "relu1")) == ["UNITS_MOVED"]
    assert codes(scans.compare("plain", "permuted", "relu2")) == ["UNITS_KEEP_PLACES"]
    assert codes(scans.compare("plain", "apart")) == ["UNITS_MOVED"]
    assert codes(scans.compare("plain", "killed")) == ["UNITS_KEEP_PLACES"]


def test_a_unit_that_was_killed_is_gained(scans: Scans) -> None:
    found = scans.compare("plain", "killed")
    first, second = found.silent_of("dead")
    assert (first.gained, second.gained, second.lost) == ((), (Scans.dead,), ())
    assert second.count_b == second.count_a + 1 == len(second.kept) + 1
    back = scans.compare("killed", "plain").silent_of("dead")[1]
    assert (back.gained, back.lost) == ((), (Scans.dead,))
    rows = found.silent_units_frame().query("kind == 'dead' and change != 'kept'")
    assert rows.to_numpy().tolist() == [["relu2", "dead", "gained", Scans.dead]]
    changed = found.changed("relu2")
    assert np.flatnonzero(changed.changed).tolist() == [Scans.dead]
    assert changed.shift.value_b[Scans.dead] == 0
    assert Scans.dead not in found.matched("relu2").units_b


def test_other_pictures_can_tell_nothing_of_single_ones(scans: Scans) -> None:
    found = nl.compare(scans.atlases["plain"], scans.other)
    assert (found.network, found.pictures) == (NetworkCode.SAME_WEIGHTS, PictureCode.OTHER_PICTURES)
    assert codes(found) == ["NO_COMMON_PICTURES", "DEAD_ON_OTHER_PICTURES", "UNITS_KEEP_PLACES"]
    assert (found.common, found.similarity, found.matches) == (0, None, ())
    assert not any(each.paired for each in found.changes)
    row = found.silent_frame().iloc[0]
    assert (row["images_a"], row["images_b"]) == (PICTURES, 40)
    assert row["bound_b"] == pytest.approx(1 - 0.05 ** (1 / 40))
    assert found.matches_frame().empty
    assert found.similarity_frame().empty


def test_two_networks_are_told_by_sites_units_and_weights(atlas_of) -> None:
    same = answers()
    base = atlas_of({"x": same, "y": same})
    kinds = {
        "SAME_WEIGHTS": atlas_of({"x": same}),
        "SAME_SHAPE": atlas_of({"x": same}, weights="v"),
        "OTHER_NETWORK": atlas_of({"x": same}, weights="v", model="another"),
    }
    for kind, atlas in kinds.items():
        assert nl.compare(base, atlas).network == kind
    wide = atlas_of({"x": answers(units=7), "y": same}, weights="v")
    assert nl.compare(base, wide).network == "OTHER_NETWORK"
    assert nl.compare(base, atlas_of({"z": same}, weights="v")).network == "OTHER_NETWORK"


def test_unlike_networks_have_counts_alone_and_are_matched_by_cka(atlas_of) -> None:
    one, two = answers(1), answers(2)
    dead = np.column_stack([two, np.zeros(len(two), np.float32)])
    found = nl.compare(
        atlas_of({"x": one, "y": two}), atlas_of({"x": dead, "far": one[:, ::-1]}, weights="v", model="other")
    )
    assert found.network is NetworkCode.OTHER_NETWORK
    assert [(each.site_a, each.site_b) for each in found.matches] == [("x", "far"), ("y", "x")]
    assert found.matched("x").units_b.tolist() == [5, 4, 3, 2, 1, 0]
    assert not found.matched("x").own.any()
    assert (found.changes, found.only_a, found.only_b) == ((), ("y",), ("far",))
    assert codes(found) == []
    dead = {each.site: each for each in found.silent_of("dead")}
    assert (dead["x"].count_a, dead["x"].count_b, dead["x"].gained) == (0, 1, None)
    assert (dead["far"].count_a, dead["far"].count_b) == (None, 0)
    frame = found.silent_frame().set_index(["kind", "site"])
    assert frame.loc[("dead", "y"), ["count_a", "count_b"]].isna().tolist() == [False, True]


def test_sites_without_a_common_name_still_have_cka(atlas_of) -> None:
    values = answers()
    found = nl.compare(atlas_of({"x": values}), atlas_of({"z": values}, weights="v"))
    assert codes(found) == ["NO_COMMON_SITES"]
    assert found.similarity.cka == pytest.approx(np.ones((1, 1)))
    assert found.to_frame().empty
    assert found.matched("x").site_b == "z"


def test_pictures_are_told_by_their_ids_whatever_their_order(atlas_of) -> None:
    values = answers()
    one, two = atlas_of(values), atlas_of(values[::-1])
    table = two.images
    table["id"] = table["id"].to_numpy()[::-1].copy()
    two._images = table
    two.image_rows = lambda images: table
    found = nl.compare(one, two)
    assert found.matched(SITE).r == pytest.approx(np.ones(6))
    assert found.units_frame()["code"].tolist() == ["EQUAL"] * 6


def test_both_that_differ_and_other_preprocessing_are_noted(atlas_of) -> None:
    found = nl.compare(atlas_of(answers()), atlas_of(answers(1), weights="v", images="j", size=9))
    assert codes(found) == [
        "NO_COMMON_PICTURES", "DEAD_ON_OTHER_PICTURES", "BOTH_DIFFER", "OTHER_PREPROCESSING", "PLACES_UNKNOWN"
    ]  # fmt: skip


def test_few_pictures_have_neither_cka_nor_matches(atlas_of) -> None:
    found = nl.compare(atlas_of(answers(images=3)), atlas_of(answers(1, images=3), weights="v"))
    assert codes(found) == ["FEW_PICTURES", "PLACES_UNKNOWN"]
    assert np.isnan(found.similarity.cka).all()
    assert (len(found.matched(SITE)), found.matched(SITE).code) == (0, "FEW_IMAGES")
    assert np.isnan(found.matched(SITE).share).all()
    assert set(found.units_frame()["code"]) == {"FEW_IMAGES"}


def test_silent_and_constant_units_are_left_out_of_matching(atlas_of) -> None:
    values = answers()
    values[:, 1], values[:, 2] = 0.0, 3.0
    found = nl.compare(atlas_of(values), atlas_of(values)).matched(SITE)
    assert found.units_a.tolist() == found.units_b.tolist() == [0, 3, 4, 5]
    nothing = nl.compare(atlas_of(0 * values), atlas_of(values, weights="v"))
    assert nothing.matched(SITE).code == "NO_UNITS"
    assert np.isnan(nothing.similarity.cka).all()
    assert codes(nothing) == ["PLACES_UNKNOWN"]


def test_at_most_so_many_pictures_are_drawn_and_the_seed_settles_which(atlas_of) -> None:
    one, two = atlas_of(answers()), atlas_of(answers(1), weights="v")
    few = [nl.compare(one, two, images=20, seed=seed, shuffles=19) for seed in (0, 0, 1)]
    assert [each.matched(SITE).images for each in few] == [20, 20, 20]
    assert few[0].common == 40
    assert (
        few[0].matched(SITE).r.tolist() == few[1].matched(SITE).r.tolist() != few[2].matched(SITE).r.tolist()
    )
    assert few[0].matched(SITE).p.tolist() == few[1].matched(SITE).p.tolist()


def test_a_picture_without_values_is_left_out(atlas_of) -> None:
    values = answers()
    holed = values.copy()
    holed[3] = np.nan
    found = nl.compare(atlas_of(values), atlas_of(holed, weights="v"))
    assert found.matched(SITE).images == 39
    assert found.matched(SITE).r == pytest.approx(np.ones(6))
    assert found.changed(SITE).shift.sampled_a.tolist() == [39] * 6


def test_maxima_stand_for_maps_where_they_are_asked_for(atlas_of) -> None:
    maps = np.random.default_rng(0).random((30, 4, 3, 3)).astype(np.float32)
    flat = maps.copy()
    flat[:, :, 0, 0] += 5
    mean, highest = (nl.compare(atlas_of(maps), atlas_of(flat, weights="v"), of=of) for of in ("mean", "max"))
    assert mean.changed(SITE).shift.difference == pytest.approx(np.full(4, 5 / 9), rel=1e-5)
    expected = flat.max((2, 3)).mean(0) - maps.max((2, 3)).mean(0)
    assert highest.changed(SITE).shift.difference == pytest.approx(expected, rel=1e-5)


def test_nothing_is_told_twice_and_all_of_it_is_plain(scans: Scans) -> None:
    found = scans.compare("plain", "killed", "relu2", shuffles=0)
    assert found.sites == ("relu2",)
    told = json.loads(json.dumps(found.facts()))
    assert (told["source_a"]["read"], told["notes"]) == (PICTURES, ["PLACES_UNKNOWN"])
    assert found.matching_frame()["share"].isna().all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seed = 3
    assert {NoteCode.PLACES_UNKNOWN} == set(found.notes)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sites": "relu3"}, "unknown site 'relu3'; nearest: relu2"),
        ({"sites": []}, "one site or more; none was named"),
        ({"sites": 3}, "sites are named by strings, not by 3"),
        ({"sites": [3]}, "a site is named by a string, not 3"),
        ({"of": "median"}, "unknown measure of a map 'median'"),
        ({"images": 3}, "images must be at least 4"),
        ({"shuffles": -1}, "shuffles must be at least 0"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"threshold": "x"}, "threshold must be a number"),
    ],
)
def test_what_cannot_be_compared_is_refused(scans: Scans, more, words) -> None:
    atlas = scans.atlases["plain"]
    with pytest.raises(UsageError, match=words):
        nl.compare(atlas, atlas, **more)


def test_parts_that_are_not_there_are_named(scans: Scans) -> None:
    found = scans.compare("plain", "killed", "relu1", shuffles=0)
    with pytest.raises(UsageError, match=r"unknown matched site 'relu'; nearest: relu1"):
        found.matched("relu")
    with pytest.raises(UsageError, match="unknown site with units compared one by one 'fc'"):
        found.changed("fc")
    with pytest.raises(UsageError, match="unknown kind of silent units 'dad'; nearest: dead"):
        found.silent_of("dad")


def test_a_missing_file_is_the_datas_fault(atlas_of) -> None:
    atlas = atlas_of(answers())
    next((atlas.folder / "samples").glob("*.mean.npy")).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        nl.compare(atlas, atlas)
