"""What can differ between two stimuli, and how a person names or restricts it."""

from collections.abc import Iterable, Mapping

from neurolupa.errors import UsageError

Value = str | float

FACTORS: Mapping[str, tuple[Value, ...]] = {
    "shape": ("circle", "square", "triangle", "star", "cross", "ring", "hexagon", "crescent"),
    "hue": ("red", "orange", "yellow", "green", "cyan", "blue", "violet", "magenta", "grey"),
    "texture": ("solid", "stripes", "checks", "dots", "noise"),
    "orientation": (0.0, 22.5, 45.0, 67.5, 90.0, 112.5, 135.0, 157.5),
    "frequency": (6.0, 8.0, 11.0, 14.0),
    "scale": ("small", "medium", "large"),
    "position": (
        "top-left", "top", "top-right", "left", "centre", "right", "bottom-left", "bottom", "bottom-right",
    ),
    "background": ("grey", "noise"),
}  # fmt: skip
OF_TEXTURE = ("orientation", "frequency")
"""The factors that a solid object does not have."""
PLAIN = "solid"


def spelled(value: Value) -> str:
    """A value as it is typed and shown.

    >>> spelled(22.5), spelled(6.0), spelled("circle")
    ('22.5', '6', 'circle')
    """
    return value if isinstance(value, str) else f"{value:g}"


def listed(given: object) -> tuple[str, ...]:
    """The names in a text with commas, in a list, or in a single number.

    >>> listed("circle, star"), listed([0, 22.5])
    (('circle', 'star'), ('0', '22.5'))
    """
    parts = given.split(",") if isinstance(given, str) else given if isinstance(given, Iterable) else [given]
    return tuple(spelled(part) if isinstance(part, float) else str(part).strip() for part in parts)


def chosen(factor: str, given: object = None) -> tuple[Value, ...]:
    """The values of a factor that are wanted, in the factor's own order; all of them where `given` is None.

    UsageError for a value that the factor does not have.

    >>> chosen("shape", "star,circle")
    ('circle', 'star')
    >>> chosen("orientation", "45.0,90")
    (45.0, 90.0)
    """
    if given is None:
        return FACTORS[factor]
    names = {spelled(value): value for value in FACTORS[factor]}
    wanted = [_canonical(name) for name in listed(given)]
    for name in wanted:
        if name not in names:
            raise UsageError(f"unknown {factor} {name!r}; choose from: {', '.join(names)}")
    if not wanted:
        raise UsageError(f"{factor} needs at least one of {', '.join(names)}")
    return tuple(value for name, value in names.items() if name in wanted)


def checked_factor(name: object) -> str:
    """The name of a factor, else UsageError.

    >>> checked_factor("hue")
    'hue'
    """
    if str(name) not in FACTORS:
        raise UsageError(f"unknown factor {str(name)!r}; choose from: {', '.join(sorted(FACTORS))}")
    return str(name)


def _canonical(name: str) -> str:
    try:
        return f"{float(name):g}"
    except ValueError:
        return name
