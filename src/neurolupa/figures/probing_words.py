"""What is said of probes: names of concepts and controls, one-line readings, what to know, the protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from neurolupa.figures.style import MINUS
from neurolupa.locales import catalogue, text, whole

if TYPE_CHECKING:
    from neurolupa.probing.codes import Control, ProbeCode
    from neurolupa.probing.emerging import Depth
    from neurolupa.probing.result import ConceptProbes, Probe, ProbeReport
    from neurolupa.probing.sparse import UnitProbes

_NAMED = 5
"""Of a concept, so many classes that were left out are named."""

_GIVEN = frozenset({"label", "group"})
"""Concepts whose classes a person named, in the person's own words."""


def concept_words(concept: str, lang: str = "en") -> str:
    """The name of a concept; one that is not neurolupa's own as it is typed.

    >>> concept_words("hue", "es"), concept_words("breed", "es")
    ('tono', 'breed')
    """
    code = f"probing.concept.{concept}"
    return text(code, lang) if code in catalogue(lang) else concept


def class_words(concept: str, name: str, lang: str = "en") -> str:
    """The name of a class of a concept; labels and groups as they are.

    >>> [class_words(concept, "red", "es") for concept in ("hue", "label")]
    ['rojo', 'red']
    """
    codes = () if concept in _GIVEN else (f"tuning.value.{name}", f"probing.value.{name}")
    return next((text(code, lang) for code in codes if code in catalogue(lang)), name)


def site_words(site: str, lang: str = "en") -> str:
    """The name of a site; the pixels, which stand for one, in words.

    >>> site_words("layer1.0.relu"), site_words("pixels", "es")
    ('layer1.0.relu', 'píxeles')
    """
    from neurolupa.probing.codes import PIXELS

    return text("probing.pixels", lang) if site == PIXELS else site


def control_words(control: Control, lang: str = "en") -> str:
    """What a probe was told and shown.

    >>> from neurolupa.probing.codes import Control
    >>> control_words(Control.PIXELS)
    'pixels alone'
    """
    return text(f"probing.control.{control.value}", lang)


def emergence_words(found: Depth, lang: str = "en") -> str:
    """How a concept comes up, in a few words."""
    return text(f"probing.emergence.{found.code.value}", lang)


def score_words(measure: str, score: float) -> str:
    """A score as text: an accuracy in per cent, R2 as a number.

    >>> score_words("accuracy", 0.8312), score_words("r2", -0.25)
    ('83.1 %', '−0.25')
    """
    told = f"{100 * score:.1f} %" if measure == "accuracy" else f"{round(score, 2) + 0.0:.2f}"
    return told.replace("-", MINUS)


def scored(probes: ConceptProbes, probe: Probe, lang: str = "en") -> str:
    """Score with interval, chance and N of one probe."""
    ends = {name: score_words(probes.measure, getattr(probe, name)) for name in ("score", "low", "high")}
    told = text(f"probing.short.{probes.measure}", lang, score=ends["score"])
    chance = score_words(probes.measure, probes.chance)
    return text("probing.scored", lang, told=told, chance=chance, test=whole(probe.test, lang), **ends)


def depth_line(found: Depth, measure: str, lang: str = "en") -> str:
    """Where a concept comes up, in one line with interval, best score, chance and N.

    Args:
        found: Of `ProbeReport.emergence`.
        measure: Of its scores: "accuracy" or "r2".
        lang: Of the words.
    """
    values = {name: score_words(measure, getattr(found, name)) for name in ("best", "chance")}
    code = "probing.within.one" if found.low == found.high == found.place else "probing.within"
    return text(
        f"probing.reading.{found.code.value}",
        lang,
        concept=concept_words(found.concept, lang),
        site=found.site,
        within=text(code, lang, low=found.low_site, high=found.high_site),
        best_site=found.best_site,
        test=whole(found.test, lang),
        **values,
    )


