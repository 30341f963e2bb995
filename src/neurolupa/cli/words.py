"""Findings as sentences of a language."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from neurolupa.locales import catalogue, text, whole

if TYPE_CHECKING:
    from neurolupa.atlas import Atlas, Summary, Trend


def known_language(lang: str) -> str:
    """The language itself; UsageError for one without a catalogue.

    >>> known_language("es")
    'es'
    """
    text("site", lang)
    return lang


def summary_lines(summary: "Summary", lang: str) -> Iterator[str]:
    """One sentence for each finding."""
    totals = {"dead": whole(summary.dead, lang), "units": whole(summary.units, lang)}
    for finding in summary.findings():
        yield text(f"summary.{finding.code}", lang, site=finding.site, value=finding.value, **totals)


def note_lines(atlas: "Atlas", lang: str) -> Iterator[str]:
    """What a reader of an atlas's tables must know: one sentence for each of its notes that has one."""
    for told in atlas.manifest.get("notes", ()):
        code, numbers = f"note.{told['code']}", {**told, "cells": whole(told.get("cells", 0), lang)}
        if code in catalogue(lang):
            yield text(code, lang, **numbers)


def trend_sentence(trend: "Trend", lang: str) -> str:
    """What a trend amounts to."""
    facts = trend.to_dict()
    return "; ".join(text(f"evolution.{trend.measure}.{code}", lang, **facts) for code in trend.codes)


def last_calls(sites: Iterable[tuple[str, str]]) -> str:
    """Which call a bare name means, for (name, address) of sites; nothing where each has a single call.

    >>> last_calls([("relu", "relu:1"), ("fc", "fc:0")])
    'a bare name means the last call: relu is relu:1'
    """
    several = [pair for pair in sites if pair[0] != pair[1] and not pair[1].endswith(":0")]
    if not several:
        return ""
    more = f", and {len(several) - 1} more" if len(several) > 1 else ""
    return f"a bare name means the last call: {several[0][0]} is {several[0][1]}{more}"
