"""`folder:DIR`: image files below a folder."""

from pathlib import Path

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images.labelling import RULES, read_table
from neurolupa.images.listing import list_images, missing, natural_key
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.sets import ImageSet


@IMAGE_SETS.register("folder")
def open_folder(where: str, *, labels: str = "auto", split: str = "") -> "FolderSet":
    """The images below the folder `where`, or below its sub-folder `split`, in natural order of their paths.

    `labels` picks the rule: auto, table, folders, names or none (see `neurolupa.images.labelling`).
    """
    if labels not in RULES:
        raise unknown("way of labelling", labels, RULES)
    root = Path(where).expanduser()
    if not where or not root.exists():
        raise missing("folder", root) if where else UsageError("folder needs a path: folder:DIR")
    if not root.is_dir():
        raise DataError(f"{where!r} is not a folder")
    if split and not (root / split).is_dir():
        raise unknown("split", split, [item.name for item in root.iterdir() if item.is_dir()])
    return FolderSet(where, root / split, labels, split)


class FolderSet(ImageSet):
    """Image files below a folder; the id is the path relative to it."""

    def __init__(self, where: str, root: Path, rule: str, split: str) -> None:
        self._root = root
        listed, left_out = list_images(root)
        tabled = read_table(root) if rule in ("auto", "table") else {}
        self._paths = sorted({*listed, *tabled}, key=natural_key)
        labelling = RULES[rule](root, self._paths)
        super().__init__(
            _shown(root.resolve().name),
            f"folder:{where}",
            labelling.labels,
            tuple(map(_shown, labelling.classes)),
            labelled_by=labelling.rule,
            split=split,
            left_out=left_out - bool(tabled),
        )

    def id_of(self, index: int) -> str:
        """The relative path; bytes that are no UTF-8 are shown escaped."""
        return _shown(self._paths[index])

    def source_of(self, index: int) -> Path:
        """The file."""
        return self._root / self._paths[index]

    def size_of(self, index: int) -> int | None:
        """Bytes of the file, None where it is missing."""
        try:
            return self.source_of(index).stat().st_size
        except OSError:
            return None


def _shown(name: str) -> str:
    """A name with bytes that are no UTF-8 escaped: no table could be written with them."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
