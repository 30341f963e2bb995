"""The inks of the objects: eight hues of equal lightness and equal chroma, and the grey of that lightness."""

import numpy as np

LIGHTNESS = 70.0
CHROMA = 40.0
FIRST_ANGLE = 15.0
MIDDLE_GREY = 128.0
DARK = 0.5
"""The dark ink of a texture over its bright one, in code values: their mean is the grey of the background."""

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)  # sRGB, IEC 61966-2-1


def lch_to_srgb(lightness: float, chroma: float, angle: float) -> np.ndarray:
    """Code values 0..255 (3,), not rounded, of a colour in CIE LCh(ab) under D65; `angle` in degrees.

    With f = (L + 16) / 116: XYZ / white = g(f + a / 500), g(f), g(f - b / 200), where g(t) = t^3 above 6/29
    and 3 (6/29)^2 (t - 4/29) below (CIE 15:2004); then the sRGB matrix and transfer curve.

    >>> lch_to_srgb(70.0, 0.0, 0.0).round().tolist()
    [171.0, 171.0, 171.0]
    """
    f, turn = (lightness + 16.0) / 116.0, np.radians(angle)
    t = f + chroma * np.array([np.cos(turn) / 500.0, 0.0, -np.sin(turn) / 200.0])
    linear = np.where(t > 6 / 29, t**3, 3 * (6 / 29) ** 2 * (t - 4 / 29))
    light = np.linalg.solve(_TO_XYZ, linear * _TO_XYZ.sum(axis=1))
    low = light <= 0.0031308
    return 255.0 * np.where(low, 12.92 * light, 1.055 * np.where(low, 1.0, light) ** (1 / 2.4) - 0.055)


def inks(hues: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The bright ink of every hue, code values (3,): the last is grey, the others stand evenly on the circle.

    >>> inks(("red", "cyan", "grey"))["grey"].round().tolist()
    [171.0, 171.0, 171.0]
    """
    *coloured, grey = hues
    step = 360.0 / len(coloured)
    found = {
        name: lch_to_srgb(LIGHTNESS, CHROMA, FIRST_ANGLE + step * place)
        for place, name in enumerate(coloured)
    }
    return {**found, grey: lch_to_srgb(LIGHTNESS, 0.0, 0.0)}
