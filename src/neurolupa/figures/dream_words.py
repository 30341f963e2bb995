"""What is said of a dream: that it is synthetic, what was driven, how far, and how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.figures.synthesis_words import number
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.synthesis import Dream


def dream_caution(lang: str) -> str:
    """That the picture is synthetic, and what its changes are."""
    return text("dream.caution", lang)


def dream_lines(dream: Dream, lang: str) -> list[str]:
    """Sentences: what went wrong, if anything, and what was reached from what."""
    lines = [] if dream.state == "GOOD" else [text(f"dream.told.{dream.state}", lang)]
    if dream.state == "FAILED":
        return lines
    first, last = dream.octaves[0], dream.octaves[-1]
    ends = {"before": number(first.before), "after": number(last.after)}
    return [*lines, text("dream.reached", lang, target=dream.target, **ends)]


def dream_source(dream: Dream, lang: str) -> str:
    """Network, picture, steps, sizes, seed."""
    source = dream.source
    return text(
        "dream.source",
        lang,
        model=source.model,
        image=source.image,
        steps=source.steps,
        sizes=", ".join(f"{one.width} × {one.height}" for one in dream.octaves),  # noqa: RUF001 (a product)
        seed=source.seed,
    )


def dream_provenance(dream: Dream) -> str:
    """One line that says what the picture is and how to make it again."""
    source = dream.source
    return (
        f"Synthetic picture: {source.image} (pixels {source.image_digest[:12]}), changed by optimisation "
        f"(DeepDream) to drive {dream.target} of {source.model} (weights {source.weights_digest[:12]}): "
        f"{source.octaves} sizes, each {source.scale:g} times the one before, {source.steps} steps at each, "
        f"rate {source.rate:g}, seed {source.seed}, at most {source.most} pixels, "
        f"neurolupa {source.versions['neurolupa']}, torch {source.versions['torch']}"
    )
