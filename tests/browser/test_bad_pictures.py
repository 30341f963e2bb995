"""Handed in and no picture, or an odd one: a sentence and the last analysis, or the picture itself."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.browser.conftest import Visit

from neurolupa.locales import text

MEGABYTE = 2**20


def packed(picture: Image.Image, form: str, **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8))


def frames() -> bytes:
    colours = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    return packed(colours[0], "GIF", save_all=True, append_images=colours[1:])


def deep() -> bytes:
    return packed(Image.fromarray(np.arange(4800, dtype=np.uint16).reshape(60, 80) * 13), "PNG")


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "no picture": ("notes.png", lambda: b"a few words, and no picture at all", "not_an_image"),
    "cut off": ("half.jpg", lambda: packed(noise(), "JPEG")[:900], "truncated"),
    "nothing": ("empty.png", lambda: b"", "empty_file"),
    "a bomb": ("wide.png", lambda: packed(Image.new("1", (20_000, 20_000)), "PNG"), "too_large_x_pixels"),
}
SHOWN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "animated": ("waving.gif", frames),
    "for print": ("print.jpg", lambda: packed(noise().convert("CMYK"), "JPEG")),
    "16 bits": ("deep.png", deep),
    "one pixel": ("dot.png", lambda: packed(Image.new("RGB", (1, 1), "red"), "PNG")),
}


def kept(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_one_sentence_and_the_last_analysis_stays(
    visit: Visit, tmp_path: Path, case: str
) -> None:
    name, make, reason = REFUSED[case]
    came = visit()
    before = came.headline.inner_text()
    came.hand_in(kept(tmp_path, name, make()))
    came.analyse()
    why = text(f"app.reason.{reason}", "en", numbers="20000 × 20000")  # noqa: RUF001 (it is a product)
    told = f"{text('app.failed.image_unreadable', 'en', reason=why)} {text('app.failed.kept', 'en')}"
    alerts = came.page.get_by_test_id("stMain").get_by_test_id("stAlert")
    expect(alerts.get_by_role("paragraph")).to_have_text([told])
    expect(came.headline_of(before)).to_be_visible()
    came.has_address(img="sample:cat")


@pytest.mark.parametrize("case", SHOWN)
def test_an_odd_picture_is_analysed(visit: Visit, tmp_path: Path, case: str) -> None:
    name, make = SHOWN[case]
    came = visit()
    came.hand_in(kept(tmp_path, name, make()))
    came.analyse()
    expect(came.headline).to_contain_text(name)
    expect(came.page.get_by_test_id("stMain").get_by_test_id("stAlert")).to_have_count(0)
    came.show_tab("overlay")


def test_a_file_of_40_megabytes_is_not_taken(visit: Visit, tmp_path: Path) -> None:
    came = visit()
    before = came.headline.inner_text()
    came.offer(kept(tmp_path, "huge.png", b"\x89PNG" + bytes(40 * MEGABYTE)))
    expect(came.keyed("upload.en")).to_contain_text("20.0MB")
    expect(came.headline_of(before)).to_be_visible()
    came.has_address(img="sample:cat")
