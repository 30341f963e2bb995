"""The residual networks for CIFAR-10 of He et al. 2015 (arXiv:1512.03385), section 4.2.

An example of bringing a network of one's own: neurolupa calls a factory of this file without arguments and
takes the constants below for its preprocessing and class names:

    neurolupa scan examples/cifar_resnet.py:resnet20 npz:pictures.npz --weights resnet20.th --out atlas
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
INPUT_SIZE = 32
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class Shortcut(nn.Module):
    """Option A: every second pixel, and as many zero channels on both sides as the block adds."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.padding = (channels_out - channels_in) // 2

    def forward(self, x: Tensor) -> Tensor:
        """(N, C_in, H, W) to (N, C_out, H / stride, W / stride)."""
        strided = x[:, :, :: self.stride, :: self.stride]
        return F.pad(strided, (0, 0, 0, 0, self.padding, self.padding))


class Block(nn.Module):
    """Two 3x3 convolutions and the shortcut around them."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        changed = stride != 1 or channels_in != channels_out
        self.shortcut = Shortcut(channels_in, channels_out, stride) if changed else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C_in, H, W) to (N, C_out, H / stride, W / stride)."""
        inner = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(inner)) + self.shortcut(x))


class CifarResNet(nn.Module):
    """A 3x3 stem of 16 channels, three stages of `blocks` blocks, average pooling and one linear layer."""

    def __init__(self, blocks: int, classes: int = len(CLASSES)) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = stage(16, 16, blocks, stride=1)
        self.layer2 = stage(16, 32, blocks, stride=2)
        self.layer3 = stage(32, 64, blocks, stride=2)
        self.linear = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) to logits (N, classes)."""
        x = F.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        pooled = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
        return self.linear(pooled)


def stage(channels_in: int, channels_out: int, blocks: int, stride: int) -> nn.Sequential:
    """Blocks on maps of one size; the first of them changes size and channels."""
    first = Block(channels_in, channels_out, stride)
    return nn.Sequential(first, *(Block(channels_out, channels_out, 1) for _ in range(blocks - 1)))


def resnet20() -> CifarResNet:
    """Three blocks a stage: 6 * 3 + 2 = 20 weighted layers."""
    return CifarResNet(3)


def resnet32() -> CifarResNet:
    """Five blocks a stage."""
    return CifarResNet(5)


def resnet44() -> CifarResNet:
    """Seven blocks a stage."""
    return CifarResNet(7)


def resnet56() -> CifarResNet:
    """Nine blocks a stage."""
    return CifarResNet(9)
