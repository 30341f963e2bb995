"""Pooled activations of many pictures at many sites, in one pass, kept on disk."""

from neurolupa.probing.features.extracting import estimate, extract
from neurolupa.probing.features.pooling import Pooling
from neurolupa.probing.features.result import Estimate, Features
from neurolupa.probing.features.store import FeatureCache
from neurolupa.probing.features.twin import random_twin

__all__ = ["Estimate", "FeatureCache", "Features", "Pooling", "estimate", "extract", "random_twin"]
