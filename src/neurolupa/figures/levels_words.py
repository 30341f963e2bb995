"""What is said of the levels of units: the rule, with its numbers, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.synthesis import Levels


def rule_words(found: Levels, lang: str) -> str:
    """What makes a unit low-level, high-level, mixed or neither."""
    source = found.source
    return text("levels.rule", lang, least=f"{100 * source.least:g}", times=f"{source.times:g}")


def levels_caption(found: Levels, lang: str) -> str:
    """Network, site, the pictures of both kinds with their N, and what the shares are without."""
    source = found.source
    return text(
        "levels.caption",
        lang,
        model=source.model,
        units=whole(len(found), lang),
        generated=whole(found.stimuli.pictures, lang),
        stimuli=source.stimuli,
        pictures=whole(found.labels.pictures, lang),
        labelled=source.labelled,
        classes=whole(source.classes, lang),
        shuffles=whole(source.shuffles, lang),
    )
