import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa.atlas import open_atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import class_statistics


def rows(axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def lengths(axes) -> list[float]:
    return [bar.get_width() for bar in axes.patches]


def test_every_class_has_its_mean_and_sparsity_beside_the_layers_own(tiny):
    figure = class_statistics(tiny, "early/relu")
    mean, sparsity = figure.axes
    assert (rows(mean), lengths(mean)) == (["cat", "dog"], [0.5, 1.5])
    assert lengths(sparsity) == [62.5, 75.0]
    assert mean.lines[-1].get_xdata()[0] == 1.0
    assert "Images in each class: 2" in figure.get_supxlabel()


def test_a_layer_that_is_not_rectified_has_no_sparsity(tiny):
    sparsity = class_statistics(tiny, "fc").axes[1]
    assert [text.get_text() for text in sparsity.texts] == ["n/a", "n/a"]


def test_of_many_classes_the_two_ends_are_shown_and_it_says_so(crowded):
    figure = class_statistics(crowded, "relu")
    expected = [*range(99, 84, -1), 0, *range(14, -1, -1)]
    assert lengths(figure.axes[0]) == expected
    assert rows(figure.axes[0])[14:17] == ["number 85", "…", "number 14"]
    assert figure.axes[0].texts[15].get_text() == ""
    assert "15 highest and 15 lowest means of 100 classes" in figure.get_suptitle()


def test_classes_of_different_size_carry_their_n(tmp_path):
    folder = build(tmp_path / "atlas", {"relu": np.ones((3, 1, 1, 1))}, [0, 0, 1], ["cat", "dog"])
    assert rows(class_statistics(open_atlas(folder), "relu").axes[0]) == ["cat (2)", "dog (1)"]


def test_without_classes_there_is_nothing_to_draw(tmp_path):
    atlas = open_atlas(build(tmp_path / "atlas", {"relu": np.ones((3, 1, 1, 1))}))
    with pytest.raises(DataError, match="carry no classes"):
        class_statistics(atlas, "relu")


def test_an_unknown_layer_is_named(tiny):
    with pytest.raises(UsageError, match="nearest"):
        class_statistics(tiny, "deep.rel")
