"""From names to values: what a set has, one decoding a picture, and what is refused."""

import re
import threading

import numpy as np
import pytest
from PIL import Image

from neurolupa.errors import DataError, NeurolupaError, UsageError
from neurolupa.images import load_images
from neurolupa.images.memory import SequenceSet
from neurolupa.probing.concepts import CONCEPTS, Property, available, measuring, targets_of
from neurolupa.probing.targets import Targets

PROPERTIES = (
    "brightness", "contrast", "dominant_hue", "dominant_orientation", "edge_density", "texture_energy",
)  # fmt: skip


class CountedSet(SequenceSet):
    """Says how often each picture was asked for."""

    def __init__(self, images):
        super().__init__(images)
        self.asked = np.zeros(len(self), int)
        self.lock = threading.Lock()

    def source_of(self, index):
        with self.lock:
            self.asked[index] += 1
        return super().source_of(index)


def shaded(count):
    """Grey pictures, each with its own brightness."""
    return [np.full((3, 4, 3), 2 * shade, np.uint8) for shade in range(count)]


def named(found):
    """The class name of every picture; None where it has none."""
    return [found.classes[place] if place >= 0 else None for place in found.values]


def test_labels_come_first_then_factors_then_properties(labelled):
    assert available(labelled("cat", None)) == ("label", *PROPERTIES)
    assert available(labelled(None, None)) == PROPERTIES
    hues = load_images("hues?hues=3")
    assert available(hues) == ("label", "hue", "saturation", "value", *PROPERTIES)


@pytest.mark.parametrize("name", sorted({"label", *PROPERTIES}))
def test_every_concept_gives_a_value_for_every_picture_and_changes_none(name, noise):
    before = [each.copy() for each in noise]
    pictures = load_images(noise, labels=["a", "b", "a", "b", None])
    found = CONCEPTS[name].targets(name, pictures)
    assert isinstance(found, Targets)
    assert (found.concept, len(found)) == (name, 5)
    if found.classes:
        assert set(found.values[found.values >= 0]) == set(range(len(found.classes)))
    again = targets_of(pictures, name)[0]
    np.testing.assert_array_equal(again.values, found.values)
    assert all(map(np.array_equal, before, noise))


def test_all_is_what_the_set_has_in_that_order():
    hues = load_images("hues?hues=3&size=4")
    assert tuple(each.concept for each in targets_of(hues, "all")) == available(hues)
    assert [each.concept for each in targets_of(hues, ["contrast", "hue", "contrast"])] == ["contrast", "hue"]


def test_every_picture_is_decoded_once_and_values_are_in_order(monkeypatch):
    monkeypatch.setattr(measuring, "_BLOCK", 4)
    pictures, steps = CountedSet(shaded(21)), []
    found = targets_of(pictures, PROPERTIES, on_picture=lambda done, total: steps.append((done, total)))
    np.testing.assert_array_equal(pictures.asked, 1)
    np.testing.assert_allclose(found[0].values, np.arange(21) * 2 / 255)
    assert steps == [(done, 21) for done in range(1, 22)]


def test_labels_and_factors_decode_nothing(labelled):
    steps = []
    targets_of(labelled("cat", "dog"), "label", on_picture=lambda *done: steps.append(done))
    targets_of(load_images("stimuli?count=16"), "shape,hue", on_picture=lambda *done: steps.append(done))
    assert not steps


def test_unreadable_pictures_have_no_property():
    pictures = load_images([*shaded(2), b"no picture"])
    bright, hue = targets_of(pictures, ["brightness", "dominant_hue"])
    assert bright.applies.tolist() == hue.applies.tolist() == [True, True, False]
    assert np.isnan(bright.values[2])


def test_where_no_picture_has_an_orientation_it_is_still_one_of_classes():
    (found,) = targets_of(load_images(shaded(3)), "dominant_orientation")
    assert not found.numeric
    assert not found.applies.any()


