"""What is said of attributions: what was explained, by what method, and what must be known to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurolupa.locales import catalogue, text, whole

if TYPE_CHECKING:
    from neurolupa.attribution import Attribution, DeletionInsertion, SanityCheck
    from neurolupa.models import Prediction


def class_words(one: Prediction, lang: str) -> str:
    """The name of a class, its number where it has none."""
    return one.name or text("figure.inspect.class", lang, number=one.class_id)


def method_words(method: str, lang: str) -> str:
    """The name of a method; of one from another package as it is typed."""
    code = f"attribution.method.{method}"
    return text(code, lang) if code in catalogue(lang) else method


def unit_words(method: str, lang: str) -> str:
    """What the values of a method's map are in; the logit for methods that are not installed here."""
    from neurolupa.attribution import METHODS

    return text(f"attribution.in.{METHODS[method].unit if method in METHODS else 'logit'}", lang)


def attribution_title(found: Attribution, lang: str) -> str:
    """Method, class and site."""
    told = {"method": method_words(found.method, lang), "name": class_words(found.target, lang)}
    if found.site is None:
        return text("attribution.title", lang, **told)
    return text("attribution.title_at", lang, **told, site=found.site.name)


def attribution_lines(found: Attribution, lang: str) -> list[str]:
    """Class with logit and probability, what the method's map is, and what must be known to read it."""
    told = {"name": class_words(found.target, lang), "logit": found.target.logit}
    lines = [text("attribution.target", lang, **told, percent=100 * found.target.probability)]
    about = f"attribution.about.{found.method}"
    if about in catalogue(lang):
        lines.append(text(about, lang))
    lines += [text(f"attribution.code.{code.value}", lang) for code in found.codes]
    if "delta" in found.facts:
        lines.append(text("attribution.delta", lang, **found.facts))
    return lines


def verdict_line(check: SanityCheck, lang: str) -> str:
    """What a sanity check amounts to, with the numbers behind it."""
    mean = check.mean("rank")
    told = {"half": mean[check.half], "all": mean[-1], "seeds": whole(len(check.seeds), lang)}
    return text(f"attribution.verdict.{check.verdict.value}", lang, **told)


def deletion_lines(found: DeletionInsertion, lang: str) -> list[str]:
    """Both areas beside those of moved maps."""
    lines = []
    for name, curve in (("deletion", found.deletion), ("insertion", found.insertion)):
        low, high = curve.interval
        told = {"area": curve.area, "low": low, "high": high, "p": curve.p, "moved": len(curve.null)}
        lines.append(text(f"attribution.{name}_told", lang, **told))
    return lines
