"""What `dream` asks, makes and says."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.cli.network import note
from neurolupa.cli.printing import Column, number, print_json, print_table
from neurolupa.cli.words import last_calls
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.models import Model
    from neurolupa.synthesis import Dream

_INTERRUPTED = 130


@dataclass(frozen=True)
class Asked:
    """What was typed; the fields are those of the options."""

    image: str
    site: str
    unit: int | None
    octaves: int
    scale: float
    steps: int
    rate: float
    most: int
    seed: int


def make(model: "Model", asked: Asked) -> "Dream":
    """The dream, with a bar while it is made; Ctrl-C gives what is there."""
    from neurolupa.capture import trace
    from neurolupa.cli.progress import progress
    from neurolupa.images.picking import pick_image
    from neurolupa.synthesis import dream

    found = trace(model).find(asked.site)
    picture, images = pick_image(asked.image)
    if told := last_calls([(found.name, found.address)]):
        note(told)
    with progress(doing="dreaming", ending="measuring", things="steps") as on_step:
        return dream(
            model, picture, found, asked.unit, octaves=asked.octaves, scale=asked.scale, steps=asked.steps,
            rate=asked.rate, seed=asked.seed, most=asked.most, images=images, report=on_step,
        )  # fmt: skip


def finish(dreamt: "Dream", out: str, overwrite: bool, lang: str, json: bool) -> int:
    """Write and say everything; gives the exit code: 1 where all failed, 130 where Ctrl-C ended it."""
    from neurolupa.figures.dream_export import export_dream

    files = export_dream(dreamt, out, lang=lang, overwrite=overwrite)
    if dreamt.reduced:
        note(_reduced(dreamt, lang))
    if json:
        print_json({**dreamt.to_dict(), "files": [path.as_posix() for path in files]})
    else:
        _say(dreamt, files, lang)
    if not dreamt.interrupted:
        return int(dreamt.state == "FAILED")
    done, wanted = sum(one.steps for one in dreamt.octaves), dreamt.source.octaves * dreamt.source.steps
    told = text("dream.interrupted", lang, done=whole(done, lang), wanted=whole(wanted, lang))
    print(told, file=sys.stderr)
    return _INTERRUPTED


def _reduced(dreamt: "Dream", lang: str) -> str:
    (height, width), (new_height, new_width) = dreamt.source.image_size, dreamt.picture.shape[1:]
    return text("dream.reduced", lang, width=width, height=height, new_width=new_width, new_height=new_height)


def _say(dreamt: "Dream", files: Sequence[Path], lang: str) -> None:
    from neurolupa.figures.dream_words import dream_caution, dream_lines, dream_source

    print(f"{text('dream.title', lang, target=dreamt.target)}\n{dream_source(dreamt, lang)}\n")
    rows = _rows(dreamt)
    print_table(rows, [column for column in _COLUMNS if column.name != "note" or rows["note"].any()])
    print()
    for line in [*dream_lines(dreamt, lang), dream_caution(lang)]:
        print(line)
    written = {"folder": files[0].parent.as_posix(), "count": len(files)}
    print(f"\n{text('cli.inspect.written', lang, **written)}")


def _rows(dreamt: "Dream") -> "pd.DataFrame":
    frame = dreamt.to_frame()
    frame["size"] = [f"{one.width} x {one.height}" for one in dreamt.octaves]
    frame["note"] = [
        "failed" if one.failed else "restarted" if one.restarted else "" for one in dreamt.octaves
    ]
    return frame


_COLUMNS = (
    Column("size", right=True),
    Column("steps", right=True),
    Column("before", show=number, right=True),
    Column("after", show=number, right=True),
    Column("note", spare=1),
)
