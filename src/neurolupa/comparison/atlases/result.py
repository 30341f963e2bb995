"""What two atlases have in common and what they differ in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from neurolupa.atlas import Source
from neurolupa.comparison.atlases.changes import UnitChanges
from neurolupa.comparison.atlases.codes import NetworkCode, NoteCode, PictureCode
from neurolupa.comparison.atlases.dying import SilentUnits, silent_frame, silent_units_frame
from neurolupa.comparison.atlases.layers import ComparedLayer, layers_frame
from neurolupa.comparison.atlases.matches import UnitMatches
from neurolupa.comparison.atlases.similarity import CrossSimilarity
from neurolupa.errors import unknown

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class AtlasComparison:
    """Atlas B beside atlas A; every difference is B less A.

    Attributes:
        source_a: network and images of A.
        source_b: of B.
        network: whether it is one network, two of one shape, or two networks.
        pictures: whether the sets of images are the same.
        notes: what a reader must know.
        layers: the sites with the same name in both.
        only_a: names of the sites that only A has.
        only_b: that only B has.
        silent: dead, then dormant units of every site of either.
        changes: unit by unit, where unit i of A can be unit i of B; else none.
        similarity: CKA between the layers over the common pictures; None without any.
        matches: units matched by correlation, a pair of sites each; none without common pictures.
        of: "mean" or "max": what stands for a map on a picture.
        threshold: what a dead unit never passes.
        common: how many pictures both atlases sampled.
        images: how many of them are drawn for CKA and matching at most.
        shuffles: of the pictures, for the null of the matches.
        seed: of drawing, intervals and shuffles.
    """

    source_a: Source
    source_b: Source
    network: NetworkCode
    pictures: PictureCode
    notes: tuple[NoteCode, ...]
    layers: tuple[ComparedLayer, ...] = field(repr=False)
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    silent: tuple[SilentUnits, ...] = field(repr=False)
    changes: tuple[UnitChanges, ...] = field(repr=False)
    similarity: CrossSimilarity | None = field(repr=False)
    matches: tuple[UnitMatches, ...] = field(repr=False)
    of: str
    threshold: float
    common: int
    images: int
    shuffles: int
    seed: int

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of the sites that are in both."""
        return tuple(each.site for each in self.layers)

    def matched(self, site: str) -> UnitMatches:
        """The matches of a site of A; UsageError with the nearest for one that has none."""
        return _named(self.matches, site, "site_a", "matched site")

    def changed(self, site: str) -> UnitChanges:
        """The units of a site one by one; UsageError with the nearest for one that is not compared so."""
        return _named(self.changes, site, "site", "site with units compared one by one")

    def silent_of(self, kind: str = "dead") -> tuple[SilentUnits, ...]:
        """The sites with their "dead" or their "dormant" units."""
        kinds = {each.kind for each in self.silent}
        if kind not in kinds:
            raise unknown("kind of silent units", str(kind), kinds)
        return tuple(each for each in self.silent if each.kind == kind)

    def facts(self) -> dict[str, Any]:
        """Where the numbers come from, codes and settings, ready for JSON.

        >>> import neurolupa as nl
        >>> atlas = nl.open_atlas("atlas")
        >>> nl.compare(atlas, atlas, "relu", shuffles=0).facts()["network"]
        'SAME_WEIGHTS'
        """
        settings = ("only_a", "only_b", "of", "threshold", "common", "images", "shuffles", "seed")
        return {
            "source_a": self.source_a.to_dict(),
            "source_b": self.source_b.to_dict(),
            "network": self.network.value,
            "pictures": self.pictures.value,
            "notes": [code.value for code in self.notes],
            "sites": list(self.sites),
            **{name: getattr(self, name) for name in settings},
        }

    def to_frame(self) -> "pd.DataFrame":
        """A row for each site in both: mean, std, sparsity, active, dead and dormant in A and in B."""
        return layers_frame(self.layers)

    def silent_frame(self) -> "pd.DataFrame":
        """A row for each site and kind (dead, dormant): how many in A, in B, gained, lost and kept."""
        return silent_frame(self.silent)

    def silent_units_frame(self) -> "pd.DataFrame":
        """A row for each dead or dormant unit that B gained, lost or kept."""
        return silent_units_frame(self.silent)

    def units_frame(self) -> "pd.DataFrame":
        """A row for each unit that has the same site and number in both."""
        return _together([each.to_frame() for each in self.changes])

    def matches_frame(self) -> "pd.DataFrame":
        """A row for each pair of matched units."""
        return _together([each.to_frame() for each in self.matches])

    def matching_frame(self) -> "pd.DataFrame":
        """A row for each pair of sites whose units were matched."""
        import pandas as pd

        return pd.DataFrame([each.summary() for each in self.matches])

    def similarity_frame(self) -> "pd.DataFrame":
        """A row for each layer of A and each of B."""
        import pandas as pd

        return pd.DataFrame() if self.similarity is None else self.similarity.to_frame()


def _named(held: Sequence[Any], site: str, name: str, kind: str) -> Any:
    for each in held:
        if getattr(each, name) == site:
            return each
    raise unknown(kind, str(site), [getattr(each, name) for each in held])


def _together(frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd

    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
