"""Population sparseness: how few of a site's units answer an image."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.atlas import Source
from neurolupa.atlas.checks import whole_number
from neurolupa.units.classes.codes import ClassCode, Floats
from neurolupa.units.classes.sparseness import hoyer, treves_rolls, vinje_gallant

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas

_Z = 1.959963984540054
_LEAST = 30
"""Images from which the interval of the mean is a normal one."""


@dataclass(frozen=True, eq=False)
class PopulationSparseness:
    """How few of the units of a site answer each sampled image.

    Attributes:
        source: which network and images.
        site: name of the site.
        units: how many units the sparseness is over.
        left_out: units without a finite value on every image; they enter nothing.
        images: (S,), indices of the sampled images, labelled or not.
        code: OK; NEGATIVE, some value is below zero, of which there are no shares; SILENT; SINGLE_UNIT;
            NO_VALUES.
        codes: (S,), of each image: OK, or SILENT where no unit answers it.
        treves_rolls: (S,), from 1/n (one unit alone) to 1; NaN where the code is not OK.
        vinje_gallant: (S,), from 0 to 1 (one unit alone).
        hoyer: (S,), from 0 to 1 (one unit alone).
        null_mean: the mean of `vinje_gallant` if each unit answered as often and as much as it does, but
            independently of the others: its values shuffled across the images.
        null_low: the least of these means over the shuffles.
        null_high: the greatest.
        shuffles: how many.
        seed: of the shuffling.
    """

    source: Source
    site: str
    units: int
    left_out: int
    images: NDArray[np.int64]
    code: ClassCode
    codes: tuple[ClassCode, ...]
    treves_rolls: Floats
    vinje_gallant: Floats
    hoyer: Floats
    null_mean: float
    null_low: float
    null_high: float
    shuffles: int
    seed: int

    @property
    def sampled(self) -> int:
        """How many images have a sparseness, and are behind the mean."""
        return int(np.isfinite(self.vinje_gallant).sum())

    @property
    def mean(self) -> float:
        """The mean over the images of the sparseness of Vinje and Gallant; NaN where none has one."""
        return float(np.nanmean(self.vinje_gallant)) if self.sampled else np.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of the mean, taking the images as drawn by chance (normal); NaN below 30 images."""
        if self.sampled < _LEAST:
            return (np.nan, np.nan)
        reach = _Z * float(np.nanstd(self.vinje_gallant, ddof=1)) / self.sampled**0.5
        return self.mean - reach, self.mean + reach

    def to_frame(self) -> "pd.DataFrame":
        """One row for each sampled image."""
        import pandas as pd

        return pd.DataFrame(
            {
                "image": self.images,
                "code": [code.value for code in self.codes],
                "treves_rolls": self.treves_rolls,
                "vinje_gallant": self.vinje_gallant,
                "hoyer": self.hoyer,
            }
        )


def population_sparseness(
    atlas: "Atlas", site: str, *, shuffles: int = 19, seed: int = 0
) -> PopulationSparseness:
    """How few of the units of a site answer each sampled image, by the means of their maps.

    A unit's answers are taken as they are: a strong unit counts for more than a weak one. Labels are not
    needed.

    Raises:
        UsageError: The site is not in the atlas, or a number is out of range.
        DataError: A file is damaged.

    >>> import tempfile
    >>> import neurolupa as nl
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atlas = nl.scan(nl.load_model("embedded"), "samples?limit=4", "relu", f"{folder}/atlas")
    ...     found = population_sparseness(atlas, "relu", shuffles=3)
    >>> found.sampled, found.code.value, bool(0 <= found.mean <= 1)
    (4, 'OK', True)
    """
    name = atlas.site(site)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    samples = atlas.samples(name)
    everything = np.asarray(samples.mean, np.float64)
    finite = np.isfinite(everything).all(0)
    answers = everything[:, finite]
    code = _code(answers)
    return PopulationSparseness(
        source=atlas.source,
        site=name,
        units=int(finite.sum()),
        left_out=int((~finite).sum()),
        images=np.asarray(samples.images),
        code=code,
        **_measured(answers, code),
        **_null(answers, code, shuffles, seed),
        shuffles=shuffles,
        seed=seed,
    )


def _code(answers: Floats) -> ClassCode:
    if not answers.size:
        return ClassCode.NO_VALUES
    if answers.shape[1] == 1:
        return ClassCode.SINGLE_UNIT
    if (answers < 0).any():
        return ClassCode.NEGATIVE
    return ClassCode.OK if answers.any() else ClassCode.SILENT


def _measured(answers: Floats, code: ClassCode) -> dict[str, Any]:
    if code != ClassCode.OK:
        unknown = np.full(len(answers), np.nan)
        return {"codes": (code,) * len(answers), **dict.fromkeys(_MEASURES, unknown)}
    silent = [ClassCode.OK if any_unit else ClassCode.SILENT for any_unit in np.any(answers, axis=1).tolist()]
    return {"codes": tuple(silent), **{name: measure(answers) for name, measure in _MEASURES.items()}}


def _null(answers: Floats, code: ClassCode, shuffles: int, seed: int) -> dict[str, Any]:
    """Mean, least and greatest of the mean sparseness when each unit's answers are shuffled by themselves."""
    if code != ClassCode.OK:
        return dict.fromkeys(("null_mean", "null_low", "null_high"), np.nan)
    rng = np.random.default_rng(seed)
    drawn = (rng.permuted(answers, axis=0) for _ in range(shuffles))
    found = [float(np.nanmean(vinje_gallant(each))) for each in drawn]
    return {"null_mean": float(np.mean(found)), "null_low": min(found), "null_high": max(found)}


_MEASURES = {"treves_rolls": treves_rolls, "vinje_gallant": vinje_gallant, "hoyer": hoyer}
