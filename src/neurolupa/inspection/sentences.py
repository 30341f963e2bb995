"""An explanation in words, from the catalogues of `neurolupa.locales`."""

import math
from dataclasses import asdict

from neurolupa.inspection.explanation import Explanation
from neurolupa.locales import text


def explanation_sentences(explanation: Explanation, lang: str = "en") -> dict[str, tuple[str, ...]]:
    """What `explanation` says, in four parts: measured, reading, refutes, warnings.

    Raises:
        UsageError: An unknown language.

    >>> from neurolupa.capture import Site
    >>> from neurolupa.inspection.explanation import explain
    >>> from neurolupa.inspection.regions import find_regions
    >>> row = {"unit": 4, "mean": 0.0, "max": 0.0, "percentile": 0.0, "sparsity": 1.0}
    >>> told = explain(row, find_regions([[0.0, 0.0]], (4, 4)), Site("relu", shape=(8, 1, 2)))
    >>> explanation_sentences(told)["reading"]
    ('Nothing can be read from this picture: the unit did not fire.',)
    """
    return {
        "measured": tuple(_measured(explanation, lang)),
        "reading": (text(f"inspection.reading.{explanation.reading}", lang),),
        "refutes": tuple(text(f"inspection.refutes.{code}", lang) for code in explanation.refutes),
        "warnings": tuple(text(f"inspection.warning.{code}", lang) for code in explanation.warnings),
    }


def _measured(told: Explanation, lang: str) -> list[str]:
    values = asdict(told) | {"zeros": 100 * told.sparsity, "covers": 100 * told.area_share}
    values["selectivity"] = text(f"inspection.selectivity.{told.selectivity}", lang)
    lines = [text("inspection.measured.value", lang, **values)]
    if not math.isnan(told.sparsity):
        lines.append(text("inspection.measured.sparsity", lang, **values))
    if told.place is not None:
        place = text(f"inspection.place.{told.place}", lang)
        code = "region" if told.regions == 1 else "regions"
        lines.append(text(f"inspection.measured.{code}", lang, **(values | {"place": place})))
    if not math.isnan(told.match):
        code = "match" if not math.isnan(told.match_null) else "match_alone"
        lines.append(text(f"inspection.measured.{code}", lang, **values))
    return lines
