"""Labels and groups of classes."""

import numpy as np
import pytest

from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.probing.concepts import parse_groups, targets_of

PETS = ("cat", None, "ship", "dog", "tree", "cat")


def groups_of(images, groups):
    (found,) = targets_of(images, "group", groups=groups)
    return found


def test_labels_are_the_sets_own_without_classes_that_do_not_occur(labelled):
    some = labelled(*PETS).subset(classes="cat,tree")
    (found,) = targets_of(some, "label")
    assert some.classes == ("cat", "dog", "ship", "tree")
    assert (found.classes, found.values.tolist()) == (("cat", "tree"), [0, 1, 0])
    (whole,) = targets_of(labelled(*PETS), "label")
    assert whole.values.tolist() == [0, -1, 2, 1, 3, 0]


def test_labels_of_one_name_stay_apart():
    pictures = [np.zeros((1, 1, 3), np.uint8)] * 3
    cranes = load_images(pictures, labels=[0, 2, 1], classes=["crane", "owl", "crane"])
    (found,) = targets_of(cranes, "label")
    assert (found.classes, found.values.tolist()) == (("crane (0)", "owl", "crane (2)"), [0, 2, 1])


def test_groups_in_their_own_order_and_others_apply_not(labelled):
    found = groups_of(labelled(*PETS), {"vehicle": "ship", "animal": ("dog", "cat")})
    assert found.concept == "group"
    assert found.classes == ("vehicle", "animal")
    assert found.values.tolist() == [1, -1, 0, 1, -1, 1]


def test_a_group_takes_every_label_of_a_name():
    pictures = [np.zeros((1, 1, 3), np.uint8)] * 3
    cranes = load_images(pictures, labels=[0, 2, 1], classes=["crane", "owl", "crane"])
    assert groups_of(cranes, {"crane": "crane", "owl": "owl"}).values.tolist() == [0, 0, 1]


def test_groups_are_read_as_they_are_typed(labelled):
    typed = parse_groups(["animal=cat, dog", "plant=tree"])
    assert typed == {"animal": ("cat", "dog"), "plant": ("tree",)}
    assert groups_of(labelled(*PETS), typed).values.tolist() == [0, -1, -1, 0, 1, 0]


def test_groups_join_what_all_means(labelled):
    found = targets_of(labelled(*PETS), "all", groups={"animal": "cat,dog"})
    assert [each.concept for each in found][:: len(found) - 1] == ["label", "group"]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"animal": "cta,dog"}, "unknown class in group 'animal': 'cta'; nearest: cat"),
        ({"animal": "cat,dog", "pet": "cat"}, "class 'cat' is in two groups, animal and pet"),
        ({"animal": ()}, "group 'animal' has no class"),
        ({}, "groups need at least one, such as animal=cat,dog"),
    ],
)
def test_senseless_groups_are_refused(labelled, groups, message):
    with pytest.raises(UsageError) as caught:
        groups_of(labelled(*PETS), groups)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["cat,dog", "=cat", "animal=", "animal=cat,,dog"])
def test_texts_of_another_form_are_refused(text):
    with pytest.raises(UsageError, match="is not of the form name=class,class"):
        parse_groups([text])


def test_a_group_is_typed_once():
    with pytest.raises(UsageError, match="group 'a' is given twice"):
        parse_groups(["a=cat", "a = dog"])


def test_groups_that_nobody_asked_for_are_refused(labelled):
    with pytest.raises(UsageError, match="go together"):
        targets_of(labelled(*PETS), "label", groups={"animal": "cat"})


def test_groups_need_labels(labelled):
    with pytest.raises(DataError, match="no labels for group"):
        groups_of(labelled(None, None), {"animal": "cat"})
