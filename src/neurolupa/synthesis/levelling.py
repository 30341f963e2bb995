"""`levels`: is a unit about simple properties of pictures, or about what is shown in them?"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from neurolupa import __version__
from neurolupa.atlas import Atlas
from neurolupa.atlas.arrays import unit_index
from neurolupa.atlas.checks import real_number, whole_number
from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.synthesis.explaining import Explained, explained
from neurolupa.units.tuning_curves import scanned_pictures

if TYPE_CHECKING:
    import pandas as pd

LOW_LEVEL, HIGH_LEVEL, MIXED, NEITHER = "LOW_LEVEL", "HIGH_LEVEL", "MIXED", "NEITHER"
LEVELS = (LOW_LEVEL, MIXED, HIGH_LEVEL, NEITHER)
CHANCE = 0.05
"""What p must be at most for a share to be more than chance."""

Value = Literal["mean", "max"]
VALUES = ("mean", "max")


@dataclass(frozen=True)
class LevelsSource:
    """Where levels come from, and by which rule.

    Attributes:
        model: the network's name.
        weights_digest: of its tensors.
        site: the site's name.
        stimuli: what the generated pictures are called: their whole text.
        stimuli_digest: of their ids and sizes.
        labelled: the name of the labelled image set.
        labelled_digest: of its ids and sizes.
        classes: how many of its classes are among the sampled pictures.
        value: what a unit's answer to a picture is: the mean of its map, or its highest value.
        least: share from which on something is said to be explained.
        times: how many times the other share one must be to stand for the unit's level.
        shuffles: of the nulls.
        seed: of the shuffling.
        versions: of neurolupa and NumPy.
    """

    model: str
    weights_digest: str
    site: str
    stimuli: str
    stimuli_digest: str
    labelled: str
    labelled_digest: str
    classes: int
    value: str
    least: float
    times: float
    shuffles: int
    seed: int
    versions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Levels:
    """The level of units of one site; row i of everything is `units[i]`.

    Attributes:
        units: which.
        codes: LOW_LEVEL, HIGH_LEVEL, MIXED or NEITHER.
        stimuli: the variance over generated pictures that goes with all of their factors.
        labels: the variance over labelled pictures that goes with their classes.
        factors: for each factor the variance that goes with it alone, over the pictures that it applies to.
        source: where they come from, and the rule.
    """

    units: tuple[int, ...]
    codes: tuple[str, ...]
    stimuli: Explained = field(repr=False)
    labels: Explained = field(repr=False)
    factors: Mapping[str, Explained] = field(repr=False)
    source: LevelsSource

    def __len__(self) -> int:
        return len(self.units)

    @property
    def counts(self) -> dict[str, int]:
        """How many units each level has."""
        return {code: self.codes.count(code) for code in LEVELS}

    @property
    def strongest(self) -> tuple[str | None, ...]:
        """For each unit the factor that explains most by itself; None where none is more than chance."""
        names = np.array([*self.factors, None], dtype=object)
        shares = np.stack([np.where(one.p <= CHANCE, one.share, -np.inf) for one in self.factors.values()])
        best = np.where(np.isfinite(shares.max(0)), shares.argmax(0), len(names) - 1)
        return tuple(names[best])

    def to_frame(self) -> "pd.DataFrame":
        """One row per unit: its level, both shares with interval, null, p and N, and each factor's share."""
        import pandas as pd

        rows: dict[str, Any] = {"unit": self.units, "level": self.codes}
        for name, one in (("stimuli", self.stimuli), ("labels", self.labels)):
            rows[name] = one.share
            rows |= {f"{name}_{what}": getattr(one, what) for what in ("low", "high", "null", "p")}
            rows[f"{name}_n"] = one.pictures
        rows["strongest"] = self.strongest
        for name, one in self.factors.items():
            rows |= {name: one.share, f"{name}_p": one.p, f"{name}_n": one.pictures}
        return pd.DataFrame(rows)


def levels(
    stimuli: Atlas,
    labelled: Atlas,
    site: str,
    units: int | Iterable[int] | None = None,
    *,
    value: Value = "mean",
    least: float = 0.1,
    times: float = 2.0,
    shuffles: int = 199,
    seed: int = 0,
) -> Levels:
    """Whether units answer simple properties of pictures or the classes of what is shown.

    Over generated pictures: how much of a unit's variance goes with their factors (shape, hue, texture,
    orientation, frequency, ...), all together. Over labelled pictures: how much goes with the class. Both
    without what chance gives (`Explained`). A share counts where it is at least `least` and p at most 0.05.
    The level is

    - NEITHER, where neither counts (a unit that is the same on all pictures too);
    - LOW_LEVEL, where the factors count and explain at least `times` as much as the classes;
    - HIGH_LEVEL, where the classes count and explain at least `times` as much as the factors;
    - MIXED else.

    Two shares of different pictures are compared: what is called low hangs on which stimuli and which classes
    were shown, which the source states.

    Args:
        stimuli: Atlas of generated pictures (`stimuli`, `gratings`, `hues`).
        labelled: Atlas of labelled pictures, of the same network.
        site: Any name that both atlases know.
        units: Which; None takes every unit of the site.
        value: A unit's answer to a picture: the "mean" of its map, or its "max".
        least: Share from which on something is explained.
        times: How many times the other share one must be.
        shuffles: For the nulls.
        seed: Of the shuffling.

    Raises:
        UsageError: Unknown site, unit or value, two networks, or an atlas of other pictures than generated.
        DataError: No labels, too few pictures, or stimuli of another version.

    >>> import neurolupa as nl
    >>> both = nl.open_atlas("atlas")  # of stimuli, labelled by their shapes
    >>> found = levels(both, both, "relu", [2, 3])
    >>> found.units, found.stimuli.pictures, found.source.classes
    ((2, 3), 64, 8)
    """
    rule = _rule(value, least, times)
    shuffles, seed = whole_number("shuffles", shuffles, 1), whole_number("seed", seed, 0)
    _check_same_network(stimuli, labelled)
    chosen = _units(stimuli, site, units)
    factors, shown = _factors(stimuli, site), _answers(stimuli, site, chosen, value)
    labels, seen = _labels(labelled, site), _answers(labelled, site, chosen, value)[_labelled(labelled, site)]
    together = explained(list(factors.values()), shown, shuffles, seed)
    by_class = explained([labels], seen, shuffles, seed)
    return Levels(
        chosen,
        codes_of(together, by_class, *rule),
        together,
        by_class,
        {name: _alone(each, shown, shuffles, seed) for name, each in factors.items()},
        _source(stimuli, labelled, site, len(set(labels)), (value, *rule, shuffles, seed)),
    )


