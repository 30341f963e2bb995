"""What is said of an ablation: the whole network's accuracy, what units were set to, and the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.attribution import Ablation


def ablation_notes(found: Ablation, lang: str, shown: int | None = None) -> tuple[str, ...]:
    """The whole network's accuracy, what units were set to, N, how to read intervals and marks, and what is
    shown where that is not all.
    """
    source = found.source
    told = {"percent": 100 * found.accuracy, "n": whole(source.pictures, lang), "images": source.images}
    value = source.value if isinstance(source.value, str) else "number"
    groups = len(found.groups)
    part = shown is not None and shown < groups
    return (
        text(f"ablation.whole.{source.truth}", lang, **told, left=whole(source.left_out, lang)),
        text(f"ablation.value.{value}", lang, value=source.value),
        *([text("ablation.shown", lang, shown=shown, groups=whole(groups, lang))] if part else []),
        text("ablation.rule", lang),
    )
