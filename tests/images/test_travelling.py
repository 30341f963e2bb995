"""An image set sent to another process is the same there: what a scan on many machines needs."""

import pickle

import numpy as np
import pytest

from neurolupa.images import load_images


@pytest.fixture
def sets(tmp_path, fill, encode):
    """One of each kind."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    pictures = [np.full((4, 4, 3), 40 * place, np.uint8) for place in range(5)]
    np.savez(tmp_path / "p.npz", images=np.stack(pictures), labels=np.arange(5))
    table = pa.table({"image": [encode(one) for one in pictures], "label": list(range(5))})
    parquet.write_table(table, tmp_path / "p.parquet")
    folder = fill([f"{'ab'[place % 2]}/{place}.png" for place in range(5)])
    return {
        "folder": load_images(folder),
        "parquet": load_images(f"parquet:{tmp_path / 'p.parquet'}"),
        "npz": load_images(f"npz:{tmp_path / 'p.npz'}"),
        "list": load_images(pictures, labels=[0, 1, 0, 1, 0]),
        "samples": load_images("samples"),
        "stimuli": load_images("stimuli?count=5&target=hue"),
        "subset": load_images(f"{folder}?per_class=2"),
    }


@pytest.mark.parametrize("kind", ["folder", "parquet", "npz", "list", "samples", "stimuli", "subset"])
def test_a_set_survives_the_journey(kind, sets):
    here = sets[kind]
    _ = here[0]  # files that are open stay here
    there = pickle.loads(pickle.dumps(here))
    assert there.digest() == here.digest()
    assert there.classes == here.classes
    for one, other in zip(here, there, strict=True):
        assert (one.id, one.label) == (other.id, other.label)
        assert np.array_equal(np.asarray(one.image), np.asarray(other.image))
