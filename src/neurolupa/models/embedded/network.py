"""The layout of the network that ships: a ResNet-18 of a quarter of the width, for 32-pixel pictures."""

import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

WIDTH = 16
BLOCKS = (2, 2, 2, 2)


class SlimResNet(ResNet):
    """torchvision's ResNet of basic blocks at another width, with a 3x3 stem of stride 1 and no max-pooling.

    Its modules carry ResNet-18's names. It maps (N, 3, H, W) to (N, outputs).

    >>> SlimResNet(10)(torch.zeros(1, 3, 32, 32)).shape
    torch.Size([1, 10])
    """

    def __init__(self, outputs: int, width: int = WIDTH) -> None:
        with torch.device("meta"):  # the wide layers of the base class are replaced unseen
            super().__init__(BasicBlock, list(BLOCKS), num_classes=outputs)
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.Identity()
        for stage, blocks in enumerate(BLOCKS):
            planes, stride = width * 2**stage, 1 if stage == 0 else 2
            setattr(self, f"layer{stage + 1}", self._make_layer(BasicBlock, planes, blocks, stride=stride))
        self.fc = nn.Linear(width * 2 ** (len(BLOCKS) - 1), outputs)
        self._initialise()

    def _initialise(self) -> None:
        """As torchvision's ResNet does (He et al. 2015)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
