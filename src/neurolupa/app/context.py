"""What a page or a tab gets: the result, how to show it, words and numbers in the reader's language."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurolupa.app import state
from neurolupa.app.texts import say
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    from neurolupa.app.request import Display, Result


@dataclass(frozen=True, eq=False)
class Context:
    """Everything that a page or a tab draws from; made anew in each run of the script.

    Attributes:
        display: How to show it.
        result: The last analysis that worked; None before the first.
        atlas: The folder of the atlas that the dashboard was started with.
    """

    display: "Display"
    result: "Result | None" = None
    atlas: str | None = None

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.display.lang

    def say(self, code: str, /, **values: object) -> str:
        """The text `app.<code>` of the catalogue, its placeholders filled."""
        return say(code, self.lang, **values)

    def number(self, value: float, digits: int = 3) -> str:
        """A number with so many significant digits; n/a for NaN.

        >>> from neurolupa.app.request import Display
        >>> Context(Display(lang="es")).number(float("nan")), Context(Display()).number(0.123456)
        ('n/d', '0.123')
        """
        return text("not_applicable", self.lang) if math.isnan(value) else f"{value:.{digits}g}"

    def percent(self, share: float, decimals: int = 1) -> str:
        """A share, 0 to 1, in per cent; n/a for NaN."""
        return text("not_applicable", self.lang) if math.isnan(share) else f"{100 * share:.{decimals}f} %"

    def count(self, number: int) -> str:
        """A whole number with the language's separator of thousands."""
        return whole(number, self.lang)

    @property
    def unit(self) -> int | None:
        """The selected unit: the one chosen, else the first of the ranking, else the strongest of all."""
        if self.result is None:
            return None
        units = self.result.analysis.units
        if self.display.unit is not None and self.display.unit < len(units):
            return self.display.unit
        if self.result.ranking.units:
            return self.result.ranking.units[0]
        return int(units["mean"].to_numpy().argmax())

    def select_unit(self, unit: int) -> None:
        """Make a unit the selected one, for every tab and in the link.

        Call it in a widget's `on_click` or `on_change`; in the body of a page, `st.rerun()` must follow.
        """
        state.change_display(unit=int(unit))
