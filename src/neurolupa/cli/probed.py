"""What `neurolupa probe` says: scores beside their controls, where concepts come up, and what to know."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurolupa.cli.network import note
from neurolupa.cli.printing import Column, print_json, print_table, records
from neurolupa.cli.probing import Made
from neurolupa.figures.probing_words import (
    code_lines,
    concept_words,
    depth_line,
    left_out_lines,
    probes_caption,
    score_words,
    site_words,
    spread_line,
)
from neurolupa.locales import text, whole

if TYPE_CHECKING:
    import pandas as pd

    from neurolupa.probing import ConceptProbes, Probe, ProbeReport

_COLUMNS = (
    Column("concept"),
    Column("site"),
    Column("score", right=True),
    Column("low", "95 % low", right=True, spare=2),
    Column("high", "95 % high", right=True, spare=2),
    Column("random_weights", "random weights", right=True),
    Column("shuffled_labels", "shuffled labels", right=True),
    Column("chance", right=True, spare=1),
    Column("test", "N", right=True, spare=3),
)


def report(made: Made, files: Sequence[Path], out: str, lang: str, json: bool) -> None:
    """The table, a line for each concept, and where the files are; or everything as JSON with its source."""
    found = made.report
    for line in (*left_out_lines(found, lang), *code_lines(found, lang)):
        note(line)
    if json:
        print_json(_facts(made, files))
        return
    print(f"{probes_caption(found, lang)}\n")
    table = _table(found, lang)
    print_table(table, [column for column in _COLUMNS if table[column.name].notna().any()])
    print()
    for depth in found.emergence():
        print(f"  {depth_line(depth, found.concept(depth.concept).measure, lang)}")
    for each in made.narrowed:
        print(f"  {spread_line(each, lang)}")
    print(f"\n{text('cli.inspect.written', lang, folder=Path(out).as_posix(), count=len(files))}")


def _facts(made: Made, files: Sequence[Path]) -> dict[str, Any]:
    found = made.report
    return {
        "source": found.source.to_dict(),
        "settings": found.settings.to_dict(),
        "skipped": dict(found.skipped),
        "dropped": {each.concept: dict(each.dropped) for each in found.concepts if each.dropped},
        "rows": records(found.to_frame()),
        "emergence": [depth.to_dict() for depth in found.emergence()],
        "units": [row | {"code": each.code} for each in made.narrowed for row in records(each.to_frame())],
        "files": [path.as_posix() for path in files],
    }


def _table(found: "ProbeReport", lang: str) -> "pd.DataFrame":
    """A row for each concept and site, the pixels before the sites."""
    import pandas as pd

    return pd.DataFrame([row for each in found.concepts for row in _rows(each, lang)])


def _rows(probes: "ConceptProbes", lang: str) -> Iterator[dict[str, Any]]:
    from neurolupa.probing.codes import PIXELS, Control

    beside = (Control.RANDOM_WEIGHTS, Control.SHUFFLED_LABELS)
    if probes.has(Control.PIXELS):
        yield _row(probes, probes.of(PIXELS), lang) | dict.fromkeys(control.value for control in beside)
    for site in probes.sites:
        controls = {
            control.value: score_words(probes.measure, probes.of(site, control).score)
            if probes.has(control)
            else None
            for control in beside
        }
        yield _row(probes, probes.of(site), lang) | controls


def _row(probes: "ConceptProbes", probe: "Probe", lang: str) -> dict[str, Any]:
    scores = {"score": probe.score, "low": probe.low, "high": probe.high, "chance": probes.chance}
    return {
        "concept": concept_words(probes.concept, lang),
        "site": site_words(probe.site, lang),
        "test": whole(probe.test, lang),
        **{name: score_words(probes.measure, score) for name, score in scores.items()},
    }
