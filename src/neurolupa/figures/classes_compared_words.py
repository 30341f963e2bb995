"""What is said of classes side by side: where the numbers come from, what was found, what codes mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from neurolupa.atlas.captions import caption
from neurolupa.figures.style import MINUS
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.comparison.classes import ClassComparison, ClassPair, ComparedClass

_LONGEST, _MOST_NAMES = 16, 4


def class_list(names: Sequence[str], lang: str) -> str:
    """The names with an "and" before the last; of more than four only how many.

    >>> class_list(["cat", "dog", "ship"], "en"), class_list(["cat", "dog"], "es")
    ('cat, dog and ship', 'cat y dog')
    """
    if len(names) > _MOST_NAMES:
        return text("compare_classes.many", lang, count=len(names))
    *rest, last = names
    return text("compare_classes.and", lang, rest=", ".join(rest), last=last)


def counted(each: ComparedClass, lang: str) -> str:
    """A class with its number of images."""
    return f"{each.name} (N = {whole(each.images, lang)})"


def comparison_title(found: ClassComparison, lang: str) -> str:
    """Which classes at which site."""
    return text("compare_classes.title", lang, site=found.site, classes=class_list(found.names, lang))


def comparison_notes(found: ClassComparison, lang: str) -> tuple[str, ...]:
    """How many images each class has, how p is adjusted, and where all of it comes from."""
    counts = ", ".join(counted(each, lang) for each in found.classes)
    tests = sum(int(np.isfinite(pair.effects.p).sum()) for pair in found.pairs)
    rule = text(f"compare_classes.correction.{found.correction}", lang)
    told = text("compare_classes.rule", lang, counts=counts, rule=rule, tests=whole(tests, lang))
    return told, *code_lines(found, lang), caption(found.source, lang)


def code_lines(found: ClassComparison, lang: str) -> Iterator[str]:
    """One sentence for each code but OK that some unit has, with how many (of all pairs) have it."""
    codes = Counter(code for pair in found.pairs for code in pair.codes.tolist())
    for code, count in sorted(codes.items()):
        if code != "OK":
            told = {"count": whole(count, lang), "kept": found.kept}
            yield text(f"compare_classes.code.{code}", lang, **told)


def reading_lines(found: ClassComparison, lang: str) -> Iterator[str]:
    """What the comparison amounts to: a sentence for each pair, and one for the pictures."""
    for pair in found.pairs:
        yield pair_line(found, pair, lang)
    yield lookalike_line(found, lang)


def pair_line(found: ClassComparison, pair: ClassPair, lang: str) -> str:
    """How many units differ, and the one that differs most."""
    told: dict[str, object] = {"first": pair.first, "second": pair.second, "units": whole(len(found), lang)}
    strongest = pair.strongest(1)
    if not strongest:
        return text("compare_classes.reading.none", lang, **told)
    unit = strongest[0]
    effect = pair.effects
    numbers = {name: signed(getattr(effect, name)[unit]) for name in ("g", "low", "high")}
    key = "some" if pair.different.any() else "chance"
    told |= {"different": whole(int(pair.different.sum()), lang), "unit": unit}
    line = text(f"compare_classes.reading.{key}", lang, **told, **numbers)
    return f"{line} {_shuffled(pair, lang)}".rstrip()


def lookalike_line(found: ClassComparison, lang: str) -> str:
    """How well a line tells the classes apart, and how many pictures are on another side."""
    held = found.lookalikes
    told = {"site": found.site, "images": whole(held.images, lang), "count": whole(len(held.pictures), lang)}
    if held.null is None:
        return text(f"compare_classes.lookalikes.{held.code.value}", lang, **told)
    shares = {"accuracy": held.accuracy, "low": held.low, "high": held.high, "null": held.null.mean}
    percent = {name: f"{100 * share:.1f}" for name, share in shares.items()}
    return text(f"compare_classes.lookalikes.{held.code.value}", lang, **told, **percent)


def signed(value: float) -> str:
    """Two decimals with a proper minus.

    >>> signed(-1.234), signed(-0.001)
    ('−1.23', '0.00')
    """
    return f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def short_name(name: str) -> str:
    """A class's name for a narrow place.

    >>> short_name("cat"), short_name("a very long name of a class")
    ('cat', 'a very long nam…')
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _shuffled(pair: ClassPair, lang: str) -> str:
    largest = pair.sampled.largest
    if largest is None:
        return ""
    told = {"p": f"{largest.p:.3f}", "images": whole(largest.images, lang), "high": signed(largest.high)}
    shuffles = whole(largest.shuffles, lang)
    return text("compare_classes.reading.shuffled", lang, **told, shuffles=shuffles)