def codes_of(stimuli: Explained, labels: Explained, least: float, times: float) -> tuple[str, ...]:
    """The level of every unit by the rule of `levels`."""
    low, high = (np.where(_counts(one, least), one.share, 0.0) for one in (stimuli, labels))
    conditions = [
        (low == 0) & (high == 0),
        (low > 0) & (low >= times * np.nan_to_num(labels.share)),
        (high > 0) & (high >= times * np.nan_to_num(stimuli.share)),
    ]
    return tuple(np.select(conditions, [NEITHER, LOW_LEVEL, HIGH_LEVEL], MIXED).tolist())


def _counts(one: Explained, least: float) -> NDArray[np.bool_]:
    return (one.share >= least) & (one.p <= CHANCE)


def _rule(value: str, least: float, times: float) -> tuple[float, float]:
    if value not in VALUES:
        raise unknown("value of a unit", value, VALUES)
    least, times = real_number("least", least), real_number("times", times)
    if not 0 < least < 1:
        raise UsageError(f"least lies between 0 and 1, not {least:g}")
    if not times > 1:
        raise UsageError(f"times is above 1, not {times:g}")
    return least, times


def _check_same_network(stimuli: Atlas, labelled: Atlas) -> None:
    one, other = stimuli.source, labelled.source
    if one.weights_digest != other.weights_digest:
        raise UsageError(f"the two atlases are of networks with other weights: {one.model} and {other.model}")


def _units(atlas: Atlas, site: str, units: int | Iterable[int] | None) -> tuple[int, ...]:
    name, count = atlas.site(site), atlas.samples(site).mean.shape[1]
    asked = range(count) if units is None else [units] if isinstance(units, int) else units
    chosen = tuple(unit_index(name, unit, count) for unit in asked)
    if not chosen:
        raise UsageError("no unit was given")
    return chosen


def _answers(atlas: Atlas, site: str, units: tuple[int, ...], value: str) -> NDArray[np.float64]:
    """(sampled pictures, units); NaN and infinity, which a broken network gives, are refused."""
    found = np.asarray(getattr(atlas.samples(site), value), np.float64)[:, list(units)]
    if not np.isfinite(found).all():
        raise DataError(f"{atlas.site(site)} has values in {atlas.folder.name} that are not finite")
    return found


def _factors(atlas: Atlas, site: str) -> dict[str, list[object]]:
    """What every sampled picture has of every factor that varies; None where a factor does not apply."""
    images = scanned_pictures(atlas)
    table = images.table().iloc[atlas.samples(site).images]
    columns = {name: table[name] for name in images.factors if table[name].nunique() > 1}
    if not columns:
        raise DataError(f"nothing varies in the pictures of {atlas.source.images}")
    return {
        name: [each if known else None for each, known in zip(column, column.notna(), strict=True)]
        for name, column in columns.items()
    }


def _alone(factor: list[object], answers: NDArray[np.float64], shuffles: int, seed: int) -> Explained:
    applies = np.array([value is not None for value in factor])
    return explained([[value for value in factor if value is not None]], answers[applies], shuffles, seed)


def _sampled_labels(atlas: Atlas, site: str) -> NDArray[np.int64]:
    table = atlas.images.set_index("image")["label"]
    return table.reindex(np.asarray(atlas.samples(site).images)).to_numpy(np.int64)


def _labelled(atlas: Atlas, site: str) -> NDArray[np.bool_]:
    return _sampled_labels(atlas, site) >= 0


def _labels(atlas: Atlas, site: str) -> list[int]:
    labels = _sampled_labels(atlas, site)
    known = labels[labels >= 0].tolist()
    if len(set(known)) < 2:
        raise DataError(
            f"{atlas.source.images} has {len(set(known))} classes among its pictures; two are needed"
        )
    return known


def _source(
    stimuli: Atlas, labelled: Atlas, site: str, classes: int, rule: tuple[str, float, float, int, int]
) -> LevelsSource:
    return LevelsSource(
        stimuli.source.model,
        stimuli.source.weights_digest,
        stimuli.site(site),
        str(stimuli.manifest["images"]["spec"]),
        stimuli.source.images_digest,
        labelled.source.images,
        labelled.source.images_digest,
        classes,
        *rule,
        {"neurolupa": __version__, "numpy": np.__version__},
    )
