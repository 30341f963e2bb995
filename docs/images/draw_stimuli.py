"""Draws the contact sheet of docs/stimuli.md: `python docs/images/draw_stimuli.py`. It needs no data."""

from pathlib import Path

from PIL import Image

import neurolupa as nl

HERE = Path(__file__).parent
GAP = 3
HELD = "size=96&position=centre&scale=large&background=grey"
ROWS = (
    f"stimuli?target=shape&count=8&hue=blue&texture=solid&{HELD}",
    f"stimuli?target=hue&count=9&shape=circle&texture=solid&{HELD}",
    f"stimuli?target=orientation&count=8&shape=circle&texture=stripes&hue=grey&frequency=11&{HELD}",
    f"stimuli?target=frequency&count=4&shape=square&texture=stripes&hue=orange&orientation=45&{HELD}",
    f"stimuli?target=texture&count=5&shape=hexagon&hue=green&orientation=22.5&frequency=11&{HELD}",
    "stimuli?target=scale&count=3&size=96&shape=star&texture=solid&hue=magenta&position=centre&background=grey",
    "stimuli?target=position&count=9&size=96&shape=ring&hue=yellow&texture=checks&scale=small&background=noise",
    "stimuli?count=9&size=96&seed=3",
    "gratings?size=96&orientations=9&frequencies=1&phases=1&lowest=6&highest=6",
)


def row(spec: str) -> list[Image.Image]:
    """Its pictures, in the order of their labels."""
    images = nl.load_images(spec)
    order = sorted(range(len(images)), key=lambda index: int(images.labels[index]))
    return [images[index].image for index in order]


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """The pictures of every row side by side, on white."""
    side = rows[0][0].width + GAP
    found = Image.new("RGB", (max(map(len, rows)) * side - GAP, len(rows) * side - GAP), "white")
    for down, pictures in enumerate(rows):
        for across, picture in enumerate(pictures):
            found.paste(picture, (across * side, down * side))
    return found


if __name__ == "__main__":
    sheet([row(spec) for spec in ROWS]).save(HERE / "stimuli.png", optimize=True)
