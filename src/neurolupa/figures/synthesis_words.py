"""What is said of synthetic pictures: what they drive, how good they are, and that they are synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from neurolupa.figures.style import MINUS, short
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.synthesis import Quality, Synthesis


def caution(lang: str) -> str:
    """That the picture is synthetic, and how far people get with such pictures."""
    return text("synthesis.caution", lang)


def source_line(synthesis: Synthesis, lang: str) -> str:
    """Network, method, steps, sizes, seed and prior."""
    source = synthesis.source
    height, width = source.size
    return text(
        "synthesis.source",
        lang,
        model=source.model,
        method=source.method,
        steps=source.recipe["steps"],
        width=width,
        height=height,
        view_width=source.view[1],
        view_height=source.view[0],
        seed=source.seed,
        prior=source.prior,
    )


def target_words(synthesis: Synthesis, index: int, lang: str) -> str:
    """What picture `index` drives: its unit where it is one of one site, else the objective; and its copy."""
    unit, copies = synthesis.units[index], max(synthesis.copies) + 1
    is_unit = unit >= 0 and synthesis.source.site is not None
    words = text("synthesis.unit", lang, unit=unit) if is_unit else synthesis.targets[index]
    copy = text("synthesis.copy", lang, copy=synthesis.copies[index]) if copies > 1 else ""
    return f"{words} · {copy}" if copy else words


def activation_words(synthesis: Synthesis, index: int) -> str:
    """The activation, and in brackets how many times that of the best natural picture it is, where known."""
    ratio = natural_ratio(synthesis, index)
    times = f" ({ratio:.2f} ×)" if isfinite(ratio) else ""  # noqa: RUF001 (it is a product)
    return f"{number(synthesis.activations[index])}{times}"


def natural_ratio(synthesis: Synthesis, index: int) -> float:
    """What was driven, as a multiple of the highest on natural pictures; NaN where that is unknown.

    The mean of the map where the mean was driven, its peak where one position was.
    """
    quality = synthesis.quality[index]
    return quality.mean_ratio if drives_mean(synthesis, index) else quality.peak_ratio


def drives_mean(synthesis: Synthesis, index: int) -> bool:
    """Whether the picture drives the mean of a unit's map, and not one position of it."""
    return not synthesis.targets[index].endswith("]")


def state_words(state: str, lang: str) -> str:
    """A state in a word or two."""
    return text(f"synthesis.state.{state}", lang)


def quality_lines(synthesis: Synthesis, index: int, lang: str) -> list[str]:
    """Sentences: what went wrong, if anything, what was reached, and beside what; every one with its N."""
    state, quality = synthesis.states[index], synthesis.quality[index]
    lines = [] if state == "GOOD" else [text(f"synthesis.told.{state}", lang)]
    if isfinite(quality.mean):
        lines += [_mean(quality, lang), _peak(quality, lang)]
        lines.append(text("synthesis.quality.rank", lang, rank=quality.rank, of=whole(quality.of or 0, lang)))
    else:
        lines.append(text("synthesis.quality.reached", lang, value=number(synthesis.activations[index])))
    lines += _stability(synthesis, index, lang)
    return [*lines, text("synthesis.quality.made", lang, seconds=f"{synthesis.seconds[index]:.1f}")]


def number(value: float) -> str:
    """Three significant digits, with a true minus sign."""
    return short(float(value)).replace("-", MINUS)


def _mean(quality: Quality, lang: str) -> str:
    code = _code("mean", quality.natural_mean, quality.mean_ratio)
    values = {"mean": number(quality.mean), "natural": number(quality.natural_mean)}
    sampled = whole(quality.sampled, lang)
    return text(code, lang, ratio=f"{quality.mean_ratio:.2f}", sampled=sampled, **values)


def _peak(quality: Quality, lang: str) -> str:
    code = _code("peak", quality.natural_peak, quality.peak_ratio)
    values = {"peak": number(quality.peak), "natural": number(quality.natural_peak)}
    images = whole(quality.natural_images, lang)
    return text(code, lang, ratio=f"{quality.peak_ratio:.2f}", images=images, **values)


def _code(what: str, natural: float, ratio: float) -> str:
    known = ".ratio" if isfinite(ratio) else ".natural" if isfinite(natural) else ""
    return f"synthesis.quality.{what}{known}"


def _stability(synthesis: Synthesis, index: int, lang: str) -> Iterator[str]:
    quality = synthesis.quality[index]
    if not isfinite(quality.stability):
        return
    copies = synthesis.targets.count(synthesis.targets[index])
    code = f"synthesis.quality.stability{'.null' if isfinite(quality.stability_null) else ''}"
    yield text(
        code,
        lang,
        copies=copies,
        others=len(synthesis) - copies,
        stability=f"{quality.stability:.2f}".replace("-", MINUS),
        null=f"{quality.stability_null:.2f}".replace("-", MINUS),
    )
