"""Which kept pictures belong together: those of one network, site, method and settings are a gallery."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import isfinite
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from neurolupa.synthesis.cache import PictureCache, key_of
from neurolupa.synthesis.optimising import Job
from neurolupa.synthesis.quality import Quality
from neurolupa.synthesis.result import FAILED, Synthesis, SynthesisSource

_OWN = ("mean", "peak", "rank", "of")
"""What a picture's quality says without an atlas and without other pictures."""


@dataclass(frozen=True)
class Kept:
    """One kept picture: what it is kept under, and what is known of it."""

    key: str
    target: str
    unit: int
    copy: int
    state: str
    quality: Quality = field(repr=False)


@dataclass(frozen=True)
class Gallery:
    """Kept pictures that belong together, by unit and copy.

    Attributes:
        source: Where they come from.
        pictures: Those that the cache still has.
    """

    source: SynthesisSource
    pictures: tuple[Kept, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def key(self) -> str:
        """A digest of the source."""
        told = json.dumps(self.source.to_dict(), sort_keys=True)
        return sha256(told.encode()).hexdigest()


def note_gallery(cache: PictureCache, job: Job, made: Synthesis) -> None:
    """Note which pictures of a cache the result of a job holds; with those that were noted before.

    Nothing is noted where nothing can be written, nor of pictures that the cache does not have.
    """
    keys = [key_of(job, index) for index in range(len(made))]
    new = [_kept(made, index, key) for index, key in enumerate(keys) if key is not None and cache.holds(key)]
    path = cache.notes / f"{Gallery(made.source, ()).key}.json"
    known = _read(cache, path)
    joined = {(one.target, one.copy): one for one in (*(known.pictures if known else ()), *new)}
    with suppress(OSError):
        if new:
            _write(path, Gallery(made.source, tuple(joined.values())))


def galleries(cache: PictureCache) -> list[Gallery]:
    """Every gallery of which the cache still has pictures, the latest first.

    >>> from tempfile import TemporaryDirectory
    >>> from neurolupa.synthesis import synthesize
    >>> with TemporaryDirectory() as folder:
    ...     cache = PictureCache(folder)
    ...     for units in ([2, 1], [5]):
    ...         made = synthesize("embedded", "conv1", units, steps=2, cache=cache)
    ...     (found,) = galleries(cache)
    ...     found.source.site, read_gallery(cache, found).units
    ('conv1', (1, 2, 5))
    """
    paths = sorted(cache.notes.glob("*.json"), key=_age, reverse=True)
    return [found for found in (_read(cache, path) for path in paths) if found is not None]


def read_gallery(cache: PictureCache, gallery: Gallery) -> Synthesis | None:
    """A gallery as the result of a synthesis; without damaged pictures, None where all of them are."""
    read = [(one, cache.read(one.key)) for one in gallery.pictures]
    found = [(one, outcome) for one, outcome in read if outcome is not None]
    if not found:
        return None
    kept, outcomes = zip(*found, strict=True)
    return Synthesis(
        np.concatenate([one.pictures for one in outcomes]),
        tuple(one.target for one in kept),
        tuple(one.unit for one in kept),
        tuple(one.copy for one in kept),
        np.concatenate([one.values for one in outcomes]),
        np.concatenate([one.curves for one in outcomes]),
        outcomes[0].steps,
        tuple(one.state for one in kept),
        tuple(one.quality for one in kept),
        gallery.source,
        False,
        tuple(one.seconds for one in outcomes),
    )


def _kept(made: Synthesis, index: int, key: str) -> Kept:
    quality = made.quality[index]
    own = Quality(**{name: getattr(quality, name) for name in _OWN})
    return Kept(key, made.targets[index], made.units[index], made.copies[index], made.states[index], own)


def _read(cache: PictureCache, path: Path) -> Gallery | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        sizes = {name: tuple(told["source"][name]) for name in ("size", "view")}
        source = SynthesisSource(**{**told["source"], **sizes})
        pictures = [Kept(**{**one, "quality": Quality(**one["quality"])}) for one in told["pictures"]]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    there = tuple(_sorted(one for one in pictures if one.state != FAILED and cache.holds(one.key)))
    return Gallery(source, there) if there else None


def _sorted(pictures: Iterator[Kept]) -> Sequence[Kept]:
    return sorted(pictures, key=lambda one: (one.unit, one.target, one.copy))


def _write(path: Path, gallery: Gallery) -> None:
    pictures = [{**asdict(one), "quality": _known(one.quality)} for one in gallery.pictures]
    told = json.dumps({"source": gallery.source.to_dict(), "pictures": pictures}, allow_nan=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
        part.write(told)
    Path(part.name).replace(path)


def _known(quality: Quality) -> dict[str, Any]:
    told = {name: getattr(quality, name) for name in _OWN}
    return {name: value for name, value in told.items() if value is not None and isfinite(value)}


def _age(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
