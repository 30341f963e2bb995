"""What cannot be asked for: one line each, whatever the type, before anything is made."""

import json
import re

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file
from torch import nn

from neurolupa.errors import DataError, UsageError
from neurolupa.synthesis import (
    Caricature,
    Direction,
    Logit,
    PictureCache,
    Recipe,
    Synthesis,
    Unit,
    dream,
    measure_prior,
    synthesize,
)

NAN = float("nan")


@pytest.fixture
def ask(linear, plain_prior):
    def build(*args, **choices):
        return synthesize(linear, *args, **{"steps": 2, "prior": plain_prior, **choices})

    return build


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (Logit(-1), "no class -1"),
        (Logit("cat"), "a class must be a whole number, not 'cat'"),
        (Unit("3", "1"), "unit must be a whole number, not '1'"),
        (Unit("3", 1.5), "unit must be a whole number"),
        (Unit("3", -1), "no unit -1 at 3; its units are 0 to 5"),
        (Unit(None, 1), "the site of an objective is its name, not None"),
        (Unit("3", 1, (-1, 0)), "counted from 0, not"),
        (Unit("3", 1, "middle"), "not 'middle'"),
        (Unit("3", 1, None), "not None"),
        (Unit("3", 1, (1, 2, 3)), "not (1, 2, 3)"),
        (Unit("3", 1, (1.5, 0)), "a position must be a whole number"),
        (Unit("3", 1, (99, 0)), "no position 99,0 at 3"),
        (Unit("3", 1) - Unit("3", 1, (0, 99)), "no position 0,99 at 3"),
        (Direction("3", np.zeros(6)), "finite numbers, not all of them 0"),
        (Direction("3", np.full(6, NAN)), "finite numbers"),
        (Direction("3", np.ones(6), power=NAN), "the power of a direction"),
        (Caricature("3", np.ones((6, 4))), "has 6 maps, not the shape (6, 4)"),
        (Caricature("3", np.full((6, 4, 4), NAN)), "finite numbers"),
        (Unit("3", 1) * NAN, "multiplied by a finite number, not by nan"),
        ("3", "an objective is wanted"),
        (3, "an objective is wanted"),
    ],
)
def test_objectives(ask, linear, untouched, objective, words):
    with untouched(linear), pytest.raises(UsageError) as fault:
        ask(objectives=[objective])
    assert words in str(fault.value)


def test_an_output_without_classes_has_none(as_model, plain_prior):
    maps = as_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), size=8)
    with pytest.raises(DataError, match=r"has no output classes: a picture gives the shape \(4, 6, 6\)"):
        synthesize(maps, objectives=[Logit(1)], steps=1, prior=plain_prior)
    three = as_model(nn.Sequential(nn.Conv2d(3, 3, 8), nn.Flatten()), size=8)
    with pytest.raises(UsageError, match="no class 3; the network's classes are 0 to 2"):
        synthesize(three, objectives=[Logit(3)], steps=1, prior=plain_prior)
    assert len(synthesize(three, objectives=[Logit(2)], steps=1, prior=plain_prior)) == 1


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"units": NAN}, "units are given one after the other"),
        ({"units": "0-3"}, "units are given one after the other"),
        ({"units": [NAN]}, "unit must be a whole number"),
        ({"units": range(10**9)}, "no unit 6 at 3"),
        ({"method": None}, "a method is its name, not None"),
        ({"recipe": "maco"}, "a recipe is a Recipe"),
        ({"steps": NAN}, "steps must be a whole number"),
        ({"steps": "3"}, "steps must be a whole number"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"seed": NAN}, "seed must be a whole number"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"copies": 2, "diversity": NAN}, "diversity must be a number"),
        ({"copies": 2, "diversity": float("inf")}, "diversity is a finite number"),
        ({"copies": 2, "diversity": -1}, "diversity is a finite number, 0 or more"),
        ({"diversity": 1}, "it needs 2 copies or more"),
        ({"atlas": "folder"}, "an atlas is what open_atlas gives"),
        ({"cache": "folder"}, "a cache is a PictureCache"),
    ],
)
def test_choices(ask, choices, words):
    with pytest.raises(UsageError, match=words):
        ask("3", **{"units": [0], **choices})


