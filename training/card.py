"""CARD.md: the card of the embedded network for people, written from card.json alone."""

from textwrap import fill
from typing import Any

WIDTH = 110

_HEAD = """# The embedded network

`load_model("embedded")`: a small convolutional network that ships with neurolupa, so that everything can be
shown without a download. It is torchvision's `ResNet` of `BasicBlock`s [2, 2, 2, 2] at a quarter of
ResNet-18's width (16, 32, 64 and 128 channels), with a 3x3 stem of stride 1 and no max-pooling. Its modules
carry ResNet-18's names.

This page is written by `python -m training.train_embedded` from `card.json`; the numbers are of the file that
ships."""

_DATA = """## Data and their licence

Trained on CIFAR-10 (Krizhevsky 2009: Learning Multiple Layers of Features from Tiny Images), 32x32 colour
pictures of ten classes, collected from the web. CIFAR-10 is published without a licence text of its own; it
is in wide use for research, and the rights in the pictures are with their owners. No picture of it is in this
package: only the weights, which are under the licence of neurolupa (MIT)."""

_WEAK = """## Known weaknesses

- It sees 32x32 pixels. A photograph is reduced to a short side of 32 and cropped at its centre: what is small
  or off centre is lost.
- It knows ten classes and always names one of them. A coffee cup, a rocket or a face gets the nearest of the
  ten, and the confidence says nothing about that.
- Its confidences are those of training with label smoothing: they are not calibrated.
- Most of its training pictures went through JPEG: fine texture at the scale of JPEG's 8x8 blocks may mean
  something to it that it does not mean to you.
- CIFAR-10 pairs things with surroundings (ships with water, deer with grass); units may answer to those.
- It serves to learn and to test with. Decide nothing about people or safety with it."""


def card_page(card: dict[str, Any]) -> str:
    """The page in Markdown."""
    parts = [_HEAD.rstrip(), _facts(card), _DATA, _pictures(card), _recipe(card), _accuracy(card), _WEAK]
    return "\n\n".join(parts) + "\n"


def _facts(card: dict) -> str:
    weights, seen = card["weights"], card["preprocessing"]
    return _table(
        ("what", "value"),
        [
            ("file", f"`{weights['file']}`, {weights['bytes']:,} bytes, {weights['dtype']} safetensors"),
            ("SHA-256", f"`{weights['sha256']}`"),
            ("parameters", f"{weights['parameters']:,}"),
            ("classes", ", ".join(card["classes"])),
            ("input", f"{seen['input_size'][0]}x{seen['input_size'][1]} pixels, short side resized to it"),
            ("mean, standard deviation", f"{_numbers(seen['mean'])}; {_numbers(seen['std'])}"),
        ],
    )


def _pictures(card: dict) -> str:
    lines = [f"- `{name}`: {count:,} pictures" for name, count in card["training"]["sets"].items()]
    return "\n".join(["Pictures that it was trained on:", "", *lines])


def _recipe(card: dict) -> str:
    training = card["training"]
    recipe, last = training["recipe"], training["last_epoch"]
    text = f"""
        Nesterov SGD (momentum {recipe["momentum"]}, weight decay {recipe["decay"]:g} on convolutions and the
        classifier) for {recipe["epochs"]} epochs in {len(recipe["rates"])} cycles, each a cosine down to
        zero, the first after a warm-up of {recipe["warm_up"]:g} epochs. The first {recipe["small_epochs"]}
        epochs see crops of {recipe["small_size"]} pixels. {_cycles(recipe)} Random crops after reflecting
        4 pixels at the border, mirrored in every other epoch; label smoothing {recipe["smoothing"]}; the
        moving average of the weights (decay {recipe["averaging"]} a step) is kept and rounded to half
        precision. Seed {recipe["seed"]}, torch {training["torch"]}, {training["seconds"] / 60:.0f} minutes,
        threads of a CPU: {training["threads"]}. Last epoch: loss {last["loss"]}, accuracy {last["accuracy"]}
        on the training crops."""
    return "## Recipe\n\n" + fill(" ".join(text.split()), WIDTH)


def _cycles(recipe: dict) -> str:
    """A sentence a cycle: its epochs, its rate, its batches, what it hides."""
    starts = [0, *recipe["restarts"]]
    cycles = zip(starts, recipe["rates"], recipe["batches"], recipe["cutouts"], strict=True)
    return " ".join(
        f"From epoch {start}: a rate of {rate}, batches of {batch}"
        + (f", a square of {hidden} pixels hidden in every crop (cutout)." if hidden else ".")
        for start, rate, batch, hidden in cycles
    )


def _accuracy(card: dict) -> str:
    evaluations = card["evaluation"]
    names = [each["set"] for each in evaluations]
    rows = [("**all**", *(_share(each) for each in evaluations))]
    rows += [(name, *(_share(each["classes"][name]) for each in evaluations)) for name in card["classes"]]
    totals = ", ".join(f"{each['total']:,} pictures in `{each['set']}`" for each in evaluations)
    mistakes = "; ".join(f"{true} called {called} {count} times" for true, called, count in _confusions(card))
    return "\n\n".join(
        [
            "## Accuracy",
            f"Share of test pictures called right, with 95 % intervals (Wilson): {totals}.",
            _table(("class", *names), rows),
            fill(f"Most frequent mistakes on `{names[0]}`: {mistakes}.", WIDTH),
        ]
    )


def _confusions(card: dict) -> list[tuple[str, str, int]]:
    return card["evaluation"][0]["confusions"]


def _share(share: dict) -> str:
    return f"{share['accuracy']:.3f} ({share['low']:.3f} to {share['high']:.3f})"


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
