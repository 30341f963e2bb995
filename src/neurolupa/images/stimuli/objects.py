"""`stimuli`: one object on a ground, with eight known factors."""

from collections.abc import Mapping
from math import prod

from neurolupa.errors import UsageError
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.stimuli.designs import balanced
from neurolupa.images.stimuli.factors import (
    FACTORS,
    OF_TEXTURE,
    PLAIN,
    Value,
    checked_factor,
    chosen,
    listed,
    spelled,
)
from neurolupa.images.stimuli.numbers import MOST, checked_choice, no_path, whole
from neurolupa.images.stimuli.sets import StimulusSet

_COUNT = 2000
_SMALLEST, _LARGEST = 32, 4096


@IMAGE_SETS.register("stimuli")
def open_stimuli(
    where: str = "",
    *,
    target: str = "shape",
    size: int | str = 64,
    count: int | str | None = None,
    seed: int | str = 0,
    design: str = "balanced",
    cross: object = None,
    shape: object = None,
    hue: object = None,
    texture: object = None,
    orientation: object = None,
    frequency: object = None,
    scale: object = None,
    position: object = None,
    background: object = None,
    sample_seed: int | str = 0,
) -> StimulusSet:
    """Objects of known shape, hue, texture, orientation, frequency, scale, position and background.

    `target` is the factor that labels them, `size` the side in pixels. With `design=balanced` every value of
    the target is equally frequent (`count`: 2000); `design=crossed` with `cross=shape,hue` gives all
    combinations (`count`: one of each). The other factors are balanced and independent of these. A factor is
    held or restricted by its name: `shape=circle,star&hue=red`. UsageError for unknown names and senseless
    numbers.

    >>> open_stimuli(target="hue", count=18, hue="red,blue").info().per_class
    {'red': 9, 'blue': 9}
    """
    no_path("stimuli", where)
    wanted = (shape, hue, texture, orientation, frequency, scale, position, background)
    given = dict(zip(FACTORS, wanted, strict=True))
    crossing = _crossing(checked_factor(target), str(design), cross)
    values = _values(given, {*crossing, str(target)})
    side = whole("size", size, _SMALLEST, _LARGEST)
    number = whole("seed", seed, 0)
    pictures = _count(count, [len(values[name]) for name in crossing], str(design))
    from neurolupa.images.stimuli.painting import ObjectPainter

    laid_out = balanced(values, crossing, pictures, number)
    return StimulusSet(
        "stimuli",
        laid_out,
        str(target),
        ObjectPainter(laid_out, side, number),
        settings=f"stimuli size {side} seed {number} crossing {','.join(crossing)} {_shown(values)}",
        sample_seed=whole("sample_seed", sample_seed, 0),
    )


def _crossing(target: str, design: str, cross: object) -> tuple[str, ...]:
    checked_choice("design", design, ("balanced", "crossed"))
    if design == "balanced":
        if cross is not None:
            raise UsageError("cross goes with design=crossed")
        return (target,)
    if cross is None:
        raise UsageError("design=crossed needs the factors to cross, such as cross=shape,hue")
    names = [checked_factor(name) for name in listed(cross)]
    return tuple(name for name in FACTORS if name in names)


def _values(given: Mapping[str, object], needed: set[str]) -> dict[str, tuple[Value, ...]]:
    """The values of every factor; without solid ones where each picture needs an orientation or frequency."""
    values = {factor: chosen(factor, given[factor]) for factor in FACTORS}
    shown = [factor for factor in OF_TEXTURE if factor in needed]
    if shown and PLAIN in values["texture"]:
        if given["texture"] is not None:
            others = ", ".join(map(spelled, FACTORS["texture"][1:]))
            raise UsageError(f"a solid object has no {shown[0]}; choose texture from {others}")
        values["texture"] = FACTORS["texture"][1:]
    return values


def _count(count: object, sizes: list[int], design: str) -> int:
    cells = prod(sizes)
    found = whole("count", (cells if design == "crossed" else _COUNT) if count is None else count, 1, MOST)
    if design == "crossed" and found < cells:
        raise UsageError(f"count={found} is less than the {cells} combinations of one full crossing")
    return found


def _shown(values: Mapping[str, tuple[Value, ...]]) -> str:
    return " ".join(f"{name}={','.join(map(spelled, each))}" for name, each in values.items())
