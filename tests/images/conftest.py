"""Encoded pictures and folders of them for the tests of images/."""

from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Encode = Callable[..., bytes]


@pytest.fixture(scope="session")
def encode() -> Encode:
    """Bytes of a picture or array in a format."""

    def encoded(picture: Image.Image | np.ndarray, kind: str = "PNG", **options: object) -> bytes:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        stream = BytesIO()
        image.save(stream, kind, **options)
        return stream.getvalue()

    return encoded


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """A picture that does not compress, (48, 64, 3)."""
    return np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


@pytest.fixture
def fill(tmp_path: Path, encode: Encode) -> Callable[[Iterable[str]], Path]:
    """Writes one small picture per path below a fresh folder, each of its own colour."""

    def filled(paths: Iterable[str]) -> Path:
        root = tmp_path / "pictures"
        for number, path in enumerate(paths):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            colour = (number % 256, number // 256, 7)
            (root / path).write_bytes(encode(Image.new("RGB", (3, 2), colour)))
        return root

    return filled
