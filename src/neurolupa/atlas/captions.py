"""The line under a figure that says what it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.atlas.manifest import Source


def caption(source: Source, lang: str) -> str:
    """Network, image set, the number of images, and of those that could not be read.

    >>> from neurolupa.atlas import Source
    >>> caption(Source("net", "", "photos", "", 1200, 2, "0"), "en")
    'net on photos · N = 1,200 images (2 skipped)'
    """
    key = "caption.one" if source.read == 1 else "caption"
    line = text(key, lang, model=source.model, images=source.images, read=whole(source.read, lang))
    if not source.skipped:
        return line
    return f"{line} ({text('caption.skipped', lang, skipped=whole(source.skipped, lang))})"
