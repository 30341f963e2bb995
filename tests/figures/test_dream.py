"""A dream beside its original: both are there, nothing is cut, and the words say that it is synthetic."""

from dataclasses import replace

import numpy as np
import pytest
from tests.figures.test_every_figure import is_cut

from neurolupa import figures
from neurolupa.figures.dream_words import dream_lines, dream_provenance
from neurolupa.synthesis import Dream
from neurolupa.synthesis.dreams import DreamSource, Octave


def dreamt(height=30, width=40, channels=3, octaves=2, **changes) -> Dream:
    rng = np.random.default_rng(0)
    sizes = [(height - 5 * left, width - 5 * left) for left in reversed(range(octaves))]
    found = Dream(
        rng.random((channels, height, width), np.float32),
        rng.random((channels, height, width), np.float32),
        "layer1.0.relu:1#3",
        tuple(Octave(*size, 3, 0.5, 2.0, curve=(0.5, 0.75, 1.0)) for size in sizes),
        DreamSource(
            "embedded", "a" * 64, ("layer1.0.relu:1",), "cat.jpg", "b" * 64, (height, width), octaves, 1.4, 3,
            0.01, 7, 2**18, {"neurolupa": "1.2", "torch": "3.4"},
        ),
        False,
        1.5,
    )  # fmt: skip
    return replace(found, **changes)


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("height", "width", "channels", "octaves"),
    [(30, 40, 3, 1), (400, 90, 3, 8), (40, 300, 1, 3), (3, 4, 3, 1)],
)
def test_both_pictures_and_every_size_are_there_and_no_word_is_cut(height, width, channels, octaves, lang):
    found = dreamt(height, width, channels, octaves)
    figure = figures.dream_beside_original(found, lang)
    assert not is_cut(figure)
    original, picture, curves = figure.axes
    np.testing.assert_array_equal(
        original.images[0].get_array(), np.asarray(found.original_image.convert("RGB"))
    )
    np.testing.assert_array_equal(picture.images[0].get_array(), np.asarray(found.image.convert("RGB")))
    assert [line.get_ydata().tolist() for line in curves.lines] == [[0.5, 0.75, 1.0, 2.0]] * octaves
    assert [line.get_xdata()[0] for line in curves.lines] == [3 * number for number in range(octaves)]
    assert ("Synthetic, not a photograph" if lang == "en" else "Sintética") in figure.get_supxlabel()


def test_what_went_wrong_is_the_first_sentence():
    silent = dreamt(octaves=1)
    silent = replace(silent, octaves=(replace(silent.octaves[0], after=0.5),))
    assert dream_lines(silent, "en")[0].startswith("Not activated")
    broken = replace(silent, octaves=(replace(silent.octaves[0], failed=True),))
    assert dream_lines(broken, "es")[0].startswith("Fallida")
    assert len(dream_lines(dreamt(), "en")) == 1


def test_provenance_names_all_that_the_picture_depends_on():
    line = dream_provenance(dreamt())
    for part in ("cat.jpg", "b" * 12, "a" * 12, "layer1.0.relu:1#3", "2 sizes", "3 steps", "seed 7", "1.4"):
        assert part in line
