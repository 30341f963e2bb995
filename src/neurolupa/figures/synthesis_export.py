"""A synthesis as a folder: pictures, what is known of each, tables and figures, all of them or none."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL.PngImagePlugin import PngInfo

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.schema import escape
from neurolupa.figures.replacing import FolderKind
from neurolupa.figures.style import DPI
from neurolupa.figures.synthesis import synthesis_grid, synthetic_beside_natural
from neurolupa.figures.synthesis_words import caution

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas
    from neurolupa.synthesis import Synthesis

FOLDER = FolderKind("files.json", "neurolupa synthesize")
_LONGEST = 120


def export_synthesis(
    synthesis: Synthesis,
    folder: str | os.PathLike,
    *,
    atlas: Atlas | None = None,
    lang: str = "en",
    overwrite: bool = False,
) -> tuple[Path, ...]:
    """Write a synthesis: all files appear, or none does.

    `grid.png`, all pictures; for each its PNG, pixel by pixel, with a line of provenance in the PNG's text,
    and its JSON; `synthesis.csv`; `synthesis.json` and `.safetensors`, which `Synthesis.load` reads; with an
    atlas that has the site, each unit's first picture beside natural ones; `files.json`, which names them.

    Args:
        synthesis: Of `synthesize`.
        folder: A new or empty one.
        atlas: Of the same network.
        lang: Of the figures' words.
        overwrite: Whether the files of an earlier synthesis in the folder may be replaced.

    Returns:
        The files.

    Raises:
        UsageError: An unknown language, or an atlas of another network.
        DataError: The folder holds files, or cannot be written.
    """
    return FOLDER.write(Path(folder), partial(_fill, synthesis, atlas, lang), overwrite)


def picture_names(synthesis: Synthesis) -> tuple[str, ...]:
    """A file name for each picture, without its ending: what it drives, and which copy of several."""
    several, names = max(synthesis.copies) > 0, list[str]()
    for index, target in enumerate(synthesis.targets):
        name = escape(_plain(synthesis, index) or target)
        name = f"{name}_{synthesis.copies[index]}" if several else name
        names.append(f"{name[:_LONGEST]}_{index}" if name in names or len(name) > _LONGEST else name)
    return tuple(names)


def _plain(synthesis: Synthesis, index: int) -> str:
    """Site, unit and place; nothing for what is no unit of one site."""
    unit, site = synthesis.units[index], synthesis.source.site
    _, mark, place = synthesis.targets[index].rpartition("[")
    return f"{site}_{unit}{mark}{place if mark else ''}" if unit >= 0 and site is not None else ""


def picture_rows(synthesis: Synthesis) -> pd.DataFrame:
    """`Synthesis.to_frame` with the file of each picture in front."""
    frame = synthesis.to_frame()
    frame.insert(0, "file", [f"{name}.png" for name in picture_names(synthesis)])
    return frame


def picture_facts(synthesis: Synthesis, index: int) -> dict[str, Any]:
    """What is known of one picture, ready for JSON: what is no finite number is None."""
    curve = [float(value) for value in synthesis.curves[index]]
    facts = {
        "synthetic": True,
        "target": synthesis.targets[index],
        "unit": synthesis.units[index],
        "copy": synthesis.copies[index],
        "state": synthesis.states[index],
        "activation": float(synthesis.activations[index]),
        "quality": asdict(synthesis.quality[index]),
        "curve": {"steps": synthesis.steps.tolist(), "activation": curve},
        "seconds": synthesis.seconds[index],
        "settings": synthesis.source.to_dict(),
    }
    return _finite(facts)


def provenance(synthesis: Synthesis, index: int) -> str:
    """One line that says what picture `index` is and how to make it again."""
    source = synthesis.source
    height, width = source.size
    return (
        f"Synthetic picture, made by optimisation to drive {synthesis.targets[index]} of {source.model} "
        f"(weights {source.weights_digest[:12]}): {source.method}, {source.recipe['steps']} steps, "
        f"{width} x {height} pixels, seed {source.seed}, copy {synthesis.copies[index]}, "
        f"neurolupa {source.versions['neurolupa']}, torch {source.versions['torch']}"
    )


def _fill(synthesis: Synthesis, atlas: Atlas | None, lang: str, place: Path) -> None:
    names = picture_names(synthesis)
    for index, name in enumerate(names):
        note = PngInfo()
        note.add_text("Description", provenance(synthesis, index))
        note.add_text("Comment", caution("en"))
        synthesis.picture(index).save(place / f"{name}.png", pnginfo=note)
        _json(place / f"{name}.json", picture_facts(synthesis, index))
    table = picture_rows(synthesis)
    write_csv(table, place / "synthesis.csv")
    synthesis.save(place)
    _png(synthesis_grid(synthesis, lang=lang), place / "grid.png")
    for index in _compared(synthesis, atlas):
        assert atlas is not None
        beside = synthetic_beside_natural(synthesis, index, atlas, lang)
        _png(beside, place / f"{names[index]}_beside_natural.png")
    FOLDER.tell(place)


def _compared(synthesis: Synthesis, atlas: Atlas | None) -> Sequence[int]:
    """The first picture of each unit, where the atlas has the site."""
    if atlas is None or synthesis.source.site not in atlas.sites:
        return ()
    first = {synthesis.units[index]: index for index in reversed(range(len(synthesis)))}
    return sorted(index for unit, index in first.items() if unit >= 0)


def _png(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def _json(path: Path, facts: Any) -> None:
    told = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(told + "\n", encoding="utf-8")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value