@pytest.mark.parametrize("site", [3, ["3"]])
def test_a_site_is_a_name(ask, linear, site):
    with pytest.raises(UsageError, match="a site is its name"):
        ask(site)
    with pytest.raises(UsageError, match="a site is its name"):
        dream(linear, Image.new("RGB", (20, 20)), site)


def test_one_unit_and_one_objective_need_no_list(ask):
    assert ask("3", np.int64(2)).units == (2,)
    assert ask(objectives=Unit("3", 1)).units == (1,)


def test_a_dream_checks_its_position_on_its_smallest_picture(linear):
    picture = Image.radial_gradient("L").resize((40, 40))
    with pytest.raises(UsageError, match="no position 30,0 at 0"):
        dream(linear, picture, objective=Unit("0", 1, (30, 0)), octaves=3, steps=1)
    assert len(dream(linear, picture, objective=Unit("0", 1, (30, 0)), octaves=1, steps=1).octaves) == 1


def test_a_million_sizes_are_as_many_as_there_are(as_model):
    single = as_model(nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU()), size=8)
    found = dream(single, Image.radial_gradient("L").resize((8, 8)), "0", octaves=10**5, steps=1)
    sizes = [one.height for one in found.octaves]
    assert sizes == sorted(set(sizes))


def test_pictures_without_contrast_are_no_prior():
    from neurolupa.images import load_images

    with pytest.raises(DataError, match="has no contrast to measure colours and spectrum on"):
        measure_prior(load_images([Image.new("RGB", (30, 30), (90, 120, 30))]))


def test_a_cache_is_a_folder_of_some_size():
    for choices, words in (
        (("x", NAN), "most_bytes"),
        ((3,), "folder must be a path"),
        (("x", -1), "0 bytes"),
    ):
        with pytest.raises(UsageError, match=words):
            PictureCache(*choices)


def _flip(folder):
    content = bytearray((folder / "synthesis.safetensors").read_bytes())
    content[-10] ^= 1
    (folder / "synthesis.safetensors").write_bytes(bytes(content))


def _fewer_arrays(folder):
    arrays = load_file(folder / "synthesis.safetensors")
    save_file({**arrays, "images": arrays["images"][:1]}, folder / "synthesis.safetensors")


def _fewer_units(folder):
    told = json.loads((folder / "synthesis.json").read_text())
    (folder / "synthesis.json").write_text(json.dumps({**told, "units": told["units"][:1]}))


@pytest.mark.parametrize("damage", [_flip, _fewer_arrays, _fewer_units])
def test_damaged_results_are_not_read(ask, tmp_path, damage):
    ask("3", [0, 1]).save(tmp_path)
    damage(tmp_path)
    with pytest.raises(DataError, match="is damaged"):
        Synthesis.load(tmp_path)


def test_results_of_earlier_versions_have_no_digest(ask, tmp_path):
    made = ask("3", [0, 1])
    made.save(tmp_path)
    told = json.loads((tmp_path / "synthesis.json").read_text())
    del told["digest"]
    (tmp_path / "synthesis.json").write_text(json.dumps(told))
    assert Synthesis.load(tmp_path).images.tobytes() == made.images.tobytes()


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"views": 1.5}, "views must be a whole number"),
        ({"looks": "8"}, "looks must be a whole number"),
        ({"redirected": -1}, "redirected must be at least 0, not -1"),
        ({"rate": float("inf")}, "rate is a finite number above 0, not inf"),
        ({"rate": NAN}, "rate must be a number, not nan"),
        ({"enlarged": 0}, "enlarged is a finite number above 0, not 0"),
        ({"enlarged": NAN}, "enlarged must be a number, not nan"),
        ({"floor": NAN}, "floor must be a number, not nan"),
        ({"floor": 2.0}, "floor is a share of the rate, 0 to 1, not 2.0"),
        ({"momenta": (0.9, NAN)}, "momenta must be a number, not nan"),
        ({"rule": "adm"}, "unknown rule 'adm'; nearest: adam"),
        ({"transforms": ("x",)}, "a transform is wanted"),
        ({"transforms": "x"}, "transforms are given one after the other"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_when_it_is_written(choices, words):
    with pytest.raises(UsageError, match=re.escape(words)):
        Recipe(**choices)


def test_an_objective_cannot_be_divided_by_nothing():
    with pytest.raises(UsageError, match="divided by 0"):
        Unit("3", 1) / 0
    assert Unit("3", 1) / 4 == 0.25 * Unit("3", 1)
