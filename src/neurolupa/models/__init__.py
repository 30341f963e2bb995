"""A network = a module, its own preprocessing, its class names, and where all of it came from."""

from neurolupa.models import embedded  # noqa: F401 (registers itself)
from neurolupa.models.architecture import NETWORKS, Architecture, registered
from neurolupa.models.info import ModelInfo
from neurolupa.models.loading import as_model, load_model
from neurolupa.models.model import Model, Prediction, Weights
from neurolupa.models.preprocessing import Preprocessing

__all__ = [
    "NETWORKS",
    "Architecture",
    "Model",
    "ModelInfo",
    "Prediction",
    "Preprocessing",
    "Weights",
    "as_model",
    "load_model",
    "registered",
]