def spread_line(found: UnitProbes, lang: str = "en") -> str:
    """In how many units a concept is, in one line with chance and N."""
    every, alone = found.probes[-1], found.probes[0]
    scores = {"alone": alone.score, "every": every.score, "chance": found.chance}
    return text(
        f"probing.told.{found.code.value}",
        lang,
        concept=concept_words(found.concept, lang),
        site=found.site,
        unit=found.chosen[0][0],
        enough=whole(found.enough, lang),
        units=whole(found.counts[-1], lang),
        test=whole(every.test, lang),
        **{name: score_words(found.measure, score) for name, score in scores.items()},
    )


def probes_caption(report: ProbeReport, lang: str = "en") -> str:
    """The protocol: network, pictures with their N, features, split, fit, intervals and seeds."""
    source, settings = report.source, report.settings
    told = text(
        "probing.caption",
        lang,
        model=source.model,
        pictures=whole(source.pictures, lang),
        images=source.shown,
        pooling=source.pooling,
        test=f"{100 * settings.test:g}",
        folds=settings.folds,
        resamples=whole(settings.resamples, lang),
        seed=settings.seed,
    )
    if source.random_seed is None:
        return told
    return f"{told} · {text('probing.caption.random', lang, seed=source.random_seed)}"


def code_lines(report: ProbeReport, lang: str = "en", concept: str | None = None) -> Iterator[str]:
    """What a reader should know of the probes: one line for each code, with where it holds.

    Args:
        report: Of `neurolupa.probe`.
        lang: Of the words.
        concept: Only this one; all of them.
    """
    held: dict[ProbeCode, dict[str, list[str]]] = {}
    for each in _wanted(report, concept):
        for code, where in _places(each, lang):
            held.setdefault(code, {}).setdefault(where, []).append(concept_words(each.concept, lang))
    for code, places in held.items():
        told = "; ".join(f"{', '.join(names)} {where}" for where, names in places.items())
        yield f"{text(f'probing.code.{code.value}', lang)}: {told}."


def left_out_lines(report: ProbeReport, lang: str = "en", concept: str | None = None) -> Iterator[str]:
    """What was left out: classes with too few pictures, and, of all concepts, whole ones and pictures.

    Args:
        report: Of `neurolupa.probe`.
        lang: Of the words.
        concept: Only this one; all of them.
    """
    dropped = [_dropped(each, lang) for each in _wanted(report, concept) if each.dropped]
    if dropped:
        yield text("probing.dropped", lang, told="; ".join(dropped))
    if concept is None:
        for reason in dict.fromkeys(report.skipped.values()):
            names = [concept_words(name, lang) for name, code in report.skipped.items() if code == reason]
            code = f"probing.skipped.{reason}"
            code = code if code in catalogue(lang) else "probing.skipped.other"
            yield text(code, lang, names=", ".join(names), code=reason)
        if report.source.skipped:
            yield text("probing.unread", lang, skipped=whole(report.source.skipped, lang))


def _wanted(report: ProbeReport, concept: str | None) -> tuple[ConceptProbes, ...]:
    return report.concepts if concept is None else (report.concept(concept),)


def _dropped(probes: ConceptProbes, lang: str) -> str:
    """A concept and the classes of it that were left out, with their counts."""
    names = [f"{class_words(probes.concept, name, lang)} ({count})" for name, count in probes.dropped]
    rest = whole(len(names) - _NAMED, lang)
    more = [text("probing.dropped.more", lang, count=rest)] if len(names) > _NAMED else []
    return f"{concept_words(probes.concept, lang)}: {', '.join([*names[:_NAMED], *more])}"


def _places(probes: ConceptProbes, lang: str) -> Iterator[tuple[ProbeCode, str]]:
    """Each code of a concept, with the number of sites that have it, or that the pixels have it."""
    from neurolupa.probing.codes import Control

    held = {name: Counter(code for each in probes.probes if each.control is name for code in each.codes)
            for name in (Control.NONE, Control.PIXELS)}  # fmt: skip
    for code, count in held[Control.NONE].items():
        yield code, text("probing.coded.sites", lang, count=count, sites=len(probes.sites))
    for code in held[Control.PIXELS]:
        yield code, text("probing.coded.pixels", lang)
