"""Cats and dogs: what a real network's first and last layers make of them."""

import pytest

import neurolupa as nl


@pytest.mark.real
def test_the_last_layer_tells_cats_from_dogs_and_the_first_hardly_does(data, tmp_path):
    names = tmp_path / "names.txt"
    classes = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    names.write_text("\n".join(classes))
    pictures = f"npz:{data / 'cifar10/train-lossless-8068.npz'}?names={names}&classes=cat,dog&per_class=120"
    atlas = nl.scan("embedded", pictures, ["relu", "layer4.1.relu"], tmp_path / "atlas")
    first, last = (nl.compare_classes(atlas, site, ["cat", "dog"], shuffles=99) for site in atlas.sites)
    assert last.lookalikes.low > 0.85
    assert first.lookalikes.high < last.lookalikes.low
    assert last.pairs[0].sampled.largest.p == 0.01
    assert last.largest[list(last.strongest(1))] > 1.5
    assert last.pairs[0].different.mean() > 0.5
    assert first.largest[list(first.strongest(1))] < 1
