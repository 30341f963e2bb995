"""The table of all units of one site on one picture."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

DEAD_AT_MOST = 1e-6


def unit_table(maps: np.ndarray, rectified: bool) -> pd.DataFrame:
    """One row for each unit of activation maps (C, h, w), in the maps' own units.

    Columns: `unit`; `mean`, `max`, `min`, `std` (of the population) over the positions with finite values,
    summed in float64; `sparsity`, the share of exact zeros, 0..1, NaN unless `rectified`; `percentile`,
    0..100, the share of the layer's other units with a smaller mean, ties by half; `dead`: never above 1e-6
    here; `nonfinite`: how many positions hold NaN or infinity.

    >>> table = unit_table(np.array([[[0.0, 2.0]], [[0.0, 0.0]], [[1.0, 1.0]]]), rectified=True)
    >>> table[["mean", "std", "sparsity", "percentile", "dead"]].to_numpy().tolist()
    [[1.0, 1.0, 0.5, 75.0, False], [0.0, 0.0, 1.0, 0.0, True], [1.0, 0.0, 0.0, 75.0, False]]
    """
    values = maps.reshape(len(maps), -1)
    finite = np.isfinite(values)
    columns = _measured(values) if finite.all() else _measured_finite(np.where(finite, values, np.nan))
    zeros = (values == 0).mean(axis=1) if rectified else np.full(len(values), np.nan)
    silent = columns["max"] <= DEAD_AT_MOST
    return pd.DataFrame(
        {
            "unit": np.arange(len(values)),
            **columns,
            "sparsity": zeros,
            "percentile": percentiles(columns["mean"]),
            "dead": silent,
            "nonfinite": (~finite).sum(axis=1),
        }
    )


def percentiles(means: np.ndarray) -> np.ndarray:
    """For each value the share of the others below it, in percent, ties counting half; 50 for a single one.

    >>> percentiles(np.array([3.0, 1.0, 2.0])).tolist(), percentiles(np.array([7.0])).tolist()
    ([100.0, 0.0, 50.0], [50.0])
    """
    ranks = rankdata(means, nan_policy="omit")
    others = np.isfinite(means).sum() - 1
    return 100 * (ranks - 1) / others if others > 0 else np.where(np.isnan(means), np.nan, 50.0)


def _measured(values: np.ndarray) -> dict[str, np.ndarray]:
    wide = values.astype(np.float64)
    mean = wide.mean(axis=1)
    std = wide.std(axis=1, mean=mean[:, None])
    high, low = (bound.astype(np.float64) for bound in (values.max(axis=1), values.min(axis=1)))
    return {"mean": mean, "max": high, "min": low, "std": std}


def _measured_finite(values: np.ndarray) -> dict[str, np.ndarray]:
    """The same where NaN stands for what is not finite; NaN for a unit without any finite value."""
    some = ~np.isnan(values).all(axis=1)
    columns = {name: np.full(len(values), np.nan) for name in ("mean", "max", "min", "std")}
    rows = values[some]
    for name, reduce in (("mean", np.nanmean), ("max", np.nanmax), ("min", np.nanmin), ("std", np.nanstd)):
        columns[name][some] = reduce(rows.astype(np.float64), axis=1)
    return columns
