"""Results in, matplotlib figures out: nothing is shown, and no state of pyplot is touched."""

from neurolupa.figures.ablation import ablation, ablation_classes
from neurolupa.figures.atlases_compared import dead_compared, layers_compared
from neurolupa.figures.atlases_compared_export import export_comparison
from neurolupa.figures.atlases_compared_layers import cka_compared
from neurolupa.figures.atlases_compared_units import units_matched
from neurolupa.figures.attribution import attribution, attributions
from neurolupa.figures.attribution_checks import deletion_insertion, sanity
from neurolupa.figures.attribution_export import export_ablation, export_attribution
from neurolupa.figures.classes import class_statistics
from neurolupa.figures.classes_compared import class_differences
from neurolupa.figures.classes_compared_export import export_class_comparison
from neurolupa.figures.classes_compared_heat import class_units
from neurolupa.figures.classes_compared_maps import class_maps
from neurolupa.figures.classes_compared_pictures import lookalikes
from neurolupa.figures.dissection import detectors
from neurolupa.figures.dissection_export import export_dissection
from neurolupa.figures.dissection_units import dissected_units
from neurolupa.figures.dream import dream_beside_original
from neurolupa.figures.dream_export import export_dream
from neurolupa.figures.export import export_figures
from neurolupa.figures.inspection import analysis_overlays, analysis_overview
from neurolupa.figures.inspection_bars import analysis_bars
from neurolupa.figures.inspection_export import Inspected, export_inspection
from neurolupa.figures.inspection_kernels import analysis_kernels, layer_kernels
from neurolupa.figures.inspection_layers import analysis_layers
from neurolupa.figures.layers import dead_units, evolution, layer_statistics, sentences
from neurolupa.figures.levels import levels
from neurolupa.figures.levels_export import export_levels
from neurolupa.figures.probing import probes
from neurolupa.figures.probing_confusion import confusion
from neurolupa.figures.probing_emergence import emergence
from neurolupa.figures.probing_export import export_probes
from neurolupa.figures.probing_units import carriers, sparse_probes
from neurolupa.figures.synthesis import synthesis_grid, synthetic_beside_natural
from neurolupa.figures.synthesis_export import export_synthesis
from neurolupa.figures.training import training
from neurolupa.figures.tuning_curves import export_tuning, tuning
from neurolupa.figures.unit_activity import activation_profile, activity_map, unit_ranks
from neurolupa.figures.unit_appearance import texture_profile
from neurolupa.figures.unit_classes import class_selectivity
from neurolupa.figures.unit_conditions import filter_pair, unit_conditions
from neurolupa.figures.unit_effects import unit_effects
from neurolupa.figures.unit_exemplars import exemplars
from neurolupa.figures.unit_relations import layer_similarity, unit_correlations, unit_relations
from neurolupa.figures.unit_spatial import spatial_bias
from neurolupa.figures.units import unit_heat_map
from neurolupa.figures.values import distributions
from neurolupa.figures.weights import kernels

__all__ = [
    "Inspected",
    "ablation",
    "ablation_classes",
    "activation_profile",
    "activity_map",
    "analysis_bars",
    "analysis_kernels",
    "analysis_layers",
    "analysis_overlays",
    "analysis_overview",
    "attribution",
    "attributions",
    "carriers",
    "cka_compared",
    "class_differences",
    "class_maps",
    "class_selectivity",
    "class_statistics",
    "class_units",
    "confusion",
    "dead_compared",
    "dead_units",
    "deletion_insertion",
    "detectors",
    "dissected_units",
    "distributions",
    "dream_beside_original",
    "emergence",
    "evolution",
    "exemplars",
    "export_ablation",
    "export_attribution",
    "export_class_comparison",
    "export_comparison",
    "export_dissection",
    "export_dream",
    "export_figures",
    "export_inspection",
    "export_levels",
    "export_probes",
    "export_synthesis",
    "export_tuning",
    "filter_pair",
    "kernels",
    "layer_kernels",
    "layer_similarity",
    "layer_statistics",
    "layers_compared",
    "levels",
    "lookalikes",
    "probes",
    "sanity",
    "sentences",
    "sparse_probes",
    "spatial_bias",
    "synthesis_grid",
    "synthetic_beside_natural",
    "texture_profile",
    "training",
    "tuning",
    "unit_conditions",
    "unit_correlations",
    "unit_effects",
    "unit_heat_map",
    "unit_ranks",
    "unit_relations",
    "units_matched",
]
