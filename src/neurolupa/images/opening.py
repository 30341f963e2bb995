"""One image, opened safely: whatever is wrong with it, the answer is a picture or an UnreadableImage.

The format is told by the first bytes, never by the extension, and only those of `neurolupa.images.formats`
are tried. The size is checked in the header, before anything is decoded.
"""

import re
import stat
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin

from neurolupa.errors import UsageError
from neurolupa.images.addresses import WebAddress, is_url
from neurolupa.images.formats import FORMATS, SIGNATURE_BYTES, format_of
from neurolupa.images.remote import fetch_image
from neurolupa.images.rgb import array_to_rgb, orientation, to_rgb
from neurolupa.images.unreadable import UnreadableImage

MAX_PIXELS = 100_000_000
ImageSource = str | Path | bytes | BinaryIO | Image.Image | np.ndarray

_quiet_lock = threading.Lock()
_copy_lock = threading.Lock()


def open_image(source: ImageSource, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture in a path, bytes, binary stream, Pillow picture or array: upright, 8-bit RGB, a new object.

    Of animations and pages the first counts. The rules for other modes stand in `neurolupa.images.rgb`, those
    for a text that is an http(s) address in `neurolupa.images.remote`. Raises UnreadableImage where there is
    no picture or it has more than `max_pixels` pixels, UsageError for an address that is never fetched.

    >>> open_image(np.array([[0.0, 1.0]])).getpixel((1, 0))
    (255, 255, 255)
    >>> open_image(b"hello")
    Traceback (most recent call last):
        ...
    neurolupa.images.unreadable.UnreadableImage: not an image
    """
    _silence_pillow()
    with _naming(source), _faults():
        if isinstance(source, np.ndarray):
            return array_to_rgb(source)
        if isinstance(source, Image.Image):
            return to_rgb(_private_copy(source, max_pixels))
        with _stream(source) as stream:
            image = _header(stream)
            _check_pixels(image.size, max_pixels)
            image.load()
            return to_rgb(image)


def image_size(source: ImageSource) -> tuple[int, int]:
    """(width, height) of the upright picture, from its header alone; raises UnreadableImage.

    >>> image_size(np.zeros((2, 3), dtype=np.uint8))
    (3, 2)
    """
    _silence_pillow()
    with _naming(source), _faults():
        if isinstance(source, np.ndarray):
            return int(source.shape[1]), int(source.shape[0])
        if isinstance(source, Image.Image):
            return _upright_size(source)
        with _stream(source) as stream:
            return _upright_size(_header(stream))


def _upright_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    turned = orientation(image) >= 5 and not isinstance(image, TiffImagePlugin.TiffImageFile)  # turns itself
    return (height, width) if turned else (width, height)


def _private_copy(image: Image.Image, max_pixels: int) -> Image.Image:
    """A loaded copy; one at a time, because a lazily opened picture cannot be loaded by two threads."""
    _check_pixels(image.size, max_pixels)
    with _copy_lock:
        return image.copy()


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise UnreadableImage(f"too large: {size[0]} x {size[1]} pixels")


def _header(stream: BinaryIO) -> ImageFile.ImageFile:
    start = stream.read(SIGNATURE_BYTES)
    stream.seek(0)
    if not start:
        raise UnreadableImage("empty file")
    name = format_of(start)
    if name is None:
        raise UnreadableImage("not an image")
    return _parsed(FORMATS[name][1], stream)


def _parsed(plugin: type[ImageFile.ImageFile], stream: BinaryIO) -> ImageFile.ImageFile:
    # Image.open would call the plug-in too, but guesses at more formats and warns at a size of its own.
    try:
        return plugin(stream)
    except Image.DecompressionBombError:
        raise
    except Exception as error:
        raise UnreadableImage("truncated" if _cut_short(stream) else "damaged") from error


def _cut_short(stream: BinaryIO) -> bool:
    """Whether a header could not be read because the data ended."""
    at_end = not stream.read(1)
    stream.seek(0)
    start = stream.read(SIGNATURE_BYTES)
    if start.startswith(b"RIFF"):  # read as a whole, so that the position says nothing
        (declared,) = struct.unpack("<I", start[4:8])
        return stream.seek(0, 2) < declared + 8
    return at_end


@contextmanager
def _stream(source: str | Path | bytes | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, bytes | bytearray | memoryview):
        yield BytesIO(source)
    elif isinstance(source, str) and is_url(source):
        yield BytesIO(fetch_image(source))
    elif isinstance(source, str | Path):
        _require_regular(Path(source))
        with Path(source).open("rb") as file:
            yield file
    elif hasattr(source, "read"):
        yield BytesIO(source.read())
    else:
        raise UsageError(f"cannot open a {type(source).__name__} as an image")


def _require_regular(path: Path) -> None:
    """Refuse directories, and also pipes and devices, which would block or never end."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnreadableImage("a directory")
    if not stat.S_ISREG(mode):
        raise UnreadableImage("not a regular file")


@contextmanager
def _naming(source: object) -> Iterator[None]:
    """Put the file's name before the reason."""
    try:
        yield
    except UnreadableImage as error:
        if error.name or not isinstance(source, str | Path):
            raise
        name = WebAddress.parse(str(source)).shown if is_url(source) else Path(source).name
        raise UnreadableImage(error.reason, name) from error.__cause__


@contextmanager
def _faults() -> Iterator[None]:
    """Turn whatever the system and the decoders raise into UnreadableImage with a short reason."""
    try:
        yield
    except (UnreadableImage, UsageError):
        raise
    except Exception as error:  # decoders trip over damaged data in every way that Python knows
        raise UnreadableImage(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "file not found"
    if isinstance(error, PermissionError):
        return "no permission"
    if isinstance(error, MemoryError):
        return "too large for the memory"
    if isinstance(error, Image.DecompressionBombError):
        return "too large"
    if "truncated" in str(error).lower():
        return "truncated"
    return "damaged"


_PILLOW_WARNINGS = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


def _silence_pillow() -> None:
    """Ignore the warnings that Pillow's own modules give about odd metadata.

    `warnings.catch_warnings` swaps process-wide state and is not safe in a pool of threads, so the filter is
    narrow and stays.
    """
    if _PILLOW_WARNINGS in warnings.filters:
        return
    with _quiet_lock:
        warnings.filterwarnings("ignore", module=r"PIL\.")
