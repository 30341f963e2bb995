"""Codes to sentences, in English and Spanish: the only place where neurolupa's findings become language."""

import json
from functools import cache
from importlib.resources import files

from neurolupa.errors import unknown
from neurolupa.locales.visible import one_line

LANGUAGES = ("en", "es")

_THOUSANDS = {"en": ",", "es": "\u202f"}


def text(code: str, lang: str = "en", /, **values: object) -> str:
    """The sentence for a code, its placeholders filled from `values`; further values are ignored.

    Values come from data sets, and stay one line of plain text (`visible.one_line`).

    Raises UsageError for an unknown language and for an unknown code.

    >>> text("summary.MOST_DEAD", "en", site="layer4.1.relu", value=12.5)
    'Most dead units: layer4.1.relu (12.50 %)'
    >>> text("summary.MOST_DEAD", "es", site="layer4.1.relu", value=12.5)
    'Más unidades muertas: layer4.1.relu (12.50 %)'
    """
    sentences = catalogue(lang)
    if code not in sentences:
        raise unknown("text", code, sentences)
    told = {name: one_line(value) if isinstance(value, str) else value for name, value in values.items()}
    return sentences[code].format(**told)


def whole(number: int, lang: str = "en") -> str:
    """A whole number with the language's separator of thousands (in Spanish from five digits on).

    >>> whole(1234, "en"), whole(1234, "es"), whole(12345, "es") == "12\u202f345"
    ('1,234', '1234', True)
    """
    separator = _THOUSANDS[_known(lang)]
    short = lang == "es" and abs(number) < 10_000
    return str(number) if short else f"{number:,}".replace(",", separator)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Every sentence of a language under its code; UsageError for a language that is not in LANGUAGES.

    >>> catalogue("fr")
    Traceback (most recent call last):
    ...
    neurolupa.errors.UsageError: unknown language 'fr'; choose from: en, es
    """
    held = files(__package__) / f"{_known(lang)}.json"
    return json.loads(held.read_text(encoding="utf-8"))


def _known(lang: str) -> str:
    if lang not in LANGUAGES:
        raise unknown("language", lang, LANGUAGES)
    return lang
