"""Linear probes of nine sites beside scikit-learn's, site by site, on the same pooled features."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

import neurolupa as nl
from benchmarks.arms import seconds
from benchmarks.results import Row
from benchmarks.scan import DATA, network
from neurolupa.capture import trace
from neurolupa.probing.concepts import targets_of
from neurolupa.probing.features import extract
from neurolupa.probing.fitting.axes import principal_axes
from neurolupa.probing.fitting.learning import learn
from neurolupa.probing.fitting.logistic import Problems, fit
from neurolupa.probing.fitting.splitting import Split, split
from neurolupa.probing.settings import Settings
from neurolupa.probing.targets import Targets

TARGET = 5.0
SIDE = 64
STRENGTHS = (1e-3, 1e-2, 0.1, 1.0)
_MOST_STEPS = 5000

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Pooled:
    """The nine sites' features of 10,000 pictures, their classes and the split."""

    sites: dict[str, Floats]
    targets: Targets
    parts: Split

    def labels(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of some pictures."""
        return self.targets.values[rows]


def pooled(model: nl.Model) -> Pooled:
    """CIFAR-10's test pictures where they are at hand, else stimuli, at the network's nine ReLUs."""
    file = DATA / "cifar10" / "test-jpeg.parquet"
    spec = f"parquet:{file}" if file.exists() else "stimuli?count=10000&target=hue"
    images = nl.load_images(spec)
    (targets,) = targets_of(images, "label")
    with tempfile.TemporaryDirectory() as folder:
        found = extract(model, images, trace(model).select("kind:relu"), cache=folder)
        sites = {site: np.array(values) for site, values in found.trained.items()}
    return Pooled(sites, targets, split(targets, 0.2, 5, seed=0))


Arm = Callable[[list[float]], None]
"""Fits and tries all sites, and notes the share of right answers of each."""


def side_by_side(name: str, ours: Arm, theirs: Arm, repeats: int) -> Iterator[Row]:
    """scikit-learn's time over ours, in turn."""
    times, apart = [], []
    for _ in range(repeats):
        right: tuple[list[float], list[float]] = ([], [])
        times.append(
            (seconds(lambda notes=right[0]: ours(notes)), seconds(lambda notes=right[1]: theirs(notes)))
        )
        apart.append(100 * np.abs(np.subtract(*right)).max())
    mine, others = np.median(times, 0)
    facts = {"ours s": round(mine, 2), "scikit-learn s": round(others, 2)}
    facts["accuracy apart by at most, points"] = round(max(apart), 2)
    ratios = tuple(other / own for own, other in times)
    yield Row(f"probes, scikit-learn / ours, nine sites of {name}", ratios, TARGET, facts=facts)


def same_strengths(model: nl.Model, strengths: Sequence[float], repeats: int) -> Iterator[Row]:
    """Every strength fitted to the training part and tried on the rest."""
    found = pooled(model)
    told = f"C = {', '.join(f'{strength:g}' for strength in strengths)}"
    ours, theirs = (partial(arm, found, strengths) for arm in (_ours, _theirs))
    return side_by_side(f"{model.name}, {told}", ours, theirs, repeats)


def chosen_strength(model: nl.Model, repeats: int) -> Iterator[Row]:
    """One of four strengths, chosen by five folds inside the training part."""
    found = pooled(model)
    ours, theirs = (partial(arm, found) for arm in (_ours_chosen, _theirs_chosen))
    return side_by_side(f"{model.name}, one of 4 strengths by 5 folds", ours, theirs, repeats)


def _ours(found: Pooled, strengths: Sequence[float], right: list[float]) -> None:
    labels = torch.from_numpy(found.labels(found.parts.train))[None]
    for values in found.sites.values():
        axes = principal_axes(torch.from_numpy(values[found.parts.train]))
        points = axes(torch.from_numpy(values[found.parts.train]))
        ones, free = torch.ones(1, len(points)), torch.tensor(strengths)
        planes = fit(Problems(points, axes.variances, labels, ones, free, len(found.targets.classes)))
        said = planes.logits(axes(torch.from_numpy(values[found.parts.test]))).argmax(1).numpy()
        right += (said == found.labels(found.parts.test)).mean(1).tolist()


def _theirs(found: Pooled, strengths: Sequence[float], right: list[float]) -> None:
    for values in found.sites.values():
        train, test = _standard(values, found.parts)
        for strength in strengths:
            model = LogisticRegression(C=strength, max_iter=_MOST_STEPS)
            model.fit(train, found.labels(found.parts.train))
            right.append(model.score(test, found.labels(found.parts.test)))


def _ours_chosen(found: Pooled, right: list[float]) -> None:
    settings = Settings(strengths=STRENGTHS)
    for values in found.sites.values():
        (learned,) = learn(values, [found.targets], found.parts, settings)
        right.append(float((learned.predicted == learned.truth).mean()))


def _theirs_chosen(found: Pooled, right: list[float]) -> None:
    left = [found.parts.folds == fold for fold in range(5)]
    folds = [(np.flatnonzero(~each), np.flatnonzero(each)) for each in left]
    for values in found.sites.values():
        train, test = _standard(values, found.parts)
        model = LogisticRegressionCV(Cs=STRENGTHS, cv=folds, scoring="neg_log_loss", max_iter=_MOST_STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("ignore", FutureWarning)
            model.fit(train, found.labels(found.parts.train))
            right.append(float((model.predict(test) == found.labels(found.parts.test)).mean()))


def _standard(values: Floats, parts: Split) -> tuple[Floats, Floats]:
    """Training and test pictures, standardised by the former; constant features are zeros."""
    mean, spread = values[parts.train].mean(0), values[parts.train].std(0)
    standard = (values - mean) / np.where(spread > 1e-6, spread, np.inf).astype(np.float32)
    return standard[parts.train], standard[parts.test]


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "probing_strengths": lambda: same_strengths(network(SIDE), STRENGTHS, 3),
    "probing_one": lambda: same_strengths(network(SIDE), (1.0,), 3),
    "probing_chosen": lambda: chosen_strength(network(SIDE), 1),
    "probing_embedded": lambda: same_strengths(nl.load_model("embedded"), STRENGTHS, 3),
}
