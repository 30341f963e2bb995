"""Small files with huge content are refused before they are unpacked; nothing is unpacked to disk."""

import io
import tarfile
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

import neurolupa as nl
from neurolupa.errors import DataError
from neurolupa.images import UnreadableImage, open_image
from neurolupa.models.checkpoint import read_checkpoint

MEGA = bytes(1_000_000)
FEW = 50_000_000
"""Bytes that refusing may take."""


def deflated(path, entries):
    """A ZIP archive; of each entry its beginning, and how many millions of zeros follow."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (start, millions) in entries.items():
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(start)
                for _ in range(millions):
                    file.write(MEGA)


def refused_in_little_memory(call, *arguments) -> str:
    tracemalloc.start()
    try:
        with pytest.raises(DataError) as caught:
            call(*arguments)
        assert tracemalloc.get_traced_memory()[1] < FEW
    finally:
        tracemalloc.stop()
    return str(caught.value)


def test_an_archive_of_pictures_that_unpacks_to_a_thousand_times_its_size(tmp_path):
    header = io.BytesIO()
    facts = {"descr": "|u1", "fortran_order": False, "shape": (300, 1000, 1000)}
    np.lib.format.write_array_header_1_0(header, facts)
    deflated(tmp_path / "set.npz", {"images.npy": (header.getvalue(), 300)})
    told = refused_in_little_memory(nl.load_images, f"npz:{tmp_path}/set.npz")
    assert "0.3 GB: a decompression bomb, not opened" in told


def test_weights_that_unpack_to_a_thousand_times_their_size(tmp_path):
    torch.save({"a": torch.zeros(4)}, tmp_path / "plain.pth")
    with zipfile.ZipFile(tmp_path / "plain.pth") as plain:
        entries = {name: (plain.read(name), 300 * name.endswith("data/0")) for name in plain.namelist()}
    deflated(tmp_path / "bomb.pth", entries)
    assert "a decompression bomb" in refused_in_little_memory(read_checkpoint, tmp_path / "bomb.pth")
    assert read_checkpoint(tmp_path / "plain.pth")["a"].shape == (4,)


def test_a_compressed_archive_of_honest_size_is_opened(tmp_path):
    np.savez_compressed(tmp_path / "set.npz", images=np.zeros((50, 64, 64), np.uint8))
    assert len(nl.load_images(f"npz:{tmp_path}/set.npz")) == 50


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "GIF"])
def test_a_picture_of_more_pixels_than_the_cap_is_not_decoded(kind):
    stream = io.BytesIO()
    options = {"compression": "tiff_adobe_deflate"} if kind == "TIFF" else {}
    Image.new("L", (12_000, 9_000)).resize((12_000, 9_000) if kind != "WEBP" else (9_000, 3_000)).save(
        stream, kind, **options
    )
    tracemalloc.start()
    with pytest.raises(UnreadableImage, match="too large: "):
        open_image(stream.getvalue(), max_pixels=20_000_000)
    assert tracemalloc.get_traced_memory()[1] < FEW
    tracemalloc.stop()


def test_a_text_in_a_picture_that_unpacks_without_end_is_refused():
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    stream = io.BytesIO()
    Image.new("L", (8, 8)).save(stream, "PNG")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(MEGA) for _ in range(300)) + packer.flush()
    plain = stream.getvalue()
    tracemalloc.start()
    with pytest.raises(UnreadableImage):
        open_image(plain[:33] + chunk(b"zTXt", b"a\0\0" + packed) + plain[33:])
    assert tracemalloc.get_traced_memory()[1] < FEW
    tracemalloc.stop()


def test_a_tar_with_ways_out_writes_nothing_and_reads_nothing_outside(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "cache"))
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "PNG")
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "secret.png")
    kinds = {
        "sym": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "pipe": tarfile.FIFOTYPE,
        "dev": tarfile.CHRTYPE,
    }
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name in ("../../out.png", "/tmp/out.png", "C:\\out.png", "inside.png"):
            member = tarfile.TarInfo(name)
            member.size = len(stream.getvalue())
            tar.addfile(member, io.BytesIO(stream.getvalue()))
        for name, kind in kinds.items():
            member = tarfile.TarInfo(f"{name}.png")
            member.type, member.linkname = kind, str(tmp_path / "secret.png")
            tar.addfile(member)
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    images = nl.load_images(f"shards:{tmp_path}/a.tar")
    assert [picture.image.getpixel((0, 0)) for picture in images] == [(255, 0, 0)] * 4
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before
