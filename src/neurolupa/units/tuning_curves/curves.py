"""The tuning curves of many units over one factor."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurolupa.units.tuning_curves.circular import Floats, mean_angle
from neurolupa.units.tuning_curves.design import Design
from neurolupa.units.tuning_curves.factors import Factor
from neurolupa.units.tuning_curves.measures import index_of, lifted, width_of
from neurolupa.units.tuning_curves.nulls import at_best_level, label_means, null_of, shuffled_error

OK, SILENT, CONSTANT, NOT_FINITE = "OK", "SILENT", "CONSTANT", "NOT_FINITE"
_SILENT, _CONSTANT = 1e-6, 1e-6
_AIMLESS = 1e-6


@dataclass(frozen=True, eq=False)
class TuningCurves:
    """How U units answer the V values of one factor.

    Attributes:
        factor: which one, and on what scale.
        values: the V values.
        counts: (V,), pictures behind each mean.
        pictures: how many pictures were shown for this factor in all.
        level: (U,), the value of `factor.crossed` at which a unit's curve is taken; NaN where there is none.
        response: (U, V), mean answers.
        error: (U, V), their standard errors; NaN for a mean over one picture.
        null_response: (U,), the mean answer to all pictures of the level: every value's, if labels are
            shuffled.
        null_error: (U, V), by how much it varies when they are.
        best: (U,), which of `values` is answered most; -1 where the state is not OK.
        angle: (U,), the direction of the mean resultant vector in degrees; NaN where there is no direction.
        width: (U,), see `measures.width_of`; in `factor.width_unit`.
        index: (U,), 0..1, see `measures.index_of`.
        null_index: (U,), the index's mean under shuffled labels.
        null_high: (U,), its 95th percentile.
        p: (U,), the share of shuffles with an index as large.
        lift: (U,), what was added to a curve with negative parts before its index was taken.
        state: a code for each unit: OK; SILENT, zero on every picture; CONSTANT, the same on every picture;
            NOT_FINITE. All but the responses is NaN unless it is OK.
    """

    factor: Factor
    values: tuple[str | float, ...]
    counts: NDArray[np.int64]
    pictures: int
    level: Floats
    response: Floats
    error: Floats
    null_response: Floats
    null_error: Floats
    best: NDArray[np.int64]
    angle: Floats
    width: Floats
    index: Floats
    null_index: Floats
    null_high: Floats
    p: Floats
    lift: Floats
    state: tuple[str, ...]

    def row(self, place: int) -> dict[str, Any]:
        """What the curve of the unit at a place amounts to, in plain values."""
        best = int(self.best[place])
        return {
            "factor": self.factor.name,
            "state": self.state[place],
            "preferred": None if best < 0 else self.values[best],
            "peak": float(self.response[place].max()),
            "angle": float(self.angle[place]),
            "width": float(self.width[place]),
            "width_unit": self.factor.width_unit,
            "index": float(self.index[place]),
            "null_mean": float(self.null_index[place]),
            "null_95": float(self.null_high[place]),
            "p": float(self.p[place]),
            "at": self.factor.crossed,
            "level": float(self.level[place]),
            "lift": float(self.lift[place]),
            "values": len(self.values),
            "n": int(self.counts.sum()),
            "pictures": self.pictures,
        }


def states(answers: Floats) -> tuple[str, ...]:
    """A code for each unit from its answers (N, U) to all pictures of a factor.

    >>> states(np.array([[0.0, 5.0, np.nan, 1.0], [0.0, 5.0, 1.0, 2.0]]))
    ('SILENT', 'CONSTANT', 'NOT_FINITE', 'OK')
    """
    finite = np.isfinite(answers).all(0)
    known = np.where(finite, answers, 0.0)
    size = np.abs(known).max(0)
    flat = np.ptp(known, axis=0) <= _CONSTANT * size
    codes = np.select([~finite, size <= _SILENT, flat], [NOT_FINITE, SILENT, CONSTANT], OK)
    return tuple(codes.tolist())


def tuning_curves(
    factor: Factor, design: Design, answers: NDArray[np.floating], shuffles: int, seed: int
) -> TuningCurves:
    """The curves of every unit from its answers (N, U) to the pictures of a design.

    A curve is taken at the level of the crossed factor that holds a unit's highest mean; where there is no
    crossed factor, over all pictures.
    """
    grouped = answers[design.pictures].astype(np.float64)
    state = states(grouped.reshape(-1, grouped.shape[2]))
    grouped[:, :, np.array(state) == NOT_FINITE] = np.nan
    response, level = _curves(grouped, design)
    chosen = np.take_along_axis(grouped, level[None, None, :], 0)[0]
    sound = np.array(state) == OK
    told = _numbers(factor, design, grouped[:, :, sound], shuffles, seed)
    return TuningCurves(
        factor=factor,
        values=design.values,
        counts=design.counts,
        pictures=design.pictures.size,
        response=response,
        error=_errors(chosen, design),
        null_response=chosen.mean(0),
        null_error=shuffled_error(chosen, design.counts),
        best=np.where(sound, response.argmax(-1), -1),
        state=state,
        **{name: _spread(sound, values) for name, values in told.items()},
    )


def _numbers(factor: Factor, design: Design, grouped: Floats, shuffles: int, seed: int) -> dict[str, Floats]:
    """What the curves of sound units amount to, from their answers (B, n, U): a number for each unit."""
    index_from = partial(index_of, factor, design.values)
    curve, level = _curves(grouped, design)
    index = index_from(curve)
    null = null_of(grouped, design.labels, index_from, index, shuffles, seed)
    return {
        "level": np.array(design.levels, np.float64)[level],
        "angle": _angle(factor, design, curve, index),
        "width": width_of(factor, design.values, curve),
        "index": index,
        "null_index": null.mean,
        "null_high": null.high,
        "p": null.p,
        "lift": np.maximum(-curve.min(-1), 0.0),
    }


def _curves(grouped: Floats, design: Design) -> tuple[Floats, NDArray[np.int64]]:
    """Curves (U, V) at each unit's best level, and which level (U,) that is."""
    curves, level = at_best_level(label_means(grouped, design.labels[None], len(design.values)))
    return curves[0], level[0]


def _angle(factor: Factor, design: Design, response: Floats, index: Floats) -> Floats:
    if factor.scale != "circular":
        return np.full(len(response), np.nan)
    degrees = np.asarray(design.values, np.float64)
    return np.where(index > _AIMLESS, mean_angle(lifted(response), degrees, factor.period), np.nan)


def _errors(chosen: Floats, design: Design) -> Floats:
    """Standard errors (U, V) of the means of the answers (n, U) by label."""
    parts = [chosen[design.labels == label] for label in range(len(design.values))]
    none = np.full(chosen.shape[1], np.nan)
    errors = [part.std(0, ddof=1) / np.sqrt(len(part)) if len(part) > 1 else none for part in parts]
    return np.stack(errors, -1)


def _spread(sound: NDArray[np.bool_], values: Floats) -> Floats:
    """Values of the sound units, at their places among all; NaN at the others."""
    everywhere = np.full(len(sound), np.nan)
    everywhere[sound] = values
    return everywhere
