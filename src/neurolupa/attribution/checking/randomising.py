"""A network whose layers lose what they learnt, one after another, from the output to the input."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from neurolupa.capture import trace
from neurolupa.models import Model
from neurolupa.models.copying import copied_for_random
from neurolupa.models.seeding import checked_seed, randomise, reset_of, seeded


def learnt_layers(model: Model) -> tuple[str, ...]:
    """The layers that can draw their parameters anew, the last of the forward pass first.

    >>> from torch import nn
    >>> from neurolupa.models import load_model
    >>> layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2))
    >>> learnt_layers(load_model(layers, input_size=8))
    ('3', '0')
    """
    order = {site.layer: site.order for site in trace(model) if not site.op}
    found = [
        path
        for path, layer in model.module.named_modules()
        if any(True for _ in layer.parameters(recurse=False)) and reset_of(layer)
    ]
    return tuple(sorted(found, key=lambda path: -order.get(path, -1)))


def stages_of(layers: Sequence[str], most: int) -> tuple[tuple[str, ...], ...]:
    """The layers in at most so many groups, as even as can be, in their order.

    >>> stages_of(["a", "b", "c", "d", "e"], 3)
    (('a', 'b'), ('c', 'd'), ('e',))
    """
    count = min(most, len(layers))
    ends = [-(-len(layers) * place // count) for place in range(count + 1)]
    return tuple(tuple(layers[a:b]) for a, b in pairwise(ends))


def randomised(model: Model, stages: Sequence[Sequence[str]], seed: int) -> Iterator[Model]:
    """The network with the first stage drawn anew, then with the second too, and so on; one copy for all.

    Statistics of batch norms are forgotten with their layer. The given network is left as it is.

    Raises:
        DataError: The network cannot be copied.

    >>> from torch import nn
    >>> from neurolupa.models import load_model
    >>> model = load_model(nn.Sequential(nn.Flatten(), nn.Linear(3, 2)), input_size=1)
    >>> [bool((one.module[1].weight == model.module[1].weight).any()) for one in randomised(model, ["1"], 0)]
    [False]
    """
    twin = copied_for_random(model, checked_seed(seed))
    for number, layers in enumerate(stages):
        with twin.lock, seeded(seed + number * 1000003):
            for path in layers:
                randomise(twin.module.get_submodule(path))
        yield twin
