"""The indices of one unit on the sampled images, with their nulls and intervals."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.classes.codes import ClassCode, Floats, index_codes, states_of
from neurolupa.units.classes.indices import best_two, contrast, ratios, selectivity_index
from neurolupa.units.classes.intervals import Interval, resampled
from neurolupa.units.classes.nulls import Null, null_of, shuffled_means
from neurolupa.units.classes.result import SampledSelectivity
from neurolupa.units.classes.sparseness import hoyer, hoyer_of, stretched, treves_rolls, vinje_gallant


def sampled_selectivity(
    values: Floats, labels: NDArray[np.int64], names: tuple[str, ...], shuffles: int, seed: int
) -> SampledSelectivity:
    """Everything about a unit's sampled values (N,), which are sorted by label (N,), the place in `names`."""
    present, sizes = np.unique(labels, return_counts=True)
    code = _code(values, len(present))
    starts = np.cumsum(sizes) - sizes
    means = np.add.reduceat(values, starts) / sizes if len(values) else values
    apart = code in (ClassCode.OK, ClassCode.NEGATIVE, ClassCode.CONSTANT)
    top = int(means.argmax()) if apart else None
    stands_out = top is not None and np.ptp(values) > 0
    shares = code in (ClassCode.OK, ClassCode.CONSTANT)
    positive = len(values) > 0 and code != ClassCode.SILENT and values.min() >= 0
    interval_code, intervals = _intervals(values, sizes, means, code, shuffles, seed)
    return SampledSelectivity(
        images=len(values),
        classes=len(present),
        code=code,
        top_class=names[present[top]] if top is not None and stands_out else None,
        index=float(selectivity_index(means)) if shares else np.nan,
        ratio=_ratio(means) if apart else np.nan,
        lifetime_sparseness=float(vinje_gallant(values)) if positive else np.nan,
        hoyer=float(hoyer(values)) if positive else np.nan,
        class_sparseness=float(vinje_gallant(means)) if shares else np.nan,
        nulls=_nulls(values, sizes, shares, shuffles, seed) if apart else {},
        intervals=intervals,
        interval_code=interval_code,
        shuffles=shuffles,
        seed=seed,
    )


def _code(values: Floats, classes: int) -> ClassCode:
    low, high = (values.min(), values.max()) if len(values) else (np.nan, np.nan)
    state = states_of(np.array([low]), np.array([high]), np.array([classes]))
    return ClassCode(index_codes(state, np.array([low]))[0])


def _ratio(means: Floats) -> float:
    best, second = best_two(means)
    return float(ratios(means[best], means[second])[0])


def _nulls(
    values: Floats, sizes: NDArray[np.int64], shares: bool, shuffles: int, seed: int
) -> dict[str, Null]:
    """Under shuffled labels: the indices over class means, and the AUROC of the class with the highest."""
    from scipy.stats import rankdata

    columns = np.column_stack([values, rankdata(values)])
    starts = np.cumsum(sizes) - sizes
    true = (np.add.reduceat(columns, starts) / sizes[:, None])[None]
    parts = [_statistics(part, sizes, shares) for part in shuffled_means(columns, sizes, shuffles, seed)]
    return {
        name: null_of(float(observed[0]), np.concatenate([part[name] for part in parts]), len(values))
        for name, observed in _statistics(true, sizes, shares).items()
    }


def _statistics(means: Floats, sizes: NDArray[np.int64], shares: bool) -> dict[str, Floats]:
    """By name (s,), from the class means (s, K, 2) of values and of their ranks."""
    answers = means[:, :, 0]
    best, second = best_two(answers)
    own = sizes[best]
    ranks = np.take_along_axis(means[:, :, 1], best[:, None], 1)[:, 0]
    found = {"auroc": (ranks - (own + 1) / 2) / (sizes.sum() - own)}
    if shares:
        both = (np.take_along_axis(answers, place[:, None], 1)[:, 0] for place in (best, second))
        found["index"] = selectivity_index(answers)
        found["ratio"] = ratios(*both)[0]
        found["class_sparseness"] = vinje_gallant(answers)
    return found


def _intervals(
    values: Floats, sizes: NDArray[np.int64], means: Floats, code: ClassCode, draws: int, seed: int
) -> tuple[ClassCode, Mapping[str, Interval]]:
    """Intervals with the preferred and the second class taken as they are.

    Choosing them anew on each draw would add the advantage of the highest of several means once more.
    """
    if code not in (ClassCode.OK, ClassCode.CONSTANT):
        return code, {}
    best, second = best_two(means)
    if sizes[best] < 2:
        return ClassCode.FEW_IMAGES, {}
    measures = {
        "index": lambda held, _: contrast(held, np.full(len(held), best)),
        "ratio": lambda held, _: ratios(held[:, best], held[:, second])[0],
        "class_sparseness": lambda held, _: vinje_gallant(held),
        "spread": lambda _, drawn: treves_rolls(drawn),
    }
    spans = resampled(values, sizes, measures, draws, seed + 1)
    low, high = spans.pop("spread")
    for name, measure in (("lifetime_sparseness", stretched), ("hoyer", hoyer_of)):
        ends = (float(measure(np.array(end), len(values))) for end in (high, low))
        spans[name] = (next(ends), next(ends))
    return ClassCode.OK, spans
