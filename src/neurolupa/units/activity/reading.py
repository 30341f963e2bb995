"""What a table of units by pictures shows, as codes and numbers."""

import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from neurolupa.units.activity.codes import (
    ALPHA,
    ALWAYS_SHARE,
    LEAST_ACTIVE,
    LEAST_IMAGES,
    LOW_CELL,
    SAME,
    SILENT,
    SILENT_SHARE,
    SPARSE_SHARE,
    Interval,
    ReadingCode,
    share_interval,
)

Table = NDArray[np.float32]

_PAIRED_IMAGES, _PAIRED_UNITS = 512, 2048
"""So many pictures and units at most are compared for redundancy, spread evenly."""

_BLOCK = 512
_SCALE = 0.995
_NOTHING = (math.nan, math.nan)


@dataclass(frozen=True)
class Finding:
    """One thing that the table shows.

    Attributes:
        code: what.
        count: of how many units (pictures, cells) it holds.
        of: how many were looked at.
        low, high: 95 % interval of `share`: of pictures by Wilson's score, of cells over pictures (Student's
            t); NaN where every unit of the site was looked at, so that nothing is left to chance.
        limit: the threshold that decides.
        p: of redundancy: how rarely as many units do the same when the pictures are shuffled for each unit by
            itself; NaN elsewhere.
        members: units, or indices of pictures, the clearest first; ten at most.
    """

    code: ReadingCode
    count: int
    of: int
    low: float = math.nan
    high: float = math.nan
    limit: float = math.nan
    p: float = math.nan
    members: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """`count` of `of`; NaN of none."""
        return self.count / self.of if self.of else math.nan


@dataclass(frozen=True)
class Reading:
    """Everything that a table shows, and over how many pictures.

    Attributes:
        findings: one for each code that holds.
        images: N.
        units: how many.
        shuffles: for the null of redundancy.
        seed: of the shuffling.
    """

    findings: tuple[Finding, ...]
    images: int
    units: int
    shuffles: int
    seed: int

    @property
    def codes(self) -> tuple[ReadingCode, ...]:
        """The codes alone."""
        return tuple(each.code for each in self.findings)

    def to_frame(self) -> pd.DataFrame:
        """One row for each finding."""
        rows = [asdict(each) | {"code": each.code.value, "share": each.share} for each in self.findings]
        return pd.DataFrame(rows)


def read_activity(
    table: Table,
    *,
    rectified: bool = True,
    units: NDArray | None = None,
    images: NDArray | None = None,
    shuffles: int = 19,
    seed: int = 0,
) -> Reading:
    """What the values (S, C) of C units on S pictures show; thresholds are those of `codes`.

    Args:
        table: mean activations; what is not finite counts as 0.
        rectified: whether zero means silence.
        units: (C,) the units' numbers.
        images: (S,) the pictures' indices.
        shuffles: of the pictures, for each unit by itself, as the null of redundancy.
        seed: of the shuffling.

    >>> rng = np.random.default_rng(0)
    >>> table = np.where(rng.random((50, 99)) < 0.1, rng.exponential(size=(50, 99)), 0).astype(np.float32)
    >>> read_activity(table).codes[0].value
    'healthy'
    >>> table[:, 7] = 2 + table[:, 6]
    >>> [code.value for code in read_activity(table).codes]
    ['always_on']
    """
    values = np.nan_to_num(np.asarray(table, np.float32), posinf=0, neginf=0)
    count, width = values.shape
    numbers = np.arange(width) if units is None else np.asarray(units)
    indices = np.arange(count) if images is None else np.asarray(images)
    if count < LEAST_IMAGES or not width:
        found = [Finding(ReadingCode.FEW_IMAGES, count, count, limit=LEAST_IMAGES)]
        return Reading(tuple(found), count, width, shuffles, seed)
    on = [_always_on(values, numbers), _not_sparse(values)] if rectified else [None, None]
    faults = [on[0], _silent(values, indices), _redundant(values, numbers, shuffles, seed), on[1]]
    found = [each for each in faults if each is not None]
    if not rectified:
        found.append(Finding(ReadingCode.NOT_RECTIFIED, width, width))
    elif not found:
        found.append(Finding(ReadingCode.HEALTHY, width, width))
    return Reading(tuple(found), count, width, shuffles, seed)


