"""What `neurolupa show` says of a training log."""

from neurolupa.cli.printing import Column, number, print_json, print_table, records
from neurolupa.errors import UsageError
from neurolupa.locales import text, whole
from neurolupa.monitoring import open_log

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


def show_log(folder: str, what: str, site: str | None, lang: str, json: bool) -> None:
    """The last measured step of a log, and what died or came back; all of it as JSON.

    Raises:
        UsageError: Something else than the summary was asked for, or an unknown site.
        DataError: The log is damaged, or empty.
    """
    if what != "summary":
        raise UsageError(f"a training log has a summary and no {what}; leave it out")
    log = open_log(folder)
    table = log.to_frame()
    if site is not None:
        if site not in log.sites:
            from neurolupa.errors import unknown

            raise unknown("site", site, log.sites)
        table = table[table["site"] == site]
    if json:
        print_json({"header": dict(log.header), "torn": log.torn, "rows": records(table)})
        return
    last = table[table["step"] == table["step"].max()] if len(table) else table
    step = whole(int(last["step"].iloc[0]), lang) if len(last) else "-"
    told = {"network": log.header["network"], "steps": whole(len(log.steps), lang), "step": step}
    print(text("cli.show.training", lang, **told))
    if len(last):
        print_table(last, _ROWS)
    for at, name, code, units in log.changes()[-_SHOWN:]:
        shown = ", ".join(map(str, units[:20])) + (", ..." if len(units) > 20 else "")
        values = {"step": whole(at, lang), "site": name, "count": len(units), "units": shown}
        print(text(f"cli.show.{code}", lang, **values))
    if log.torn:
        print(text("cli.show.torn", lang))
