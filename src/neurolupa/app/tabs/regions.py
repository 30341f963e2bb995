"""A unit's regions as a table in the reader's language."""

import pandas as pd

from neurolupa.app.context import Context
from neurolupa.app.tabs.drawing import MOST_BOXES
from neurolupa.inspection.regions import Regions
from neurolupa.locales import text

_STYLES = ("solid", "dashed", "dotted", "dash_dot")


def region_table(context: Context, regions: Regions) -> pd.DataFrame:
    """One row for each region, the most interesting first; the line is that of its box in the picture."""
    say = context.say
    rows = [
        {
            say("region.number"): region.number,
            say("region.line"): say(f"region.{_line(region.number)}"),
            say("region.size"): text(f"inspection.size.{region.size_class}", context.lang),
            say("region.area"): round(100 * region.area_share, 1),
            say("region.mean"): float(f"{region.mean:.4g}"),
            say("region.peak"): float(f"{region.peak:.4g}"),
            say("region.interest"): round(region.interest, 3),
            say("region.peak_at"): f"{region.peak_at[1]}, {region.peak_at[0]}",
        }
        for region in regions
    ]
    return pd.DataFrame(rows)


def _line(number: int) -> str:
    return "no_line" if number > MOST_BOXES else _STYLES[(number - 1) % len(_STYLES)]
