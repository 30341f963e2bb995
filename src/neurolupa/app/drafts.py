"""What the sidebar says now: a request that may not have been sent yet."""

from dataclasses import dataclass, replace

from neurolupa.app.link_values import numbers
from neurolupa.app.request import ImageKind, ImageRef, Request

_FIRST = Request()
_ALIKE = ("model", "point", "k", "by", "min_sparsity", "weight")
"""What a request calls the same."""
PRESETS = {"one_unit": (_FIRST.min_sparsity, _FIRST.weight), "no_background": (0.25, 0.35)}
"""Minimum sparsity and weight of activation, by the code of what they are for."""


@dataclass(frozen=True)
class Draft:
    """Every control of the sidebar; those of the kinds of pictures not chosen keep their values too."""

    model: str = _FIRST.model
    random: bool = False
    site: str = ""
    others: tuple[str, ...] = ()
    point: str | None = _FIRST.point
    k: int = _FIRST.k
    by: str = _FIRST.by
    min_sparsity: float = _FIRST.min_sparsity
    weight: float = _FIRST.weight
    chosen: str = ""
    kind: ImageKind = _FIRST.image.kind
    sample: str = _FIRST.image.value
    spec: str = "samples"
    index: int = 0
    digest: str = ""
    url: str = ""

    @classmethod
    def of(cls, request: Request) -> "Draft":
        """The sidebar as it stands when this request has been sent.

        >>> Draft.of(Request(k=3, image=ImageRef("set", "samples#2"))).request() == Request(
        ...     k=3, image=ImageRef("set", "samples#2")
        ... )
        True
        """
        draft = cls(
            random=request.weights == "random",
            site=next(iter(request.sites), ""),
            others=request.sites[1:],
            chosen=", ".join(map(str, request.chosen)),
            kind=request.image.kind,
            **{name: getattr(request, name) for name in _ALIKE},
        )
        return draft._showing(request.image)

    def _showing(self, image: ImageRef) -> "Draft":
        if image.kind == "set":
            spec, index = image.split()
            return replace(self, spec=spec, index=index)
        if image.kind == "upload":
            return replace(self, digest=image.value)
        return replace(self, url=image.value) if image.kind == "url" else replace(self, sample=image.value)

    def request(self) -> Request:
        """What the button would send; units that are no numbers count as none."""
        others = tuple(name for name in self.others if name != self.site)
        return Request(
            weights="random" if self.random else "default",
            sites=(self.site, *others) if self.site else others,
            chosen=self.units,
            image=self.image,
            **{name: getattr(self, name) for name in _ALIKE},
        )

    @property
    def units(self) -> tuple[int, ...]:
        """The units typed for the criterion `manual`."""
        try:
            return numbers(self.chosen)
        except ValueError:
            return ()

    @property
    def image(self) -> ImageRef:
        """The picture of the kind that is chosen."""
        value = {
            "sample": self.sample,
            "set": f"{self.spec.strip()}#{self.index}",
            "upload": self.digest,
            "url": self.url.strip(),
        }[self.kind]
        return ImageRef(self.kind, value)

    def preset(self, name: str) -> "Draft":
        """With the values of a preset.

        >>> Draft(by="max").preset("no_background").min_sparsity
        0.25
        """
        min_sparsity, weight = PRESETS[name]
        return replace(self, by="balanced", min_sparsity=min_sparsity, weight=weight)
