"""Which parts of one picture, and which units, a network's logit rests on, by one method."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.attribution.codes import MapCode
from neurolupa.attribution.methods.method import UnitParts
from neurolupa.attribution.settings import Settings
from neurolupa.capture import Site
from neurolupa.inspection.provenance import Provenance
from neurolupa.inspection.regions import upsampled
from neurolupa.inspection.seen import SeenPicture

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.models import Prediction


@dataclass(frozen=True, eq=False, repr=False)
class Attribution:
    """One map of one picture for one network class.

    Attributes:
        method: Its name in the registry of methods.
        site: Where it was taken; None for methods of pixels.
        target: The network class that is explained, with its logit and probability on the whole picture.
        prediction: The network's five strongest classes.
        true_label: The picture's class in its image set.
        picture: The picture, and what the network saw of it.
        map: (H, W) float32: at the site's resolution for Grad-CAM's kind, at that of `picture.seen` for
            methods of pixels. In units of the logit and of what the method multiplies it with.
        signed: Whether values below zero speak against the class.
        units: What each unit of the site has to do with the class; None for methods of pixels.
        facts: Numbers beside the map, by name, as `delta` of integrated gradients.
        codes: What must be known to read the map.
        settings: Of the method.
        provenance: Where all of it came from.
    """

    method: str
    site: Site | None
    target: "Prediction"
    prediction: tuple["Prediction", ...]
    true_label: str | None
    picture: SeenPicture
    map: NDArray[np.float32]
    signed: bool
    units: UnitParts | None
    facts: Mapping[str, float] = field(default_factory=dict)
    codes: tuple[MapCode, ...] = ()
    settings: Settings = field(default_factory=Settings)
    provenance: Provenance = field(kw_only=True)

    def __repr__(self) -> str:
        where = f" at {self.site.address}" if self.site else ""
        named = self.target.name or f"class {self.target.class_id}"
        size = " x ".join(map(str, self.map.shape))
        return f"<Attribution of {named} by {self.method}{where} of {self.provenance.model}: {size}>"

    @property
    def overlay(self) -> NDArray[np.float32]:
        """The map (h, w) at the resolution of `picture.seen`, enlarged bilinearly, in its own units."""
        width, height = self.picture.seen.size
        return self.map if self.map.shape == (height, width) else upsampled(self.map, (height, width))

    @property
    def orders_pixels(self) -> bool:
        """Whether the map has numbers that differ; without, deletion and sanity have nothing to go by."""
        return bool(np.isfinite(self.map).all() and np.ptp(self.map) > 0)

    def to_frame(self) -> "pd.DataFrame":
        """One row for each unit of the site, the largest contribution first; no rows for methods of pixels.

        Columns: unit, activation (mean), weight (mean gradient), contribution (gradient times activation,
        summed), share (of the sum of all absolute contributions).
        """
        import pandas as pd

        names = ("activation", "weight", "contribution")
        found = {name: [] if self.units is None else getattr(self.units, name) for name in names}
        table = pd.DataFrame({"unit": np.arange(len(found["weight"])), **found})
        whole = float(table["contribution"].abs().sum())
        table["share"] = table["contribution"] / whole if whole else 0.0
        return table.sort_values("contribution", ascending=False, kind="stable", ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the arrays and the pictures, ready for JSON."""
        from neurolupa.attribution.storing import facts_of

        return facts_of(self)

    def save(self, folder: str | os.PathLike) -> None:
        """Write it into a folder that `load` reads; see `storing.save`."""
        from neurolupa.attribution.storing import save

        save(self, folder)

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Attribution":
        """What `save` wrote; see `storing.load`."""
        from neurolupa.attribution.storing import load

        return load(folder)
