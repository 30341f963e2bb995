"""Running the network of an analysis once more on the very picture that it saw."""

from torch import Tensor

from neurolupa.errors import UsageError
from neurolupa.inspection.analysis import ImageAnalysis
from neurolupa.models import Model


def input_of(model: Model, analysis: ImageAnalysis) -> Tensor:
    """The network's input (1, C, H, W) of an analysis: what it saw, normalised, equal to the bit.

    Raises:
        UsageError: The analysis is of another network.
    """
    if model.weights_digest != analysis.provenance.weights_digest:
        asked, given = analysis.provenance.model, model.name
        raise UsageError(f"the analysis is of {asked} with other weights than this {given}; analyse again")
    return analysis.picture.as_input(model)
