"""Where an analysis came from: the network, the site, the picture, the settings, the versions."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

from neurolupa import __version__
from neurolupa.capture import Link, Site
from neurolupa.inspection.seen import Opened
from neurolupa.models import Model

_SHORT = 12
_LIBRARIES = ("torch", "torchvision", "numpy", "pillow")


@dataclass(frozen=True)
class Provenance:
    """What one must know to get the same analysis again.

    Attributes:
        model: The network's name.
        spec: What was asked for to load it.
        weights_digest: SHA-256 of its tensors.
        asked: The site that was asked for, as typed.
        site: Address of the site that was measured; "" where the whole network was asked.
        point: The capture point asked for; None where the site itself was meant.
        link: How the site hangs together with what was asked for: own or after_add; None without a point.
        image: Id of the picture: its file name, its id in the set, its address, or its digest's beginning.
        image_digest: SHA-256 of its size and pixels.
        image_set: Name of the image set it came from.
        settings: The network's preprocessing, and the device.
        versions: Of neurolupa, Python and the libraries that the numbers go through.
    """

    model: str
    spec: str
    weights_digest: str
    asked: str
    site: str
    point: str | None
    link: str | None
    image: str
    image_digest: str
    image_set: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Provenance":
        """The inverse of `to_dict`.

        >>> one = Provenance("net", "net", "ab", "fc", "fc:0", None, None, "cat.jpg", "cd")
        >>> Provenance.from_dict(one.to_dict()) == one
        True
        """
        return cls(**fields)

    def one_line(self) -> str:
        """The most telling facts in one line of language-free words, for the foot of a figure.

        >>> one = Provenance("net", "net", "ab", "conv", "relu:0", "relu", "own", "cat.jpg", "cd")
        >>> one.one_line()
        'net weights=ab site=relu:0 point=conv@relu(own) image=cat.jpg sha256=cd'
        """
        parts = [self.model, f"weights={self.weights_digest[:_SHORT]}"]
        if self.site:
            parts.append(f"site={self.site}")
        if self.point is not None:
            parts.append(f"point={self.asked}@{self.point}({self.link})")
        parts += [f"image={self.image}", f"sha256={self.image_digest[:_SHORT]}"]
        if "neurolupa" in self.versions:
            parts.append(f"neurolupa={self.versions['neurolupa']}")
        return " ".join(parts)


def provenance_of(
    model: Model, asked: str, site: Site | None, link: Link | None, opened: Opened
) -> Provenance:
    """The provenance of one site of one picture, or of the whole network for None."""
    facts = model.to_dict()
    return Provenance(
        model=model.name,
        spec=facts["spec"],
        weights_digest=model.weights_digest,
        asked=asked,
        site="" if site is None else site.address,
        point=None if link is None else link.point,
        link=None if link is None else link.kind,
        image=opened.id,
        image_digest=opened.digest,
        image_set=opened.image_set,
        settings={"preprocessing": facts["preprocessing"], "device": str(model.device)},
        versions=dict(_versions()),
    )


@cache
def _versions() -> dict[str, str]:
    found = {name: version(name) for name in _LIBRARIES}
    return {"neurolupa": __version__, "python": platform.python_version(), **found}
