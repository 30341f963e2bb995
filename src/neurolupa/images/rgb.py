"""Any picture or array becomes 8-bit RGB by stated rules.

16-bit grey is divided by 257 and rounded, so that 65535 becomes 255; floats in 0..1 are multiplied by 255
and rounded; what is transparent shows white; CMYK and the like follow Pillow's own formulas, without colour
profiles.
"""

import numpy as np
from PIL import Image

from neurolupa.images.unreadable import UnreadableImage

_WHITE = (255, 255, 255, 255)
_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_rgb(image: Image.Image) -> Image.Image:
    """An RGB copy of a decoded Pillow picture, turned upright by its EXIF orientation.

    >>> to_rgb(Image.new("RGBA", (2, 1), (255, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    turn = _UPRIGHT.get(orientation(image))
    if turn is not None:
        image = image.transpose(turn)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return array_to_rgb(_sixteen_bit(np.asarray(image)) if image.mode == "I" else np.asarray(image))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, _WHITE), rgba)
    rgb = image.convert("RGB")
    rgb.info.clear()  # an orientation left behind would turn the upright picture again
    return rgb


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or the EXIF block is damaged.

    >>> orientation(Image.new("L", (1, 1)))
    1
    """
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a damaged EXIF block raises whatever its parser trips over; the picture is still good
        return 1


def array_to_rgb(array: np.ndarray) -> Image.Image:
    """An RGB picture of an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

    Booleans are black and white; integers are 0..255, of type uint16 0..65535; floats are 0..1. Other shapes
    or values raise UnreadableImage.

    >>> array_to_rgb(np.full((1, 1), 65535, dtype=np.uint16)).getpixel((0, 0))
    (255, 255, 255)
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)):
        raise UnreadableImage(f"an array of shape {array.shape}, not (H, W) or (H, W, 1 or 3 or 4)")
    if array.size == 0:
        raise UnreadableImage(f"empty: an array of shape {array.shape}")
    return to_rgb(Image.fromarray(np.ascontiguousarray(_eight_bit(array))))


def _eight_bit(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if array.dtype.kind in "iu":
        _require_range(array, 255)
        return array.astype(np.uint8)
    if array.dtype.kind == "f":
        _require_range(array, 1)
        return np.rint(array.astype(np.float64) * 255).astype(np.uint8)
    raise UnreadableImage(f"an array of type {array.dtype}")


def _sixteen_bit(array: np.ndarray) -> np.ndarray:
    """Pillow's 32-bit mode "I" as it comes out of 16-bit files."""
    _require_range(array, 65535)
    return array.astype(np.uint16)


def _require_range(array: np.ndarray, high: int) -> None:
    if not (array.min() >= 0 and array.max() <= high):  # NaN fails both comparisons
        raise UnreadableImage(f"{array.dtype} values outside 0..{high}")
