"""Pictures as the browser gets them: PNG, packed once and kept, as packing takes longer than painting."""

from collections import OrderedDict
from hashlib import blake2b
from io import BytesIO
from threading import Lock

from PIL import Image

MOST_PICTURES = 256
_QUICKLY = 2
"""How hard zlib tries: 6, the usual, takes four times as long for pictures a tenth smaller."""


class Packer:
    """The last pictures as PNG, by what is in them; all sessions may share one.

    `st.cache_resource` would need as long to look a small picture up as it takes to paint it.

    >>> packer = Packer(most=1)
    >>> packer.png(Image.new("L", (2, 2)))[1:4], len(packer)
    (b'PNG', 1)
    """

    def __init__(self, most: int = MOST_PICTURES) -> None:
        self._most, self._kept, self._lock = most, OrderedDict[bytes, bytes](), Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def png(self, picture: Image.Image) -> bytes:
        """The picture as PNG in RGB."""
        shown = picture if picture.mode == "RGB" else picture.convert("RGB")
        key = blake2b(shown.tobytes(), digest_size=16, key=repr(shown.size).encode()).digest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        return self._keep(key, _packed(shown))

    def _keep(self, key: bytes, packed: bytes) -> bytes:
        with self._lock:
            self._kept[key] = packed
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return packed


def _packed(picture: Image.Image) -> bytes:
    written = BytesIO()
    picture.save(written, "PNG", compress_level=_QUICKLY)
    return written.getvalue()
