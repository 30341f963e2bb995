from neurolupa.atlas import Source
from neurolupa.atlas.captions import caption
from neurolupa.figures.style import shorten


def test_a_long_name_keeps_both_ends():
    (short,) = shorten(["features.denseblock1." + "very_" * 20 + "long.relu"])
    assert len(short) == 48
    assert short.startswith("features.denseblock1.")
    assert short.endswith("long.relu")


def test_names_that_differ_in_the_middle_stay_different():
    names = [f"{'a' * 40}{index}{'b' * 40}" for index in range(10)]
    assert len(set(shorten(names))) == 10


def test_short_names_and_names_that_are_the_same_are_left():
    assert shorten(["relu", "relu", "fc"]) == ["relu", "relu", "fc"]
    assert shorten([]) == []


def test_the_caption_names_network_images_and_how_many_were_skipped():
    source = Source("net", "c0ffee", "photos", "da7a", 12345, 0, "0.1.0")
    assert caption(source, "en") == "net on photos · N = 12,345 images"
    skipped = Source("net", "c0ffee", "photos", "da7a", 7, 2, "0.1.0")
    assert caption(skipped, "es") == "net sobre photos · N = 7 imágenes (2 omitidas)"
