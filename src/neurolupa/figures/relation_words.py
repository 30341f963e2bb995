"""How much of a layer is doubled and in how many dimensions it varies, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.relations import Dimensionality, RedundantGroups


def dimension_lines(found: Dimensionality, lang: str = "en") -> Iterator[str]:
    """In how many dimensions the units vary, with what chance gives."""
    if found.code != "OK":
        yield _sentence(text(f"units.relations.code.{found.code}", lang))
    counts = {"units": whole(found.compared, lang), "sampled": whole(found.sampled, lang)}
    for name in ("participation", "corrected", "effective"):
        index = getattr(found, name)
        if np.isfinite([index.value, index.low, index.high]).all():
            ends = {"value": index.value, "low": index.low, "high": index.high}
            yield text(f"units.relations.dimensions.{name}", lang, most=found.most, **ends, **counts)
    index = found.participation
    if np.isfinite([index.null_mean, index.p]).all():
        yield text("units.relations.dimensions.null", lang, mean=index.null_mean, p=index.p)


def group_lines(found: RedundantGroups, lang: str = "en") -> Iterator[str]:
    """How many units could be spared, with what chance gives."""
    if found.code != "OK":
        yield _sentence(text(f"units.relations.code.{found.code}", lang))
        return
    shares = {"percent": 100 * found.share, "low": 100 * found.low, "high": 100 * found.high}
    counts = {name: whole(getattr(found, name), lang) for name in ("doubled", "compared", "sampled")}
    groups = {"groups": whole(len(found.groups), lang), "threshold": found.threshold}
    yield text("units.relations.groups.told", lang, **groups, **shares, **counts)
    if found.shuffles:
        yield text("units.relations.groups.chance", lang, mean=100 * found.null_mean, p=found.p)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."