def _always_on(values: Table, numbers: NDArray) -> Finding | None:
    level = float(values.mean(dtype=np.float64))
    shares = (values > level).mean(0)
    places = np.flatnonzero(shares >= ALWAYS_SHARE)
    clearest = places[np.argsort(-values[:, places].mean(0), kind="stable")]
    return _finding(ReadingCode.ALWAYS_ON, numbers[clearest], len(numbers), _NOTHING, ALWAYS_SHARE)


def _silent(values: Table, indices: NDArray) -> Finding | None:
    totals = np.abs(values).sum(1, dtype=np.float64)
    places = np.flatnonzero(totals <= SILENT_SHARE * np.median(totals))
    clearest = places[np.argsort(totals[places], kind="stable")]
    interval = share_interval(len(places), len(indices))
    return _finding(ReadingCode.SILENT_IMAGE, indices[clearest], len(indices), interval, SILENT_SHARE)


def _not_sparse(values: Table) -> Finding | None:
    """Few low cells; a layer of zeros is sparse."""
    scale = float(np.quantile(values, _SCALE))
    shares = (values <= LOW_CELL * scale).mean(1)
    share = float(shares.mean())
    if share >= SPARSE_SHARE:
        return None
    half = stdtrit(len(shares) - 1, 0.975) * shares.std(ddof=1) / math.sqrt(len(shares))
    high = values.size - round(share * values.size)
    ends = (1 - share - half, 1 - share + half)
    return Finding(ReadingCode.NOT_SPARSE, high, values.size, max(ends[0], 0), min(ends[1], 1), SPARSE_SHARE)


def _redundant(values: Table, numbers: NDArray, shuffles: int, seed: int) -> Finding | None:
    part = _spread(values, _PAIRED_IMAGES, _PAIRED_UNITS)
    chosen = numbers[_even(values.shape[1], _PAIRED_UNITS)]
    scores = _scores(_cut(part))
    closest = _closest(scores)
    same = np.flatnonzero(closest >= SAME)
    if not len(same):
        return None
    rng = np.random.default_rng(seed)
    null = [int((_closest(rng.permuted(scores, axis=0)) >= SAME).sum()) for _ in range(shuffles)]
    p = (1 + sum(each >= len(same) for each in null)) / (1 + shuffles)
    if p > ALPHA:
        return None
    clearest = same[np.argsort(-closest[same], kind="stable")]
    return _finding(ReadingCode.REDUNDANT, chosen[clearest], len(chosen), _NOTHING, SAME, p)


def _finding(
    code: ReadingCode, members: NDArray, of: int, interval: Interval, limit: float, p: float = math.nan
) -> Finding | None:
    if not len(members):
        return None
    return Finding(code, len(members), of, *interval, limit, p, tuple(int(each) for each in members[:10]))


def _even(length: int, most: int) -> NDArray[np.int64]:
    return np.arange(length) if length <= most else np.linspace(0, length - 1, most).round().astype(np.int64)


def _spread(values: Table, rows: int, columns: int) -> Table:
    return values[_even(values.shape[0], rows)][:, _even(values.shape[1], columns)]


def _cut(values: Table) -> Table:
    """Columns whose values end at their tenth highest and tenth lowest; of few rows, at the fifth part."""
    place = max(1, min(LEAST_ACTIVE, len(values) // 5)) - 1
    order = np.sort(values, axis=0)
    return np.clip(values, order[place], order[-1 - place])


def _scores(values: Table) -> Table:
    """Columns of mean 0 and length 1; those that do not vary are 0."""
    centred = values - values.mean(0, dtype=np.float64)
    length = np.sqrt((centred * centred).sum(0))
    varies = length > SILENT * np.abs(values).max(0, initial=SILENT)
    return np.where(varies, centred / np.where(varies, length, 1), 0).astype(np.float32)


def _closest(scores: Table) -> Table:
    """(C,): the highest correlation of each column with another; blocks keep the memory bounded."""
    width = scores.shape[1]
    found = np.zeros(width, np.float32)
    for start in range(0, width, _BLOCK):
        r = scores[:, start : start + _BLOCK].T @ scores
        r[np.arange(len(r)), np.arange(start, start + len(r))] = -1
        found[start : start + len(r)] = r.max(1)
    return found
