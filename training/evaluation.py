"""What a network gets right on an image set, class by class, each share with its interval."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from neurolupa.models import Model
from training.pictures import Pictures, normalise

BATCH = 250
CONFUSIONS = 6


@dataclass(frozen=True)
class Share:
    """How many of how many, with the 95 % interval of Wilson (1927)."""

    correct: int
    total: int

    @property
    def value(self) -> float:
        """The share itself, in 0..1."""
        return self.correct / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high end."""
        found = binomtest(self.correct, self.total).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def to_dict(self) -> dict[str, float]:
        """Plain values, the shares to four digits."""
        low, high = self.interval
        return {
            "correct": self.correct,
            "total": self.total,
            "accuracy": round(self.value, 4),
            "low": round(low, 4),
            "high": round(high, 4),
        }


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Counts of a class (row) called a class (column), (K, K), on the image set of that name."""

    name: str
    classes: tuple[str, ...]
    confusion: np.ndarray

    @property
    def all(self) -> Share:
        """Over all classes."""
        return Share(int(np.trace(self.confusion)), int(self.confusion.sum()))

    def of(self, label: int) -> Share:
        """Of the pictures of one class."""
        return Share(int(self.confusion[label, label]), int(self.confusion[label].sum()))

    def confusions(self) -> list[tuple[str, str, int]]:
        """The most frequent mistakes: true class, called, how often."""
        wrong = self.confusion * ~np.eye(len(self.classes), dtype=bool)
        worst = np.argsort(-wrong, axis=None, kind="stable")[:CONFUSIONS]
        pairs = [np.unravel_index(flat, wrong.shape) for flat in worst]
        return [(self.classes[row], self.classes[column], int(wrong[row, column])) for row, column in pairs]

    def to_dict(self) -> dict:
        """Plain values, as the card keeps them."""
        per_class = {name: self.of(label).to_dict() for label, name in enumerate(self.classes)}
        return {
            "set": self.name,
            **self.all.to_dict(),
            "classes": per_class,
            "confusions": [list(mistake) for mistake in self.confusions()],
        }


def evaluate(model: Model, pictures: Pictures, name: str) -> Evaluation:
    """The confusion of a model of 32-pixel pictures with as many classes as labels."""
    classes = model.classes or ()
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for pixels, labels in zip(pictures.pixels.split(BATCH), pictures.labels.split(BATCH), strict=True):
        called = model.forward(normalise(pixels, model.preprocessing)).argmax(1)
        np.add.at(confusion, (labels.numpy(), called.numpy()), 1)
    return Evaluation(name, classes, confusion)


def same_numbers(first: list[dict], second: list[dict], pictures: int = 1) -> bool:
    """Whether two lists of evaluations agree, but for so many pictures a set: rounding differs by machine."""
    return len(first) == len(second) and all(
        one["set"] == other["set"]
        and one["total"] == other["total"]
        and abs(one["correct"] - other["correct"]) <= pictures
        for one, other in zip(first, second, strict=True)
    )


def describe(evaluations: list[dict]) -> str:
    """A line a set and a line a class, for the terminal."""
    lines = []
    for each in evaluations:
        lines.append(f"{each['set']}: {_share(each)} of {each['total']:,}")
        lines += [f"  {name:<10} {_share(share)}" for name, share in each["classes"].items()]
    return "\n".join(lines)


def _share(share: dict) -> str:
    return f"{share['accuracy']:.4f} ({share['low']:.4f} to {share['high']:.4f})"
