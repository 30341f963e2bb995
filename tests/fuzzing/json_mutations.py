"""Damage to JSON that stays JSON: keys gone, shuffled or renamed, values of other types and sizes."""

import json
from collections.abc import Sequence
from copy import deepcopy
from typing import Any
from zlib import crc32

from hypothesis import strategies as st

ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2**63, -(2**63), 10**400, 1e308, float("nan"), float("inf"), "", "x", "\ud800", "7",
    [], [[]], {}, {"x": 1},
)  # fmt: skip
"""One for each type that JSON has, and those that are hard to keep."""

Change = tuple[str, int, int]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["replace", "remove", "rename", "shuffle", "nest", "repeat"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=3,
)


def damaged_json(text: str, changes: Sequence[Change]) -> str:
    """The text of the changed value, NaN and infinity as Python writes them."""
    top = [json.loads(text)]
    for kind, place, number in changes:
        if places := list(_places(top)):
            _change(*places[place % len(places)], kind, number)
    return json.dumps(top[0]) if top else ""


def _places(value: Any) -> Any:
    """Every (container, key) below a value, itself not."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _change(holder: Any, key: Any, kind: str, number: int) -> None:
    if kind == "replace":
        holder[key] = deepcopy(ODD_VALUES[number % len(ODD_VALUES)])
    elif kind == "nest":
        holder[key] = [holder[key]] if number % 2 else {"value": holder[key]}
    elif kind == "remove":
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(number % (len(holder) + 1), deepcopy(holder[key]))
    elif kind == "shuffle":
        for name in sorted(holder, key=lambda name: crc32(f"{number} {name}".encode())):
            holder[name] = holder.pop(name)
    else:
        holder[f"{key}{number}"] = holder.pop(key) if kind == "rename" else deepcopy(holder[key])
