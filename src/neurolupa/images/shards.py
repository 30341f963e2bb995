"""`shards:DIR/part-{0000..0099}.tar`: images and labels in tar files, as WebDataset writes them.

Nothing is unpacked: an index on disk says where each image begins, and is mapped into memory, not read.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import IO, Any
from weakref import finalize

from neurolupa.errors import UsageError
from neurolupa.images.classes import complete_classes, read_names
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.sets import ImageSet
from neurolupa.images.shard_index import ShardIndex, index_of
from neurolupa.images.shard_paths import Shard, expanded, opened
from neurolupa.images.unreadable import UnreadableImage

_OPEN = 8  # shards at a time


@IMAGE_SETS.register("shards")
def open_shards(where: str, *, names: str | Sequence[str] | None = None, label: str = "") -> "ShardSet":
    """The images of one tar file, or of all that braces (`{0000..0099}`) or a glob name, in their order.

    Members of one sample share their name up to the first dot, and stand together; the first that is an image
    counts. Its label is the whole number or the name in `.cls`, else the field `label` (or that which `label`
    names) of `.json`. `names` gives the class names: a list, "cifar10", or a .txt or .json file. Paths may be
    those of any file system that fsspec knows, as s3://bucket/part-{000..099}.tar.
    """
    if not where:
        raise UsageError("shards needs tar files: shards:DIR/part-{0000..0099}.tar")
    shards = expanded(where)
    index = index_of(shards, label or "label")
    given = read_names(names) if names is not None else (index.names or None)
    return ShardSet(where, shards, index, complete_classes(index.labels, given, where), (names, label))


class ShardSet(ImageSet):
    """Encoded images in tar files; the id is "<shard>/000123"."""

    def __init__(
        self, where: str, shards: Sequence[Shard], index: ShardIndex, classes: tuple[str, ...], options: tuple
    ) -> None:
        super().__init__(shards[0].folder, f"shards:{where}", index.labels, classes, labelled_by="shards")
        self._where, self._options = where, options
        self._shards, self._index = tuple(shards), index
        self._files: OrderedDict[int, IO[bytes]] = OrderedDict()
        self._lock = threading.Lock()
        finalize(self, _close, self._files)

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process needs: it opens the files, and its own index, for itself."""
        return _again, (self._where, *self._options)

    def id_of(self, index: int) -> str:
        """The shard without its extension, and the image's place in it."""
        shard = self._index.shard_of(index)
        return f"{self._shards[shard].stem}/{index - int(self._index.starts[shard]):06d}"

    def source_of(self, index: int) -> bytes:
        """The encoded image."""
        shard = self._index.shard_of(index)
        offset, size = self._index.place_of(index)
        try:
            with self._lock:
                file = self._file(shard)
                file.seek(offset)
                data = file.read(size)
        except OSError as error:
            raise UnreadableImage(f"the shard cannot be read: {error.strerror or error}") from error
        if len(data) < size:
            raise UnreadableImage("the shard ends before the image does")
        return data

    def size_of(self, index: int) -> int:
        """The bytes of the encoded image."""
        return self._index.place_of(index)[1]

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """The shards and their bytes."""
        return tuple((shard.name, shard.size) for shard in self._shards)

    def _file(self, shard: int) -> IO[bytes]:
        """The open file of a shard; the one that was not read for the longest is closed for another."""
        if shard in self._files:
            self._files.move_to_end(shard)
            return self._files[shard]
        if len(self._files) >= _OPEN:
            self._files.popitem(last=False)[1].close()
        self._files[shard] = opened(self._shards[shard].path)
        return self._files[shard]


def _close(files: OrderedDict[int, IO[bytes]]) -> None:
    for file in files.values():
        file.close()


def _again(where: str, names: Any, label: str) -> ImageSet:
    return open_shards(where, names=names, label=label)
