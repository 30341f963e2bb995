"""What the views of an atlas compute: each by the kind of its table, from an atlas and what it is about.

Nothing here remembers anything; `dataset_opening.table` keeps the results.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neurolupa.atlas import Atlas
from neurolupa.figures import charts_data
from neurolupa.units.activity import ActivityMap, activity_map, rank_units
from neurolupa.units.conditions import Conditions, Thresholds, conditions
from neurolupa.units.relations import RedundantGroups, dimensionality, layer_similarity, redundant_groups


@dataclass(frozen=True)
class Sampled:
    """The sampled pictures of an atlas.

    Attributes:
        images: Their indices in the image set, ascending.
        ids: Their paths or names there.
        classes: Their classes; None for a picture without one.
    """

    images: tuple[int, ...]
    ids: tuple[str, ...]
    classes: tuple[str | None, ...]

    def label(self, image: int) -> str:
        """What a menu shows of one of them."""
        place = self.images.index(image)
        name, of = self.ids[place], self.classes[place]
        return f"{image} · {name}" + (f" ({of})" if of is not None and of not in name else "")


def _conditions(atlas: Atlas) -> Conditions:
    return conditions(atlas, Thresholds.of_scan(atlas.manifest.get("settings", {})))


def _sampled(atlas: Atlas) -> Sampled:
    images = np.sort(np.asarray(atlas.samples(atlas.sites[0]).images))
    rows = atlas.images.set_index("image").loc[images]
    names = dict(enumerate(atlas.manifest["images"].get("classes") or ()))
    classes = tuple(names.get(int(label)) for label in rows["label"])
    return Sampled(tuple(images.tolist()), tuple(rows["id"].astype(str)), classes)


def _activity(atlas: Atlas, site: str) -> ActivityMap | None:
    """None where no picture was sampled."""
    return activity_map(atlas, site) if len(atlas.samples(site).images) else None


def _groups(atlas: Atlas, site: str) -> RedundantGroups:
    """Without the correlations: of 2,048 units they take 16 MB, and no view shows them."""
    return replace(redundant_groups(atlas, site), correlations=np.zeros((0, 0), np.float32))


TABLES: Mapping[str, Callable[..., Any]] = {
    "layers": charts_data.layer_table,
    "summary": Atlas.summary,
    "evolution": Atlas.evolution,
    "conditions": _conditions,
    "similarity": layer_similarity,
    "sampled": _sampled,
    "values": charts_data.distribution,
    "classes": charts_data.class_means,
    "class_units": charts_data.class_units,
    "activity": _activity,
    "dimensions": dimensionality,
    "groups": _groups,
    "ranks": rank_units,
}
"""By kind: the first six are of a whole atlas, the others of a site, `ranks` of a picture and a unit too."""
