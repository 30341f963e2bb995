"""Damage to bytes: what a disk, a transfer or a hand does, drawn by hypothesis and small when it shrinks."""

import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

from hypothesis import strategies as st

ODD_NUMBERS = (
    0,
    1,
    -1,
    2**7,
    2**8 - 1,
    2**15,
    2**16 - 1,
    2**31 - 1,
    -(2**31),
    2**32 - 1,
    2**63 - 1,
    -(2**63),
)
"""Swapped for whatever number stands in the bytes, cut to its width."""


@dataclass(frozen=True)
class Damage:
    """One change: its kind, where, and what it needs besides."""

    kind: str
    place: int
    length: int
    number: int
    patch: bytes


def _flip(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << how.number % 8)]) + data[at + 1 :]


def _insert(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    return data[:at] + how.patch + data[at:]


def _write(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    return data[:at] + how.patch + data[at + len(how.patch) :]


def _delete(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    return data[:at] + data[at + how.length :]


def _truncate(data: bytes, at: int, *_: object) -> bytes:
    return data[:at]


def _duplicate(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    return data[: at + how.length] + data[at:]


def _splice(data: bytes, at: int, how: Damage, other: bytes) -> bytes:
    """A piece of another file of the kind where the own piece was."""
    return data[:at] + other[at : at + how.length] + data[at + how.length :]


def _number(data: bytes, at: int, how: Damage, _: bytes) -> bytes:
    width = (1, 2, 4, 8)[how.length % 4]
    order = "<" if how.length % 3 else ">"
    value = ODD_NUMBERS[how.number % len(ODD_NUMBERS)] % 256**width
    packed = struct.pack(f"{order}Q", value)
    return data[:at] + (packed[:width] if order == "<" else packed[-width:]) + data[at + width :]


_KINDS: dict[str, Callable[[bytes, int, Damage, bytes], bytes]] = {
    "flip": _flip,
    "number": _number,
    "write": _write,
    "insert": _insert,
    "delete": _delete,
    "truncate": _truncate,
    "duplicate": _duplicate,
    "splice": _splice,
}

DAMAGES = st.lists(
    st.builds(
        Damage,
        st.sampled_from(list(_KINDS)),
        st.integers(0, 64) | st.integers(-256, -1) | st.integers(0, 2**20),
        st.integers(1, 64),
        st.integers(0, 255),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=4,
)
"""One to four changes: near the beginning, near the end, or anywhere."""


def damaged(data: bytes, changes: Sequence[Damage], other: bytes = b"") -> bytes:
    """The bytes after the changes; nothing is done to what is empty already."""
    for change in changes:
        if data:
            data = _KINDS[change.kind](data, change.place % len(data), change, other)
    return data


def damaged_inside(archive: bytes, member: int, changes: Sequence[Damage]) -> bytes:
    """A whole zip archive again, one of whose members is damaged: its checksums do not tell."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as held, zipfile.ZipFile(packed, "w") as written:
        names = held.namelist()
        for name in names:
            data = held.read(name)
            written.writestr(name, damaged(data, changes) if name == names[member % len(names)] else data)
    return packed.getvalue()
