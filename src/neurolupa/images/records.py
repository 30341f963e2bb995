"""The values that an image set hands out."""

from dataclasses import dataclass
from html import escape

from PIL import Image

UNLABELLED = -1


@dataclass(frozen=True)
class Entry:
    """What is known of one image without decoding it.

    `size` is in bytes: of the file, or of the array; None where it is unknown before the image is read.
    """

    index: int
    id: str
    label: int
    size: int | None


@dataclass(frozen=True, eq=False)
class Picture:
    """One decoded image, upright and in RGB, with its place in the set.

    `label` is -1 and `class_name` None where the set has no label for it.
    """

    index: int
    id: str
    label: int
    image: Image.Image
    class_name: str | None


@dataclass(frozen=True)
class ImageSetInfo:
    """The card of an image set.

    `per_class` counts the images of every class that has any, in label order; a class name that stands for
    two labels is followed by its label. `sizes` are the distinct (width, height) of upright pictures found in
    `headers` headers spread over the set. `labelled_by` is a code: "folders", "table", "file names",
    "column", "array", "given" or "" (unlabelled). `left_out` counts files without the extension of an image.
    """

    name: str
    classes: tuple[str, ...]
    total: int
    per_class: dict[str, int]
    split: str
    sizes: tuple[tuple[int, int], ...]
    headers: int
    labelled_by: str
    left_out: int

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.name}: {self.total} images" + (f", split {self.split}" if self.split else ""),
                f"  classes: {self._classes_line()}",
                f"  sizes: {self._sizes_line()}",
                *([f"  left out: {self.left_out} files with other extensions"] if self.left_out else []),
            ]
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _classes_line(self) -> str:
        if not self.labelled_by:
            return "none (unlabelled)"
        shown = [f"{name} {count}" for name, count in list(self.per_class.items())[:10]]
        more = f", ... ({len(self.per_class)} with images)" if len(self.per_class) > len(shown) else ""
        return f"{', '.join(shown)}{more}; labels: {self.labelled_by}"

    def _sizes_line(self) -> str:
        if not self.sizes:
            return "unknown"
        low, high = min(self.sizes), max(self.sizes)
        span = f"{low[0]} x {low[1]}" + (f" to {high[0]} x {high[1]}" if low != high else "")
        return f"{span} (from {self.headers} headers)"
