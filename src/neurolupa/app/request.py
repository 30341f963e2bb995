"""What a person asked for, as values: the part that needs the network, and the part that only shows."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from neurolupa.inspection import ImageAnalysis, Ranking
    from neurolupa.inspection.dossier import Dossier

ImageKind = Literal["sample", "set", "upload", "url"]
IMAGE_KINDS: tuple[ImageKind, ...] = ("sample", "set", "upload", "url")
TAB_KEYS = ("general", "overlay", "grid", "detail", "filters", "prediction")
"""The tabs of the analysis, in order; these words stand in links."""
VIEW_KEYS = ("layers", "idle", "values", "classes", "images", "picture", "alike", "evolution")
"""The views of the data set, in order; these words stand in links."""
PART_KEYS = ("pictures", "picture", "classes", "spatial", "tuning", "relations", "profile")
"""The views of a unit, in order; these words stand in links."""
GALLERY_KEYS = ("pictures", "make", "dream")
"""The tabs of the gallery, in order; these words stand in links."""
PROBING_KEYS = ("depth", "emergence", "confusion", "units", "table")
"""The tabs of the probes, in order; these words stand in links."""
COMPARE_KEYS = ("classes", "atlases")
"""What is compared, in order; these words stand in links."""
ORDERS = ("unit", "activation", "ratio", "stability", "class")
"""What synthetic pictures are ordered by; these words stand in links."""
WEIGHTS = ("default", "random")
MOST_UNITS = 24
MOST_SITES = 4
MOST_CLASSES = 8
"""That are compared at once."""


@dataclass(frozen=True)
class ImageRef:
    """Which picture: a sample's name, `SPEC#INDEX` of an image set, the digest of an upload, or an address.

    >>> ImageRef("set", "folder:photos?labels=none#12").split()
    ('folder:photos?labels=none', 12)
    """

    kind: ImageKind
    value: str

    def split(self) -> tuple[str, int]:
        """Spec and index of a picture of an image set; index 0 where none is given."""
        spec, _, index = self.value.rpartition("#")
        return (spec, int(index)) if spec and index.isdecimal() else (self.value, 0)


@dataclass(frozen=True)
class Request:
    """Everything that needs the network: what the button "Analyse activations" hands on.

    Attributes:
        model: What `load_model` takes.
        weights: "default" or "random".
        sites: The site that is analysed, then those that it is compared with; empty for a sensible one.
        point: Capture point: conv, norm or relu; None for the site itself.
        k: How many units, 1 to 24.
        by: A criterion of `neurolupa.inspection.CRITERIA`.
        min_sparsity: For `balanced`, 0 to 1.
        weight: For `balanced`, activation against selectivity, 0 to 1.
        chosen: The units of the criterion `manual`.
        image: The picture.
    """

    model: str = "embedded"
    weights: str = "default"
    sites: tuple[str, ...] = ()
    point: str | None = "relu"
    k: int = 6
    by: str = "balanced"
    min_sparsity: float = 0.15
    weight: float = 0.5
    chosen: tuple[int, ...] = ()
    image: ImageRef = field(default_factory=lambda: ImageRef("sample", "cat"))


@dataclass(frozen=True)
class Display:
    """How a result is shown: nothing here needs the network.

    Attributes:
        lang: "en" or "es".
        opacity: Of a map over the picture, 0 to 1.
        palette: A name of `neurolupa.figures.overlays.PALETTES`.
        shared_scale: One colour scale for all maps, against one a map.
        unit: The selected unit; None for the first of the ranking.
        tab: One of `TAB_KEYS`.
    """

    lang: str = "en"
    opacity: float = 0.5
    palette: str = "viridis"
    shared_scale: bool = True
    unit: int | None = None
    tab: str = TAB_KEYS[0]


@dataclass(frozen=True)
class DataView:
    """What is looked at of a data set.

    Attributes:
        site: The selected layer; None for the first one of the atlas.
        view: One of `VIEW_KEYS`.
        neuron: The selected unit of that layer; the last one where it has fewer.
        part: One of `PART_KEYS`.
        picture: The index of a picture of the set; None for the first one that was sampled.
    """

    site: str | None = None
    view: str = VIEW_KEYS[0]
    neuron: int = 0
    part: str = PART_KEYS[0]
    picture: int | None = None


@dataclass(frozen=True)
class GalleryView:
    """What is looked at in the gallery, and what its buttons would make.

    Attributes:
        tab: One of `GALLERY_KEYS`.
        order: One of `ORDERS`.
        model: What `load_model` takes.
        site: Where units are driven; None for a sensible one.
        units: Which, as typed: "0-5, 9".
        method: How pictures are made.
        steps: Of the optimisation; None for the method's.
        unit: The unit that a dream drives; None for the whole layer.
        octaves: Sizes at which a dream is dreamt.
        image: The picture that a dream begins with.
    """

    tab: str = GALLERY_KEYS[0]
    order: str = ORDERS[0]
    model: str = "embedded"
    site: str | None = None
    units: str = "0-5"
    method: str = "fourier"
    steps: int | None = None
    unit: int | None = None
    octaves: int = 4
    image: ImageRef = field(default_factory=lambda: ImageRef("sample", "cat"))


@dataclass(frozen=True)
class ProbingView:
    """What would be probed, and what of the probes is looked at.

    Attributes:
        tab: One of `PROBING_KEYS`.
        model: What `load_model` takes.
        images: What `load_images` takes.
        most: Pictures that are sampled where the set has more.
        concepts: Names of concepts of that set.
        sites: A selection of sites.
        pooling: From a map to features.
        controls: Whether controls are made too.
        concept: The one that is looked at; None for the first.
        site: The one that is looked at; None for that which tells the concept best.
    """

    tab: str = PROBING_KEYS[0]
    model: str = "embedded"
    images: str = "stimuli?size=32&count=1000"
    most: int = 2000
    concepts: tuple[str, ...] = ("shape", "hue", "texture")
    sites: tuple[str, ...] = ("kind:relu",)
    pooling: str = "mean"
    controls: bool = True
    concept: str | None = None
    site: str | None = None


@dataclass(frozen=True)
class CompareView:
    """What is compared; the layer is that of `DataView`.

    Attributes:
        tab: One of `COMPARE_KEYS`.
        classes: Names of classes of the atlas that is open; None for the first two.
    """

    tab: str = COMPARE_KEYS[0]
    classes: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """What one request led to; shared between sessions, so nobody changes it.

    Attributes:
        request: What was asked for: the result is shown with these settings, whatever the sidebar says now.
        analyses: Of the main site first, then of those that it is compared with.
        ranking: Of the main site's units.
        dossier: What the tabs show beyond the analysis, computed once.
    """

    request: Request
    analyses: tuple["ImageAnalysis", ...]
    ranking: "Ranking"
    dossier: "Dossier"

    @property
    def analysis(self) -> "ImageAnalysis":
        """The analysis of the main site."""
        return self.analyses[0]
