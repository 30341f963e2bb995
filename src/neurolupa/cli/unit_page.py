"""What `neurolupa unit` leaves behind: a page, its picture, its tables, and a few lines on the screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.export import write_together
from neurolupa.cli.printing import print_json
from neurolupa.locales import text

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas
    from neurolupa.units.exemplars import ExemplarMaps
    from neurolupa.units.page import UnitPage


def write(
    atlas: "Atlas", page: "UnitPage", maps: "ExemplarMaps | None", folder: str, lang: str
) -> tuple[Path, ...]:
    """`page.html`, `page.png` and a CSV for each table: all files appear, or none does.

    DataError where the folder cannot be written, or a picture of the atlas is damaged.
    """
    from neurolupa.reporting import as_html, as_picture
    from neurolupa.reporting.unit_page import unit_report

    report = unit_report(atlas, page, lang, maps)

    def fill(place: Path) -> None:
        (place / "page.html").write_text(as_html(report), encoding="utf-8")
        as_picture(report).save(place / "page.png")
        for name, frame in page.to_frames().items():
            write_csv(frame, place / f"{name}.csv")

    return write_together(folder, fill)


def say(page: "UnitPage", files: Sequence[Path], folder: str, lang: str, json: bool) -> None:
    """What the unit is and does, in sentences, or as JSON with its source."""
    from neurolupa.figures.unit_words import place_lines
    from neurolupa.reporting.unit_page import part_lines

    if json:
        told = {"source": page.source.to_dict(), "unit": page.record.to_dict(), "absent": dict(page.absent)}
        parts = {name: part.to_dict() for name, part in (("classes", page.classes),) if part is not None}
        print_json(told | parts | {"files": [path.as_posix() for path in files]})
        return
    print(text("unit_page.title", lang, unit=page.unit, site=page.site))
    for line in place_lines(page, lang):
        print(f"  {line}")
    for part, lines in part_lines(page, lang).items():
        print(f"\n{text(f'unit_page.{part}', lang)}")
        for line in lines:
            print(f"  {line}")
    print(f"\n{text('cli.inspect.written', lang, folder=Path(folder).as_posix(), count=len(files))}")
