"""What a unit that was shown pictures again leaves behind: tables, a figure, and what it says."""

from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.atlas.captions import caption
from neurolupa.atlas.csv_files import write_csv
from neurolupa.atlas.export import write_together
from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.units.appearance import TextureProfile
    from neurolupa.units.spatial import MirroredBias

_ROWS = 40


def _two(value: float) -> str:
    """Two decimals, never -0.00."""
    return f"{round(value, 2) + 0.0:.2f}"


_MIRRORED = (
    Column("unit", right=True),
    Column("axis"),
    Column("code"),
    Column("content", show=number, right=True),
    Column("content_p_bound", "p at most", "{:.3f}".format, right=True, spare=2),
    Column("network", show=number, right=True),
    Column("network_p_bound", "p at most", "{:.3f}".format, right=True, spare=2),
    Column("blank", "blank picture", number, right=True, spare=1),
    Column("images", "N", whole, right=True, spare=3),
)
_FEATURES = (
    Column("feature"),
    Column("r", show=_two, right=True),
    Column("low", "95 % low", _two, right=True, spare=2),
    Column("high", "95 % high", _two, right=True, spare=2),
    Column("strength", spare=1),
    Column("p", show="{:.3f}".format, right=True),
    Column("layout", "layout alone", _two, right=True, spare=3),
    Column("images", "N", whole, right=True, spare=4),
)


def write_mirrored(found: "MirroredBias", folder: str) -> None:
    """`mirrored.csv`, a row for each unit and axis; DataError where the folder cannot be written."""
    write_together(folder, lambda place: _write(found.to_frame(), place / "mirrored.csv"))


def say_mirrored(found: "MirroredBias", folder: str | None, lang: str, json: bool) -> None:
    """A row for each unit and axis, and what the codes mean; as JSON with the source."""
    frame = found.to_frame()
    if json:
        print_json({"source": found.source.to_dict(), "site": found.site, "rows": records(frame)})
        return
    print(f"{found.site}: {caption(found.source, lang)}\n")
    axes = {axis: text(f"unit_page.side.{axis}", lang).rstrip(".").lower() for axis in set(frame["axis"])}
    print_table(frame.assign(axis=frame["axis"].map(axes)).head(_ROWS), _MIRRORED)
    if len(frame) > _ROWS:
        print(f"\n{_ROWS} of {whole(len(frame))} rows; --units N shows others, --json and --out all")
    print()
    for code in dict.fromkeys(frame["code"]):
        print(f"  {code}: {text(f'units.spatial.mirrored.{code}', lang)}")
    if folder is not None:
        print(f"\n{text('cli.inspect.written', lang, folder=Path(folder).as_posix(), count=1)}")


def write_texture(found: "TextureProfile", folder: str, lang: str) -> None:
    """`texture.csv`, `pictures.csv` and `texture.png`; DataError where the folder cannot be written."""
    from neurolupa.figures import texture_profile
    from neurolupa.figures.style import DPI

    def fill(place: Path) -> None:
        _write(found.to_frame(), place / "texture.csv")
        _write(found.pictures_frame(), place / "pictures.csv")
        texture_profile(found, lang).savefig(place / "texture.png", dpi=DPI, metadata={"Software": None})

    write_together(folder, fill)


def say_texture(found: "TextureProfile", folder: str, lang: str, json: bool) -> None:
    """A row for each feature, and what they amount to; as JSON with the source."""
    from neurolupa.figures.unit_appearance import texture_lines

    frame = found.to_frame()
    if json:
        told = {"site": found.site, "unit": found.unit, "state": found.state.value, "p": found.p}
        print_json({"source": found.source.to_dict(), **told, "rows": records(frame)})
        return
    print(f"{text('units.appearance.title', lang, unit=found.unit, site=found.site)}")
    print(f"{caption(found.source, lang)}\n")
    names = {name: text(f"units.appearance.feature.{name}", lang) for name in frame["feature"]}
    strengths = [text(f"units.appearance.strength.{each}", lang) for each in frame["strength"]]
    print_table(frame.assign(feature=frame["feature"].map(names), strength=strengths), _FEATURES)
    print()
    for line in texture_lines(found, lang):
        print(f"  {line}")
    print(f"\n{text('cli.inspect.written', lang, folder=Path(folder).as_posix(), count=3)}")


def _write(frame: "pd.DataFrame", path: Path) -> None:
    write_csv(frame, path)
