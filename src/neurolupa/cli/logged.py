"""What `neurolupa show` says of a training log."""

from typing import TYPE_CHECKING

from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.errors import UsageError, unknown
from neurolupa.figures.training_words import change_line
from neurolupa.locales import text, whole
from neurolupa.monitoring import Change, TrainingLog, open_log

if TYPE_CHECKING:
    import pandas as pd

_ROWS = (
    Column("site"),
    Column("units", right=True),
    Column("silent", right=True),
    Column("dead", right=True),
    Column("dormant", right=True),
    Column("sparsity", show=number, right=True),
    Column("effective_rank", "effective rank", number, right=True),
    Column("rank_bound", "at most", right=True, spare=1),
    Column("mean", show=number, right=True, spare=2),
)
_SHOWN = 12
_CHANGE = ("step", "site", "change", "units")


def show_log(folder: str, what: str, site: str | None, lang: str, json: bool) -> None:
    """The last measured step of a log, and what died or came back; all of it as JSON.

    Raises:
        UsageError: Something else than the summary was asked for, or an unknown site.
        DataError: The log is damaged, or empty.
    """
    if what != "summary":
        raise UsageError(f"a training log has a summary and no {what}; leave it out")
    log = open_log(folder)
    if site is not None and site not in log.sites:
        raise unknown("site", site, log.sites)
    names = log.sites if site is None else (site,)
    table = log.to_frame()
    table = table[table["site"].isin(names)]
    changes = [change for change in log.changes() if change[1] in names]
    if json:
        told = [dict(zip(_CHANGE, change, strict=True)) for change in changes]
        header = dict(log.header)
        print_json({"header": header, "torn": log.torn, "rows": records(table), "changes": told})
        return
    _say(log, table, changes[-_SHOWN:], lang)


def _say(log: TrainingLog, table: "pd.DataFrame", changes: list[Change], lang: str) -> None:
    last = table[table["step"] == table["step"].max()]
    step = whole(log.steps[-1], lang) if log.steps else "-"
    told = {"network": log.header["network"], "steps": whole(len(log.steps), lang), "step": step}
    print(text("cli.show.training", lang, **told))
    if len(last):
        print_table(last, _ROWS)
    numbers = log.samples[-1]["numbers"] if log.samples else {}
    if numbers:
        known = {name: float("nan") if value is None else value for name, value in numbers.items()}
        print(", ".join(f"{name} {number(value)}" for name, value in known.items()))
    for change in changes:
        print(change_line(change, lang))
    if log.torn:
        print(text("cli.show.torn", lang))
