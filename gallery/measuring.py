"""What the gallery says of a unit in numbers: levels, the synthetic pictures' quality, the best pictures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import neurolupa as nl
from gallery.choosing import choose
from gallery.collection import Wing
from gallery.pictures import public_tiles
from neurolupa.images import ImageSet
from neurolupa.synthesis import Levels, PictureCache, Synthesis
from neurolupa.synthesis.explaining import Explained
from neurolupa.units.exemplars import unit_exemplars

COPIES = 2
NAMED = 6


@dataclass(frozen=True)
class Atlases:
    """One network on generated, labelled and public pictures."""

    stimuli: nl.Atlas
    labelled: nl.Atlas
    public: nl.Atlas


@dataclass(frozen=True)
class Shown:
    """The three units of a layer: their pictures and what is known of them, row by row."""

    atlases: Atlases
    site: str
    made: Synthesis
    rows: list[dict[str, Any]]


def scanned(wing: Wing, model: nl.Model, out: Path) -> Atlases:
    """The atlases of a network below a folder; those that are there are kept."""
    sets = {"stimuli": wing.stimuli, "labelled": wing.labelled(), "public": public_tiles()}
    return Atlases(**{kind: _atlas(wing, model, images, out / kind) for kind, images in sets.items()})


def _atlas(wing: Wing, model: nl.Model, images: ImageSet | str, folder: Path) -> nl.Atlas:
    if not folder.exists():
        nl.scan(model, images, wing.sites, out=folder)
    return nl.open_atlas(folder)


def shown(wing: Wing, model: nl.Model, atlases: Atlases) -> Iterator[Shown]:
    """Every layer of a network with its three units."""
    for site in wing.sites:
        found = nl.levels(atlases.stimuli, atlases.labelled, site)
        chosen = list(choose(found))
        units = [found.units[row] for _, row in chosen]
        made = nl.synthesize(model, site, units, copies=COPIES, atlas=atlases.labelled, cache=PictureCache())
        rows = [
            {"network": wing.name, "site": site, "unit": found.units[row], "reason": reason}
            | _level(found, row)
            | _quality(made, place * COPIES)
            | _best(atlases, site, found.units[row])
            for place, (reason, row) in enumerate(chosen)
        ]
        yield Shown(atlases, site, made, rows)


def _level(found: Levels, row: int) -> dict[str, Any]:
    return {
        "level": found.codes[row],
        "factors": _share(found.stimuli, row),
        "classes": _share(found.labels, row) | {"count": found.source.classes},
        "strongest": found.strongest[row],
    }


def _share(one: Explained, row: int) -> dict[str, Any]:
    names = ("share", "low", "high", "null", "p")
    return {name: round(float(getattr(one, name)[row]), 3) for name in names} | {"pictures": one.pictures}


def _quality(made: Synthesis, index: int) -> dict[str, Any]:
    quality = made.quality[index]
    return {
        "state": made.states[index],
        "times_natural": _rounded(quality.mean_ratio),
        "natural_pictures": quality.sampled,
        "rank": quality.rank,
        "of": quality.of,
        "stability": _rounded(quality.stability),
        "stability_null": _rounded(quality.stability_null),
    }


def _rounded(value: float) -> float | None:
    return round(value, 2) if isfinite(value) else None


def _best(atlases: Atlases, site: str, unit: int) -> dict[str, Any]:
    top = unit_exemplars(atlases.labelled, site, unit).band("top")[:NAMED]
    ids = atlases.labelled.images.set_index("image")["id"]
    return {"best": [_name(str(ids[each.image]), each.class_name) for each in top]}


def _name(identity: str, label: str | None) -> str:
    """What is on a labelled picture: its own class where the file says it, else its label."""
    found = re.fullmatch(r"\d+_n\d+_(.+)\.jpg", Path(identity).name)
    return found[1].replace("_", " ") if found else str(label)
