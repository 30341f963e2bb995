"""What a page is made of."""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Block:
    """One part of a page.

    Attributes:
        key: its name in addresses, the same in every language.
        title: its heading.
        lines: sentences, one a paragraph.
        picture: a PNG; None without one.
        alt: what the picture shows, for those who do not see it.
        table: numbers that can be unfolded; None without one.
    """

    key: str
    title: str
    lines: tuple[str, ...] = ()
    picture: bytes | None = None
    alt: str = ""
    table: "pd.DataFrame | None" = None


@dataclass(frozen=True, eq=False)
class Page:
    """A page that can be sent.

    Attributes:
        title: what it is about.
        lead: sentences under the title.
        blocks: its parts, in order.
        provenance: where its numbers come from, in one line.
        lang: the language of its words.
        table_title: what a folded table is called.
    """

    title: str
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    provenance: str
    lang: str
    table_title: str


def png_of(figure: "Figure") -> bytes:
    """A figure as PNG bytes, the same each time.

    >>> from matplotlib.figure import Figure
    >>> png_of(Figure((1, 1)))[1:4]
    b'PNG'
    """
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=figure.dpi, metadata={"Software": None})
    return buffer.getvalue()
