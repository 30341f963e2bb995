"""Trains the network that ships with the package, measures it, and writes its weights and its card.

    python -m training.train_embedded               trains, or goes on where it was; then measures and writes
    python -m training.train_embedded --evaluate    measures the weights that ship; compares with their card

The pictures are those below NEUROLUPA_DATA (default ../shared/data), or any image sets of 32-pixel CIFAR-10
pictures: --train "cifar10:DIR?split=train" --test "cifar10:DIR?split=test" downloads torchvision's.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from neurolupa.images import load_images
from neurolupa.models import load_model
from neurolupa.models.embedded import CLASSES, PREPROCESSING
from neurolupa.models.embedded.shipped import FOLDER, WEIGHTS, read_card, read_weights
from training.card import card_page
from training.evaluation import describe, evaluate, same_numbers
from training.pictures import read_pictures
from training.recipe import Recipe
from training.run import CURVE, Run
from training.shipping import write_card, write_weights

_DATA = Path(os.environ.get("NEUROLUPA_DATA", "../shared/data")) / "cifar10"
TRAIN = (f"parquet:{_DATA}/train-jpeg.parquet", f"npz:{_DATA}/train-lossless-8068.npz")
TEST = (f"parquet:{_DATA}/test-jpeg.parquet", f"npz:{_DATA}/test-lossless-500.npz")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; 1 where --evaluate finds other numbers than the card's."""
    options = _parser().parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.evaluate:
        return _compare(options.test, options.into)
    _train(options)
    return 0


def measure(folder: Path, specs: Sequence[str]) -> list[dict]:
    """The evaluations of the weights in a folder, one an image set, as the card keeps them."""
    model = load_model("embedded", weights=folder / WEIGHTS, device="cpu")
    return [evaluate(model, read_pictures([spec]), load_images(spec).name).to_dict() for spec in specs]


def _train(options: argparse.Namespace) -> None:
    recipe = Recipe.of_length(options.epochs, options.seed)
    run = Run(options.out, recipe, PREPROCESSING, len(CLASSES))
    module = run.finish(read_pictures(options.train))
    curve = [json.loads(line) for line in (options.out / CURVE).read_text(encoding="utf-8").splitlines()]
    sets = {images.name: len(images) for images in map(load_images, options.train)}
    weights = write_weights(module, options.into)
    evaluations = measure(options.into, options.test)
    write_card(options.into, weights, recipe, sets, curve, evaluations)
    (options.into / "CARD.md").write_text(card_page(read_card(options.into)), encoding="utf-8")
    print(describe(evaluations))


def _compare(specs: Sequence[str], folder: Path) -> int:
    read_weights(folder)  # refuses a file that is not the card's
    measured, written = measure(folder, specs), read_card(folder)["evaluation"]
    print(describe(measured))
    if same_numbers(measured, written):
        print("these are the card's numbers")
        return 0
    print("the card says otherwise:\n" + describe(written), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.train_embedded",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--evaluate", action="store_true", help="train nothing")
    parser.add_argument("--train", nargs="+", default=TRAIN, metavar="SPEC", help="image sets to train on")
    parser.add_argument("--test", nargs="+", default=TEST, metavar="SPEC", help="image sets to measure on")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--threads", type=int, default=0, help="threads of torch; 0: its own choice")
    parser.add_argument("--out", type=Path, default=Path("out/training"), help="checkpoint and curve")
    parser.add_argument("--into", type=Path, default=FOLDER, help="weights and card")
    return parser


if __name__ == "__main__":
    sys.exit(main())
