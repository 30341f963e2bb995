"""How good a synthetic picture is, in numbers that go with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import torch
from torch import Tensor

from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import shown
from neurolupa.capture import record
from neurolupa.capture.maps import maps_of
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import DataError, UsageError
from neurolupa.models import Model
from neurolupa.synthesis.transforms import resized


@dataclass(frozen=True)
class Quality:
    """What one picture does to the unit that it was made for; NaN or None where that cannot be said.

    Attributes:
        mean: of the unit's map on the picture.
        peak: the largest value of the map.
        rank: of the unit's mean among its layer's on this picture, 1 the strongest.
        of: how many units the layer has.
        natural_mean: the largest mean of the unit's map on a natural picture.
        natural_99: the 99th percentile of these means.
        sampled: over how many natural pictures (the atlas' samples).
        natural_peak: the largest value on all natural pictures of the atlas.
        natural_images: how many those are.
        mean_ratio: mean / natural_mean, where both are positive.
        peak_ratio: peak / natural_peak, likewise.
        stability: mean cosine, over pairs of copies of the same target, of the network's late features.
        stability_null: the same over pairs of pictures of different targets.
    """

    mean: float = nan
    peak: float = nan
    rank: int | None = None
    of: int | None = None
    natural_mean: float = nan
    natural_99: float = nan
    sampled: int = 0
    natural_peak: float = nan
    natural_images: int = 0
    mean_ratio: float = nan
    peak_ratio: float = nan
    stability: float = nan
    stability_null: float = nan


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike the copies of each target are, seen by the network's late features."""

    same: np.ndarray
    different: np.ndarray


def check_atlas(atlas: Atlas, model: Model) -> None:
    """Refuse an atlas of another network.

    Raises:
        UsageError: It is no atlas, or its weights have another digest.
    """
    if not isinstance(atlas, Atlas):
        raise UsageError(f"an atlas is what open_atlas gives, not {shown(atlas)}")
    if atlas.source.weights_digest != model.weights_digest:
        raise UsageError(f"the atlas is of {atlas.source.model} with other weights than this {model.name}")


def qualities(
    model: Model,
    table: SiteTable,
    site: Site | None,
    units: Sequence[int],
    groups: Sequence[int],
    images: Tensor,
    view: tuple[int, int],
    atlas: Atlas | None,
) -> tuple[Quality, ...]:
    """The quality of pictures (N, C, H, W) in 0..1; each drives `units[i]` of the site, -1 something else.

    Args:
        model: The network.
        table: Its sites.
        site: Where the units are; None where the pictures drive no units of one site.
        units: One a picture.
        groups: One number a picture: copies of the same target share theirs.
        images: The pictures.
        view: At what size they drive the units.
        atlas: Of the same network, for natural pictures to compare with; None compares with none.
    """
    alike = likeness(model, table, images, groups)
    seen = None if site is None else _seen(model, site, images, view)
    return tuple(
        _quality(site, unit, None if seen is None or unit < 0 else seen[index], atlas, alike, index)
        for index, unit in enumerate(units)
    )


def _seen(model: Model, site: Site, images: Tensor, view: tuple[int, int]) -> list[Tensor]:
    """For each picture the layer's maps (units, h, w)."""
    batches = [normalised(model, resized(part, view)) for part in images.split(16)]
    return [maps for one in batches for maps in maps_of(record(model, one, [site])[site.name], site).double()]


def _quality(
    site: Site | None, unit: int, maps: Tensor | None, atlas: Atlas | None, alike: Likeness, index: int
) -> Quality:
    same, different = float(alike.same[index]), float(alike.different[index])
    if site is None or maps is None:
        return Quality(stability=same, stability_null=different)
    means = maps.mean((1, 2))
    mean, peak = float(means[unit]), float(maps[unit].max())
    rank = int((means > means[unit]).sum()) + 1
    natural = Quality() if atlas is None else _natural(atlas, site, unit)
    return Quality(
        mean,
        peak,
        rank,
        len(means),
        natural.natural_mean,
        natural.natural_99,
        natural.sampled,
        natural.natural_peak,
        natural.natural_images,
        _ratio(mean, natural.natural_mean),
        _ratio(peak, natural.natural_peak),
        same,
        different,
    )


def _natural(atlas: Atlas, site: Site, unit: int) -> Quality:
    """What natural pictures do; nothing where the atlas does not hold the site."""
    if site.name not in atlas.sites:
        return Quality()
    record_of = atlas.unit(site.name, unit)
    means = np.asarray(atlas.samples(site.name).mean[:, unit], np.float64)
    means = means[np.isfinite(means)]
    return Quality(
        natural_mean=float(means.max()) if len(means) else nan,
        natural_99=float(np.quantile(means, 0.99)) if len(means) else nan,
        sampled=len(means),
        natural_peak=record_of.max,
        natural_images=record_of.images,
    )


def _ratio(reached: float, natural: float) -> float:
    return reached / natural if reached > 0 and natural > 0 else nan


def likeness(model: Model, table: SiteTable, images: Tensor, groups: Sequence[int]) -> Likeness:
    """The mean cosine of every picture's late features with those of its group, and with those of others.

    The features are the means of the maps of the network's last non-linearity, the pictures at its own size.
    NaN where there is no other picture of the kind, or the network has no non-linearity with maps.
    """
    unknown = np.full(len(images), nan)
    site = max((one for one in table if one.kind == "relu"), key=lambda one: one.order, default=None)
    if site is None or len(images) < 2:
        return Likeness(unknown, unknown)
    try:
        seen = _seen(model, site, images, model.preprocessing.input_size)
    except DataError:
        return Likeness(unknown, unknown)
    features = torch.stack([maps.mean((1, 2)) for maps in seen])
    cosines = torch.nn.functional.normalize(features, dim=1)
    return _averaged((cosines @ cosines.T).cpu().numpy(), np.asarray(groups))


def _averaged(cosines: np.ndarray, groups: np.ndarray) -> Likeness:
    alike = groups[:, None] == groups[None]
    same, different = alike & ~np.eye(len(groups), dtype=bool), ~alike
    return Likeness(_row_means(cosines, same), _row_means(cosines, different))


def _row_means(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    counts = where.sum(1)
    return np.where(counts > 0, (values * where).sum(1) / np.maximum(counts, 1), nan)


def normalised(model: Model, pictures: Tensor) -> Tensor:
    """Pictures (N, C, H, W) in 0..1 as the network takes them."""
    steps = model.preprocessing
    mean, std = (torch.tensor(one).to(pictures).view(-1, 1, 1) for one in (steps.mean, steps.std))
    return (pictures - mean) / std
