"""What can be probed, and what becomes of the rest."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from neurolupa.probing.concepts import ConceptCode, usable
from neurolupa.probing.targets import Targets

CLASSES = ("ant", "bee", "cat", "dog")


def classes(**counts):
    """Targets with so many pictures of each class."""
    places = [place for place, name in enumerate(CLASSES) for _ in range(counts.get(name, 0))]
    return Targets("pet", CLASSES, np.array([-1, *places, -1]))


def names(targets):
    return [targets.classes[place] if place >= 0 else None for place in targets.values]


def test_what_has_enough_pictures_is_left_as_it_is():
    targets = classes(ant=5, bee=6, cat=5, dog=9)
    found = usable(targets)
    assert found.targets is targets
    assert (found.dropped, found.code) == ((), ConceptCode.OK)


def test_classes_with_four_pictures_go_and_the_rest_is_renumbered():
    targets = classes(ant=5, bee=4, dog=7)
    found = usable(targets)
    assert (found.code, found.dropped) == (ConceptCode.TOO_FEW, (("bee", 4), ("cat", 0)))
    assert found.targets.classes == ("ant", "dog")
    assert names(found.targets) == [name if name in ("ant", "dog") else None for name in names(targets)]


@pytest.mark.parametrize("counts", [{"ant": 50}, {"ant": 50, "bee": 4}, {"ant": 4, "bee": 4}, {}])
def test_one_class_cannot_be_probed(counts):
    found = usable(classes(**counts))
    assert (found.targets, found.code) == (None, ConceptCode.ONE_CLASS)
    assert dict(found.dropped) == {name: counts.get(name, 0) for name in CLASSES if counts.get(name, 0) < 5}


def test_more_classes_than_a_fifth_of_the_pictures_cannot_all_stay():
    many = Targets("kind", tuple(map(str, range(30))), np.arange(100) % 30)
    found = usable(many)
    assert found.code is ConceptCode.ONE_CLASS
    assert len(found.dropped) == 30


@given(st.lists(st.integers(-1, 3), max_size=40))
def test_exactly_the_classes_of_five_pictures_stay_and_can_be_split_in_five(places):
    targets = Targets("pet", CLASSES, np.array(places, int))
    found, counts = usable(targets), Counter(name for name in names(targets) if name)
    enough = {name for name, count in counts.items() if count >= 5}
    assert dict(found.dropped) == {name: counts[name] for name in CLASSES if name not in enough}
    if len(enough) < 2:
        assert found.targets is None
        return
    assert names(found.targets) == [name if name in enough else None for name in names(targets)]
    values = found.targets.values[found.targets.applies]
    for _, tested in StratifiedKFold(5).split(values, values):
        assert set(values[tested]) == set(range(len(enough)))


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, np.nan], ConceptCode.OK),
        ([0.1, 0.2, 0.3, 0.4, np.nan, np.nan], ConceptCode.TOO_FEW),
        ([0.3] * 9, ConceptCode.CONSTANT),
        ([0.0, 3e-17] * 4, ConceptCode.CONSTANT),
        ([0.1 + 0.2, 0.3] * 4, ConceptCode.CONSTANT),
        ([0.0] * 9 + [np.nan], ConceptCode.CONSTANT),
        ([], ConceptCode.TOO_FEW),
    ],
)
def test_numbers_must_be_five_and_differ(values, code):
    targets = Targets("brightness", (), np.array(values, float))
    found = usable(targets)
    assert (found.code, found.dropped) == (code, ())
    assert found.targets is (targets if code is ConceptCode.OK else None)
