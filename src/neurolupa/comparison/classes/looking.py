"""Pictures that look like another class to the network, by lines that were fitted without them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neurolupa.comparison.classes.codes import LEVEL, RELIABLE, Floats, LookCode
from neurolupa.units.classes import Null
from neurolupa.units.classes.intervals import wilson_interval
from neurolupa.units.classes.nulls import null_of

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
SHUFFLES = 19
MOST_AXES = 256
"""Of wider sites the pictures are first turned onto their principal axes, and so many are kept."""


@dataclass(frozen=True)
class Lookalike:
    """One picture that lies on the side of another class.

    Attributes:
        image: its index.
        id: its name in the image set.
        own: the class of its label.
        other: the class that it is nearest to.
        score: log odds of `other` against `own`, for classes that are equally frequent; above 0.
    """

    image: int
    id: str
    own: str
    other: str
    score: float


@dataclass(frozen=True, eq=False)
class Lookalikes:
    """How well a line through the units' values tells the classes apart, and what lies on the wrong side.

    Attributes:
        code: OK or CHANCE; or FEW_IMAGES or NO_UNITS, and the rest is empty or NaN.
        images: N, sampled images of all the classes.
        units: how many units the line is through.
        accuracy: share of the images on the side of their own class.
        low: lower end of its 95 % interval (Wilson), the lines taken as they are.
        high: upper end.
        recalls: the same for each class, in their order.
        null: of the accuracy, under shuffled labels; None without any.
        pictures: on the side of another class, the furthest first.
    """

    code: LookCode
    images: int
    units: int
    accuracy: float
    low: float
    high: float
    recalls: tuple[float, ...]
    null: Null | None
    pictures: tuple[Lookalike, ...] = field(repr=False)

    def of(self, own: str, other: str) -> tuple[Lookalike, ...]:
        """The pictures of one class that look like one other, the furthest first."""
        return tuple(each for each in self.pictures if (each.own, each.other) == (own, other))

    def to_frame(self) -> "pd.DataFrame":
        """One row for each picture: image, id, own, other, score."""
        import pandas as pd

        names = ("image", "id", "own", "other", "score")
        rows = [tuple(getattr(each, name) for name in names) for each in self.pictures]
        return pd.DataFrame(rows, columns=list(names))


def lookalikes(
    values: Floats,
    labels: NDArray[np.int64],
    images: NDArray[np.int64],
    ids: Sequence[str],
    names: Sequence[str],
    seed: int,
) -> Lookalikes:
    """The pictures that a linear discriminant puts on the side of another class.

    Fisher's discriminant with Ledoit and Wolf's shrinkage of each class's covariance (*A Well-Conditioned
    Estimator for Large-Dimensional Covariance Matrices*, J. Multivariate Analysis 88, 2004; scikit-learn's
    `LinearDiscriminantAnalysis`), all classes equally likely beforehand. A picture is judged by lines fitted
    to the other four fifths of the pictures.

    Args:
        values: (N, C) the units' means on each picture.
        labels: (N,) places in `names`.
        images: (N,) indices of the pictures.
        ids: their names.
        names: of the K classes.
        seed: of folds and shuffles.
    """
    usable = np.isfinite(values).all(0) & (np.ptp(values, axis=0) > 0) if len(values) else np.zeros(0, bool)
    counts = np.bincount(labels, minlength=len(names))
    if counts.min() < RELIABLE or not usable.any():
        few = LookCode.FEW_IMAGES if counts.min() < RELIABLE else LookCode.NO_UNITS
        return Lookalikes(few, len(labels), int(usable.sum()), np.nan, np.nan, np.nan, (), None, ())
    axes = _axes(values[:, usable], seed)
    scores = out_of_fold(axes, labels, seed)
    own = scores[np.arange(len(labels)), labels]
    right = scores.argmax(1) == labels
    low, high = wilson_interval(np.array(right.mean()), np.array(len(right)))
    recalls = tuple(float(right[labels == place].mean()) for place in range(len(names)))
    found = [
        Lookalike(int(images[row]), ids[row], names[labels[row]], names[scores[row].argmax()], gap)
        for row, gap in enumerate((scores.max(1) - own).tolist())
        if not right[row]
    ]
    null = _null(axes, labels, float(right.mean()), seed)
    code = LookCode.OK if null.p <= LEVEL else LookCode.CHANCE
    return Lookalikes(
        code, len(labels), int(usable.sum()), null.observed, float(low), float(high), recalls, null,
        tuple(sorted(found, key=_furthest)),
    )  # fmt: skip


def out_of_fold(values: Floats, labels: NDArray[np.int64], seed: int) -> Floats:
    """(N, K): the log odds of each class up to a number of each picture's own, by lines that never saw it."""
    from sklearn.covariance import LedoitWolf
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    classes = int(labels.max()) + 1
    line = LinearDiscriminantAnalysis(
        solver="lsqr",
        covariance_estimator=LedoitWolf(store_precision=False),
        priors=np.full(classes, 1 / classes),
    )
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    found = cross_val_predict(line, values, labels, cv=folds, method="decision_function")
    return np.column_stack([np.zeros(len(found)), found]) if found.ndim == 1 else found


def _axes(values: Floats, seed: int) -> Floats:
    """The columns with one standard deviation each, turned onto their principal axes where they are many."""
    from sklearn.decomposition import PCA

    standard = (values - values.mean(0)) / values.std(0)
    if standard.shape[1] <= MOST_AXES:
        return standard
    axes = PCA(min(MOST_AXES, len(values) - 1), svd_solver="randomized", random_state=seed)
    return axes.fit_transform(standard)


def _null(values: Floats, labels: NDArray[np.int64], accuracy: float, seed: int) -> Null:
    rng = np.random.default_rng(seed)
    dealt = [rng.permutation(labels) for _ in range(SHUFFLES)]
    found = [(out_of_fold(values, each, seed).argmax(1) == each).mean() for each in dealt]
    return null_of(accuracy, np.array(found), len(labels))


def _furthest(picture: Lookalike) -> tuple[float, int]:
    return -picture.score, picture.image
