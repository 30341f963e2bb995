"""What a measurement of tuning leaves behind: files, and a table on the screen."""

from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.atlas.csv_files import write_csv
from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.errors import DataError
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.units.tuning_curves import Tuning

_COLUMNS = (
    Column("unit", right=True),
    Column("factor"),
    Column("best", right=True),
    Column("angle", "mean angle", "{:.1f}".format, right=True, spare=2),
    Column("width", show=number, right=True, spare=3),
    Column("index", show="{:.2f}".format, right=True),
    Column("null_95", "95 % of null", "{:.2f}".format, right=True, spare=1),
    Column("p", show="{:.3f}".format, right=True),
    Column("n", "N", whole, right=True, spare=4),
    Column("state", spare=5),
)


def write(result: "Tuning", folder: str, top: int, lang: str) -> None:
    """`tuning.csv`, `curves.csv`, the result and the figures of the `top` most tuned units.

    DataError where the folder cannot be written.
    """
    from neurolupa.figures import export_tuning

    place = Path(folder)
    result.save(place)
    try:
        write_csv(result.to_frame(), place / "tuning.csv")
        write_csv(result.curves_frame(), place / "curves.csv")
    except OSError as error:
        raise DataError(f"{folder} cannot be written: {error.strerror}") from None
    export_tuning(result, result.strongest(top), place, lang)


def report(result: "Tuning", folder: str, top: int, lang: str, json: bool) -> None:
    """The rows of the `top` most tuned units as a table, or all rows as JSON with their source."""
    frame = result.to_frame()
    if json:
        print_json({"source": result.source.to_dict(), "rows": records(frame)})
        return
    source, chosen = result.source, result.strongest(top)
    told = {"model": source.model, "pictures": whole(source.pictures, lang)}
    print(
        f"{source.address}: {text('tuning.caption', lang, **told, shuffles=whole(source.shuffles, lang))}\n"
    )
    order = {unit: place for place, unit in enumerate(chosen)}
    rows = frame[frame["unit"].isin(chosen)].sort_values(
        "unit", key=lambda units: units.map(order), kind="stable"
    )
    best = [f"{value:.4g}" if isinstance(value, float) else value for value in rows["preferred"]]
    print_table(rows.assign(best=best), _COLUMNS)
    shown, total = whole(len(chosen), lang), whole(len(result.units), lang)
    print(f"\n{text('tuning.shown', lang, shown=shown, total=total, folder=Path(folder).as_posix())}")
