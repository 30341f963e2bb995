"""Which picture formats are read, told by their first bytes."""

import re

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

FORMATS: dict[str, tuple[re.Pattern[bytes], type[ImageFile.ImageFile]]] = {
    "JPEG": (re.compile(rb"\xff\xd8\xff"), JpegImagePlugin.JpegImageFile),
    "PNG": (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImagePlugin.PngImageFile),
    "BMP": (re.compile(rb"BM"), BmpImagePlugin.BmpImageFile),
    "GIF": (re.compile(rb"GIF8[79]a"), GifImagePlugin.GifImageFile),
    "TIFF": (re.compile(rb"II[*+]\0|MM\0[*+]"), TiffImagePlugin.TiffImageFile),
    "WEBP": (re.compile(rb"RIFF....WEBP", re.DOTALL), WebPImagePlugin.WebPImageFile),
    "PPM": (re.compile(rb"P[1-6]\s"), PpmImagePlugin.PpmImageFile),
}
SIGNATURE_BYTES = 16


def format_of(start: bytes) -> str | None:
    """The name of the format that data with these first bytes has, None where it is no picture.

    >>> format_of(b"GIF89a"), format_of(b"<html>")
    ('GIF', None)
    """
    return next((name for name, (pattern, _) in FORMATS.items() if pattern.match(start)), None)
