"""Sites: one call of a layer or of a functional operation, and where it hangs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import Any, Literal

from neurolupa.capture.fields import ReceptiveField

LinkKind = Literal["own", "after_add", "none"]
POINTS = ("conv", "norm", "relu")


@dataclass(frozen=True)
class Site:
    """One call of a layer (`op` is "") or of a functional operation in the forward pass.

    `shape` is the output's without the batch axis; `channel_axis` is the axis of the units in the full
    (N, ...) shape; `order` is the place in the forward pass, by the moment the value is there. `rectified`
    says that exact zeros mean silence: a rectifier made the value and nothing but pooling and reshaping
    followed. `receptive_field` is None where it is not known.

    >>> site = Site(layer="layer1.0.relu", call=1, calls=2, type="ReLU", kind="relu", shape=(64, 8, 8))
    >>> site.address, site.name, site.units, site.height, site.width
    ('layer1.0.relu:1', 'layer1.0.relu', 64, 8, 8)
    """

    layer: str
    op: str = ""
    call: int = 0
    calls: int = 1
    type: str = ""
    kind: str = "other"
    order: int = 0
    shape: tuple[int, ...] = ()
    channel_axis: int = 1
    parameters: int = 0
    rectified: bool = False
    receptive_field: ReceptiveField | None = None

    @property
    def path(self) -> str:
        """The address without the call: `layer1.0.relu`, `layer1.0/relu`, `/relu`."""
        return f"{self.layer}/{self.op}" if self.op else self.layer

    @property
    def address(self) -> str:
        """The full address, the call always given: `layer1.0.relu:1`."""
        return f"{self.path}:{self.call}"

    @property
    def name(self) -> str:
        """The bare path for the last call, the address for the earlier ones."""
        return self.path if self.call == self.calls - 1 else self.address

    def facts(self) -> dict[str, Any]:
        """Which site this is, as the tables say it: site, address, order, type, kind.

        >>> Site("fc", type="Linear", kind="linear", shape=(10,)).facts()["address"]
        'fc:0'
        """
        return {
            "site": self.name,
            "address": self.address,
            "order": self.order,
            "type": self.type,
            "kind": self.kind,
        }

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Site":
        """The inverse of `to_dict`, also after JSON made lists of tuples.

        >>> site = Site("fc", shape=(10,), receptive_field=ReceptiveField((3, 3), (1, 1), (0, 0)))
        >>> Site.from_dict(site.to_dict()) == site
        True
        """
        field = fields["receptive_field"]
        values: dict[str, Any] = {"shape": tuple(fields["shape"]), "receptive_field": None}
        if field is not None:
            values["receptive_field"] = ReceptiveField(**{name: tuple(pair) for name, pair in field.items()})
        return cls(**(dict(fields) | values))

    @property
    def units(self) -> int:
        """The number of channels, or of features."""
        return self.shape[self.channel_axis - 1]

    @property
    def width(self) -> int:
        """Columns of a unit's map; 1 where a unit has one value."""
        return self._positions[-1] if self._positions else 1

    @property
    def height(self) -> int:
        """Rows of a unit's map; 1 for a row of tokens, so that units x height x width is every element."""
        return prod(self._positions[:-1])

    @property
    def _positions(self) -> tuple[int, ...]:
        return self.shape[: self.channel_axis - 1] + self.shape[self.channel_axis :]

    def box(self, row: int, column: int) -> tuple[int, int, int, int] | None:
        """The input pixels (x0, y0, x1, y1) that a position sees, ends excluded, unclipped, or None."""
        return None if self.receptive_field is None else self.receptive_field.box(row, column)


@dataclass(frozen=True)
class Link:
    """Where a capture point of a convolution is read.

    `own`: the site sees this convolution alone. `after_add`: it is shared through a residual sum.
    `none`: there is no such site and `site` is None.
    """

    site: Site | None
    point: str
    kind: LinkKind
