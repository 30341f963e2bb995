"""300 files of which 40 are broken in ten ways: exactly those are unreadable, each for its own reason."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from neurolupa.images import UnreadableImage, load_images

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")


def header_of_a_bomb() -> bytes:
    body = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(body)) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))
    end = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + chunk + end


def break_files(root: Path, encode, noise) -> dict[str, str]:
    """Ten ways, four files each; the reason expected of each file."""
    png, jpeg = encode(noise), encode(noise, "JPEG")
    damaged = png[: len(png) // 2] + bytes(64) + png[len(png) // 2 + 64 :]
    nonsense = np.array([[np.nan]], dtype=np.float32)
    contents = {
        "cut png": (png[: len(png) // 2], "truncated"),
        "cut jpeg": (jpeg[: len(jpeg) // 2], "truncated"),
        "cut header": (jpeg[:40], "truncated"),
        "empty": (b"", "empty file"),
        "text": (b"<html>404 not found</html>", "not an image"),
        "zeros": (bytes(5000), "not an image"),
        "damaged": (damaged, "damaged"),
        "bomb": (header_of_a_bomb(), "too large: 30000 x 30000 pixels"),
        "nan": (encode(nonsense, "TIFF"), "float32 values outside 0..1"),
    }
    reasons = {}
    for place, (way, (data, reason)) in enumerate(contents.items()):
        for number in range(4):
            name = f"{place + 10 * number:03d} {way}.jpg"
            (root / name).write_bytes(data)
            reasons[name] = reason
    for number in range(4):
        name = f"{9 + 10 * number:03d} dangling.jpg"
        (root / name).symlink_to(root / "nothing")
        reasons[name] = "file not found"
    return reasons


@pytest.fixture
def broken(tmp_path, encode, noise) -> tuple[Path, dict[str, str]]:
    for number in range(260):
        kind = FORMATS[number % len(FORMATS)]
        (tmp_path / f"good {number:03d}.{kind.lower()}").write_bytes(encode(noise[:8, :8], kind))
    for path in sorted(tmp_path.iterdir())[:20]:  # some lie about their format
        path.rename(tmp_path / f"{path.name}.jpg")
    return tmp_path, break_files(tmp_path, encode, noise)


def test_exactly_the_broken_ones_are_unreadable(broken):
    root, expected = broken
    images = load_images(f"folder:{root}?labels=none")
    assert (len(images), len(expected), len(set(expected.values()))) == (300, 40, 7)

    def read(index: int) -> tuple[str, str]:
        try:
            picture = images[index]
        except UnreadableImage as error:
            return str(error).removesuffix(f": {error.reason}"), error.reason
        assert (picture.image.mode, picture.image.size, picture.index) == ("RGB", (8, 8), index)
        return picture.id, ""

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(len(images))))
    assert {name: reason for name, reason in found if reason} == expected
    assert len({name for name, reason in found if not reason}) == 260


def test_the_digest_of_a_set_with_broken_files(broken):
    root, _ = broken
    images = load_images(root)
    assert images.digest() == load_images(root).digest()
    assert images.digest(verify=True) == load_images(root).digest(verify=True)
    assert images.info().total == 300
