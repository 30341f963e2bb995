"""The exemplars of one unit, as values."""

from dataclasses import asdict, dataclass

import pandas as pd

from neurolupa.atlas import Source

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Exemplar:
    """One picture that drives the unit high, in the middle or low, and where in it.

    Attributes:
        band: "top", "middle" or "bottom".
        rank: in its band, 0 first.
        image: its index in the image set.
        id: its path or name there.
        label: its class; -1 where it has none.
        class_name: that class's name; None where it has none.
        value: the unit's value at the peak; in the bottom band of a site without a ReLU, at the lowest point.
        row: of the map, where that value lies.
        column: of the map.
        box: (x0, y0, x1, y1), what the unit sees from there, in pixels of the original; None where the site
            has no receptive field that could be worked out.
        seen: the same in pixels of the network's input.
    """

    band: str
    rank: int
    image: int
    id: str
    label: int
    class_name: str | None
    value: float
    row: int
    column: int
    box: Box | None
    seen: Box | None


@dataclass(frozen=True)
class Exemplars:
    """The exemplars of one unit, band after band, each from its most telling.

    Attributes:
        source: which network and images they come from.
        site: name of the site.
        unit: index of the unit.
        exemplars: all of them.
    """

    source: Source
    site: str
    unit: int
    exemplars: tuple[Exemplar, ...]

    def band(self, name: str) -> tuple[Exemplar, ...]:
        """Those of one band, by rank."""
        return tuple(each for each in self.exemplars if each.band == name)

    def to_frame(self) -> pd.DataFrame:
        """One row for each exemplar; boxes as four columns each, missing where there is no box."""
        rows = [{"site": self.site, "unit": self.unit, **_flat(each)} for each in self.exemplars]
        return pd.DataFrame(rows)


def _flat(exemplar: Exemplar) -> dict[str, object]:
    plain = asdict(exemplar)
    for name in ("box", "seen"):
        box = plain.pop(name) or (None,) * 4
        plain |= {f"{name}_{edge}": value for edge, value in zip(("x0", "y0", "x1", "y1"), box, strict=True)}
    return plain
