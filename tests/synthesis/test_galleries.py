"""Kept pictures that belong together: what is found is what was made, without what is gone or damaged."""

import json

import numpy as np
import pytest

from neurolupa.synthesis import PictureCache, synthesize
from neurolupa.synthesis.galleries import galleries, read_gallery


@pytest.fixture
def kept(tmp_path):
    return PictureCache(tmp_path / "kept")


@pytest.fixture
def made(linear, plain_prior, kept):
    def build(site="3", units=(0, 1), **choices):
        return synthesize(linear, site, units, prior=plain_prior, cache=kept, **{"steps": 4, **choices})

    return build


def test_a_gallery_is_what_was_made(made, kept):
    whole = made(units=[2, 0], copies=2)
    (found,) = galleries(kept)
    again = read_gallery(kept, found)
    order = [2, 3, 0, 1]
    np.testing.assert_array_equal(again.images, whole.images[order])
    np.testing.assert_array_equal(again.curves, whole.curves[order])
    assert again.units == (0, 0, 2, 2)
    assert again.source == whole.source
    for index, place in enumerate(order):
        ours, theirs = again.quality[index], whole.quality[place]
        assert (ours.mean, ours.peak, ours.rank, ours.of) == (
            theirs.mean,
            theirs.peak,
            theirs.rank,
            theirs.of,
        )
        assert np.isnan(ours.stability)


def test_pictures_of_one_source_are_joined_and_others_are_apart(made, kept):
    made(units=[0])
    made(units=[3, 0])
    made(units=[0], steps=5)
    made(site="2", units=[0])
    found = {(one.source.site, one.source.recipe["steps"]): one for one in galleries(kept)}
    assert {name: len(one) for name, one in found.items()} == {("3", 4): 2, ("3", 5): 1, ("2", 4): 1}
    assert galleries(kept)[0].source.site == "2"


def test_what_is_gone_or_damaged_is_left_out(made, kept):
    made(units=[0, 1, 2])
    (whole,) = galleries(kept)
    entries = {one.unit: kept.folder / f"{one.key}.safetensors" for one in whole.pictures}
    entries[0].unlink()
    (fewer,) = galleries(kept)
    assert [one.unit for one in fewer.pictures] == [1, 2]
    entries[1].write_bytes(b"damaged")
    assert read_gallery(kept, fewer).units == (2,)
    entries[2].write_bytes(b"damaged")
    assert read_gallery(kept, fewer) is None
    kept.clear()
    assert galleries(kept) == []


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"source": {}, "pictures": 3}'])
def test_a_damaged_note_is_no_gallery_and_is_written_anew(made, kept, told):
    made()
    (note,) = kept.notes.glob("*.json")
    whole = json.loads(note.read_text())
    note.write_text(told)
    assert galleries(kept) == []
    made()
    assert json.loads(note.read_text()) == whole


def test_a_folder_that_cannot_be_written_notes_nothing(linear, plain_prior, tmp_path):
    (tmp_path / "file").write_text("")
    found = synthesize(linear, "3", [0], prior=plain_prior, steps=2, cache=PictureCache(tmp_path / "file"))
    assert len(found) == 1
