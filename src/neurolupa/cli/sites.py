"""The sites of a network, printed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neurolupa.cli.printing import Column, missing, print_json, print_table, records
from neurolupa.cli.words import last_calls
from neurolupa.locales import whole

if TYPE_CHECKING:
    from neurolupa.capture import Site, SiteTable
    from neurolupa.models import Model

_COLUMNS = (
    Column("site"),
    Column("type", spare=2),
    Column("kind"),
    Column("shape", show=lambda shape: " x ".join(map(str, shape)), right=True),
    Column("parameters", show=whole, right=True, spare=3),
    Column("field", "sees", right=True, spare=1),
    Column("relu", "leads to", spare=4),
    Column("link", spare=5),
)


def print_sites(model: "Model", table: "SiteTable", chosen: Sequence["Site"], json: bool) -> None:
    """The chosen sites as a table or as JSON, and which call a bare name means."""
    frame = table.to_frame()
    frame = frame[frame["address"].isin([site.address for site in chosen])]
    if json:
        print_json(
            {"model": model.name, "input_size": model.preprocessing.input_size, "sites": records(frame)}
        )
        return
    height, width = model.preprocessing.input_size
    print(f"{model.name} at {height} x {width} pixels: {len(chosen)} of {len(table)} sites\n")
    fields: list[Any] = [_field(*sides) for sides in zip(frame["rf_height"], frame["rf_width"], strict=True)]
    print_table(frame.assign(field=fields), _COLUMNS)
    if told := last_calls((site.name, site.address) for site in chosen):
        print(f"\n{told}")


def _field(height: float | None, width: float | None) -> str | None:
    return None if missing(height) or missing(width) else f"{height:g} x {width:g}"
