"""Pictures as PNG: the same pixels come out, and one that was packed is not packed again."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from neurolupa.app import packing
from neurolupa.app.packing import Packer


def noise(seed: int, size: tuple[int, int] = (5, 7)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8))


def test_the_pixels_come_out_as_they_went_in() -> None:
    picture = noise(0)
    shown = Image.open(BytesIO(Packer().png(picture)))
    np.testing.assert_array_equal(np.asarray(shown), np.asarray(picture))


def test_an_equal_picture_is_packed_once_and_the_oldest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    runs, pack = [], packing._packed
    monkeypatch.setattr(packing, "_packed", lambda picture: (runs.append(1), pack(picture))[1])
    packer = Packer(most=2)
    for seed in (0, 1, 0, 2, 0):
        packer.png(noise(seed))
    assert (len(runs), len(packer)) == (3, 2)
    packer.png(noise(1))
    assert len(runs) == 4


def test_equal_bytes_of_another_shape_are_another_picture() -> None:
    packer, wide = Packer(), noise(0)
    tall = Image.frombytes("RGB", wide.size[::-1], wide.tobytes())
    assert Image.open(BytesIO(packer.png(wide))).size == wide.size
    assert Image.open(BytesIO(packer.png(tall))).size == tall.size


def test_threads_share_one() -> None:
    packer, seeds = Packer(most=3), [seed % 5 for seed in range(60)]
    with ThreadPoolExecutor(4) as pool:
        packed = list(pool.map(lambda seed: packer.png(noise(seed)), seeds))
    assert packed == [Packer().png(noise(seed)) for seed in seeds]
    assert len(packer) == 3