def test_factors_are_those_that_the_pictures_were_made_with():
    pictures = load_images("stimuli?target=texture&count=60&shape=circle,star")
    table = pictures.table()
    for found in targets_of(pictures, pictures.factors):
        made = [each if isinstance(each, str) else None if each is None or each != each else f"{each:g}"
                for each in table[found.concept]]  # fmt: skip
        assert named(found) == made
        assert set(found.classes) == set(made) - {None}
    assert (~targets_of(pictures, "orientation")[0].applies).sum() == (table["texture"] == "solid").sum() > 0


def test_a_subset_of_stimuli_has_the_values_that_are_left():
    pictures = load_images("stimuli?target=hue&count=90").subset(classes="red,blue")
    (found,) = targets_of(pictures, "hue")
    assert found.classes == ("red", "blue")
    assert named(found) == pictures.table()["hue"].tolist()


def test_a_users_own_property_joins_the_same_pass(monkeypatch):
    class Point:
        name = "width"

        def load(self):
            return Property(lambda view: float(view.pixels.shape[1]))

    plugged = lambda group: [Point()] if group == "neurolupa.concepts" else []  # noqa: E731
    monkeypatch.setattr("neurolupa.registry.entry_points", plugged)
    pictures = CountedSet([Image.new("RGB", (width, 2)) for width in (3, 5)])
    assert available(pictures)[-1] == "width"
    found = targets_of(pictures, "width,contrast")
    assert found[0].values.tolist() == [3, 5]
    np.testing.assert_array_equal(pictures.asked, 1)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("brightnes", "unknown concept 'brightnes'; nearest: brightness"),
        (
            "hue",
            "edge_density, label, texture_energy (hue is a factor of stimuli, and memory is no",
        ),
        ("saturation", "(saturation is a factor of stimuli, and memory is no stimulus set)"),
        ("", "no target; choose from: all, label, brightness"),
        ([], "no target"),
        ("group", "target group and groups, such as animal=cat,dog, go together"),
    ],
)
def test_what_the_set_does_not_have_is_refused_with_what_it_has(labelled, target, message):
    with pytest.raises(UsageError, match=re.escape(message)):
        targets_of(labelled("cat"), target)


def test_a_factor_that_these_stimuli_lack_is_unknown():
    with pytest.raises(UsageError, match="unknown concept 'shape'") as caught:
        targets_of(load_images("hues?hues=3"), "shape")
    assert "is a factor" not in str(caught.value)


def test_labels_of_an_unlabelled_set_are_no_typing_error():
    with pytest.raises(DataError, match="memory has no labels for label") as caught:
        targets_of(load_images(shaded(2)), "label")
    assert caught.value.exit_code == NeurolupaError.exit_code == 1


@pytest.mark.real
def test_texture_classes_and_their_looks(data):
    pictures = load_images(f"folder:{data / 'textures'}", per_class=8)
    label, oriented, edges = targets_of(pictures, "label,dominant_orientation,edge_density")
    assert label.classes == tuple(sorted(each.name for each in (data / "textures").iterdir()))
    np.testing.assert_array_equal(np.bincount(label.values), 8)
    share = {name: oriented.applies[label.values == place].mean() for place, name in enumerate(label.classes)}
    assert share["banded"] == 1 > share["chequered"] + 0.5
    assert np.isfinite(edges.values).all()


@pytest.mark.real
def test_mirrored_photographs_have_the_same_properties(data):
    folder = load_images(f"folder:{data / 'imagenet'}", limit=12)
    pictures = [each.image for each in folder]
    mirrored = [each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in pictures]
    swapped = {"diagonal_up": "diagonal_down", "diagonal_down": "diagonal_up"}
    for once, other in zip(
        *(targets_of(load_images(each), PROPERTIES) for each in (pictures, mirrored)), strict=True
    ):
        if once.numeric:
            np.testing.assert_allclose(other.values, once.values, rtol=0.03)
        else:
            assert named(other) == [swapped.get(name, name) for name in named(once)]
