"""A network whose maps are the picture's own colours, and what it does with a picture of four fields."""

import torch
from PIL import Image
from torch import nn

from neurolupa.inspection import ImageAnalysis, inspect
from neurolupa.models import Model, load_model

RED, GREEN = 4.0, 2.0


class Colours(nn.Module):
    """Unit 0 is 4 x red, unit 1 is never on, unit 2 is 2 x green; then their means."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu, self.fc = nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Linear(3, 3, bias=False)
        self.deep = nn.Conv2d(3, 2, 3, padding=1)
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.weight[0, 0], self.conv.weight[2, 1] = RED, GREEN
            self.conv.bias.copy_(torch.tensor([0.0, -1.0, 0.0]))
            self.fc.weight.copy_(torch.eye(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.relu(self.conv(x))
        self.deep(nn.functional.avg_pool2d(x, 2))
        return self.fc(x.mean((2, 3)))


def colours(size: int = 4) -> Model:
    return load_model(
        Colours(), input_size=size, mean=(0.0,) * 3, std=(1.0,) * 3, classes=["red", "none", "green"]
    )


def fields() -> Image.Image:
    """4 x 4 pixels: red above on the left, green below on the right, black elsewhere."""
    picture = Image.new("RGB", (4, 4))
    picture.paste((255, 0, 0), (0, 0, 2, 2))
    picture.paste((0, 255, 0), (2, 2, 4, 4))
    return picture


def analysis(site: str = "conv", point: str | None = "relu") -> ImageAnalysis:
    return inspect(colours(), fields(), site, point)
