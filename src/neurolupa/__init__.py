"""neurolupa shows what the single neurons of a convolutional network do.

Importing it loads nothing heavy: every name is fetched from its package on first use (PEP 562).
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Model": "neurolupa.models",
    "load_model": "neurolupa.models",
    "ImageSet": "neurolupa.images",
    "load_images": "neurolupa.images",
    "layers": "neurolupa.capture",
    "record": "neurolupa.capture",
    "Atlas": "neurolupa.atlas",
    "open_atlas": "neurolupa.atlas",
    "scan": "neurolupa.scanning",
    "plan": "neurolupa.scanning",
    "inspect": "neurolupa.inspection",
    "inspect_layers": "neurolupa.inspection",
    "tuning": "neurolupa.units.tuning_curves",
    "scanned_tuning": "neurolupa.units.tuning_curves",
    "unit_page": "neurolupa.units.page",
    "unit_exemplars": "neurolupa.units.exemplars",
    "exemplar_maps": "neurolupa.units.exemplars",
    "spatial_bias": "neurolupa.units.spatial",
    "spatial_biases": "neurolupa.units.spatial",
    "mirrored_bias": "neurolupa.units.spatial",
    "class_selectivity": "neurolupa.units.classes",
    "class_selectivities": "neurolupa.units.classes",
    "most_selective": "neurolupa.units.classes",
    "population_sparseness": "neurolupa.units.classes",
    "texture_profile": "neurolupa.units.appearance",
    "activation_profile": "neurolupa.units.activity",
    "rank_units": "neurolupa.units.activity",
    "activity_map": "neurolupa.units.activity",
    "conditions": "neurolupa.units.conditions",
    "filter_pair": "neurolupa.units.conditions",
    "relations": "neurolupa.units.relations",
    "redundant_groups": "neurolupa.units.relations",
    "dimensionality": "neurolupa.units.relations",
    "layer_similarity": "neurolupa.units.relations",
    "synthesize": "neurolupa.synthesis",
    "Synthesis": "neurolupa.synthesis",
    "dream": "neurolupa.synthesis",
    "caricature": "neurolupa.synthesis",
    "levels": "neurolupa.synthesis",
    "probe": "neurolupa.probing",
    "probe_units": "neurolupa.probing",
    "ProbeReport": "neurolupa.probing",
    "dissect": "neurolupa.probing",
    "Dissection": "neurolupa.probing",
    "attribute": "neurolupa.attribution",
    "sanity_check": "neurolupa.attribution",
    "deletion_insertion": "neurolupa.attribution",
    "unit_effects": "neurolupa.attribution",
    "ablate": "neurolupa.attribution",
    "compare_classes": "neurolupa.comparison.classes",
    "compare": "neurolupa.comparison.atlases",
    "monitor": "neurolupa.monitoring",
}
_PACKAGES = frozenset({"figures"})

__all__ = ["__version__", *_HOMES, *_PACKAGES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in _PACKAGES:
        return import_module(f"neurolupa.{name}")
    raise AttributeError(f"module 'neurolupa' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
