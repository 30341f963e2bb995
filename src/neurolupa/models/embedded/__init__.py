"""`load_model("embedded")`: a small trained network that ships with the package."""

from neurolupa.models.architecture import NETWORKS, Architecture
from neurolupa.models.embedded.network import SlimResNet
from neurolupa.models.embedded.shipped import read_weights
from neurolupa.models.preprocessing import Preprocessing

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PREPROCESSING = Preprocessing(
    input_size=(32, 32), resize=32, mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)
)


@NETWORKS.register("embedded")
def embedded_architecture() -> Architecture:
    """The architecture of the network that ships, trained on CIFAR-10 by `training/train_embedded.py`.

    >>> embedded_architecture().preprocessing.input_size
    (32, 32)
    """
    return Architecture(
        name="embedded",
        build=lambda outputs: SlimResNet(len(CLASSES) if outputs is None else outputs),
        preprocessing=PREPROCESSING,
        categories=CLASSES,
        outputs=len(CLASSES),
        published=read_weights,
    )
