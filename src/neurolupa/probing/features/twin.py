"""The same network, untrained."""

from dataclasses import replace

from neurolupa.errors import DataError
from neurolupa.models import Model
from neurolupa.models.copying import copied_for_random
from neurolupa.models.seeding import checked_seed, randomise, seeded


def random_twin(model: Model, seed: int = 0) -> Model:
    """The network with every layer drawn anew as its class draws it, statistics of batch norms forgotten.

    What no layer can draw anew keeps its values and is told in `notes`. The given network is left as it is.

    Raises:
        DataError: no layer can be drawn anew, or the network cannot be copied.

    >>> import neurolupa as nl
    >>> trained = nl.load_model("embedded")
    >>> random_twin(trained).weights_digest == trained.weights_digest
    False
    """
    seed = checked_seed(seed)
    twin = copied_for_random(model, seed)
    with seeded(seed):
        kept = randomise(twin.module)
    if kept and len(kept) == len(list(twin.module.parameters())):
        raise DataError(f"no layer of {model.name} can draw its weights anew, as random weights need")
    told = f"{len(kept)} parameters that no layer can draw anew kept their values: {', '.join(kept[:1])}"
    return replace(twin, classes=None, notes=(*model.notes, *([told] if kept else [])))
