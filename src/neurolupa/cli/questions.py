"""What was asked of an atlas, and rows printed as its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurolupa.atlas.captions import caption
from neurolupa.cli.printing import Column, print_json, print_table, records
from neurolupa.cli.words import last_calls
from neurolupa.locales import whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.atlas import Atlas

_ROWS, _ROWS_OF_EACH_SITE = 20, 3


@dataclass(frozen=True)
class Question:
    """What was asked of an atlas.

    Attributes:
        atlas: the atlas.
        lang: language of the sentences.
        site: only this site, as it was typed; None for all.
        unit: only this unit.
        top: most rows of a site; None leaves it to the view, and JSON has all rows.
        json: whether JSON is wanted.
        image: only this picture: an index or an id.
    """

    atlas: "Atlas"
    lang: str
    site: str | None
    unit: int | None
    top: int | None
    json: bool
    image: str | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """The names of the sites that are asked about."""
        return self.atlas.sites if self.site is None else (self.atlas.site(self.site),)

    @property
    def rows(self) -> int | None:
        """Most rows of a site; None for all of them."""
        if self.json or self.top:
            return self.top
        return _ROWS_OF_EACH_SITE if self.site is None else _ROWS

    def of_sites(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """The rows of the sites that are asked about."""
        return frame[frame["site"].isin(self.sites)]


def answer(question: Question, frame: "pd.DataFrame", columns: Sequence[Column]) -> None:
    """Print the rows under the line that says where they come from, or as JSON with their source."""
    if question.json:
        print_json({"source": question.atlas.source.to_dict(), "rows": records(frame)})
        return
    print(f"{caption(question.atlas.source, question.lang)}\n")
    print_table(frame, columns)
    addresses = {site["site"]: site["address"] for site in question.atlas.manifest["sites"]}
    if told := last_calls((site, addresses[site]) for site in question.sites):
        print(f"\n{told}")


def answer_highest(
    question: Question, frame: "pd.DataFrame", by: str, columns: Sequence[Column], things: str
) -> None:
    """The rows of the sites that are asked about, of each site the highest first, and how many there are."""
    asked = question.of_sites(frame).sort_values(by, ascending=False, kind="stable")
    place = {site: index for index, site in enumerate(question.sites)}
    ranked = asked.sort_values("site", key=lambda sites: sites.map(place), kind="stable")
    shown = ranked if question.rows is None else ranked.groupby("site", sort=False).head(question.rows)
    answer(question, shown, columns)
    if len(shown) < len(ranked) and not question.json:
        hint = "--top N shows more" if question.site else "--site S shows one site, --top N more of each"
        print(f"\n{whole(len(shown))} of {whole(len(ranked))} {things}, the highest {by} first; {hint}")
