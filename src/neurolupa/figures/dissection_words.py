"""What is said of a dissection: the rule, with its numbers, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.probing import Dissection


def dissection_notes(found: Dissection, lang: str) -> tuple[str, str]:
    """What makes a unit a detector; network, and pictures with their N."""
    source = found.source
    rule = text(
        "dissection.rule",
        lang,
        least=f"{source.least_iou:g}",
        above=f"{100 * (1 - source.quantile):g}",
        shuffles=whole(source.shuffles, lang),
    )
    told = {"model": source.model, "pictures": whole(source.pictures, lang), "images": source.images}
    return rule, text("dissection.caption", lang, **told, seed=source.seed)
