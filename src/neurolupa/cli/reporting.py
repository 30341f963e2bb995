"""What is said before and after a scan."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from neurolupa.atlas.captions import caption
from neurolupa.capture import trace
from neurolupa.cli.network import note
from neurolupa.cli.words import last_calls, note_lines, summary_lines
from neurolupa.scanning.plan import size
from neurolupa.scanning.sinks import kept_bytes

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas
    from neurolupa.images import ImageSet
    from neurolupa.models import Model


def announce(model: "Model", images: "ImageSet", sites: Sequence[str], keep: str | None) -> None:
    """Say on stderr how large a file of kept activations will be."""
    if keep is not None:
        kept = kept_bytes(trace(model).select(sites), len(images))
        note(f"{keep} will take about {size(kept)}")


def report(atlas: "Atlas", lang: str) -> None:
    """The summary on stdout, what went wrong on the way on stderr, and what to type next."""
    for line in faults(atlas, lang):
        note(line)
    if told := last_calls((site["site"], site["address"]) for site in atlas.manifest["sites"]):
        note(told)
    folder = atlas.folder.as_posix()
    print(f"{folder}: {caption(atlas.source, lang)}\n")
    for line in summary_lines(atlas.summary(), lang):
        print(f"  {line}")
    print(f"\nnext: neurolupa show {folder} layers\n      neurolupa export {folder} DIR --figures")


def faults(atlas: "Atlas", lang: str) -> Iterator[str]:
    """Skipped images, values that are no finite numbers site by site, and tables that were cut."""
    source = atlas.source
    if source.skipped:
        total = source.read + source.skipped
        where = (atlas.folder / "skipped.csv").as_posix()
        yield f"{source.skipped} of {total} images could not be read and were skipped: {where} says why"
    for row in atlas.layers.itertuples():
        if row.nan_count or row.inf_count:
            yield (
                f"{row.site}: {row.nan_count:,} NaN and {row.inf_count:,} infinite of {row.total_elements:,} "
                "values; statistics are over the finite ones"
            )
    yield from note_lines(atlas, lang)
