"""Words of the dashboard, from the catalogues."""

import re

from neurolupa.locales import catalogue, text

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|$~:!])")
_LONGEST_REASON = 300
_REASONS = "app.reason."
LANGUAGE_NAMES = {"en": "English", "es": "Español"}
"""Each language's name in that language."""


def say(code: str, lang: str, /, **values: object) -> str:
    """The text `app.<code>` of the catalogue, its placeholders filled.

    Raises:
        UsageError: An unknown code or language.

    >>> say("button.analyse", "es")
    'Analizar activaciones'
    """
    return text(f"app.{code}", lang, **values)


def reason(told: str, lang: str) -> str:
    """A reason that a lower layer gave, in the reader's language where the catalogues know it.

    >>> reason("too large: 20000 x 20000 pixels", "es"), reason("Something new", "es")
    ('20000 × 20000 píxeles son demasiados', 'Something new')
    """
    slug = re.sub(r"[^a-z]+", "_", told.lower()).strip("_")
    known = (code for code in catalogue(lang) if code.startswith(_REASONS))
    code = max((code for code in known if slug.startswith(code.removeprefix(_REASONS))), key=len, default="")
    if not code:
        return plain(told[:_LONGEST_REASON])
    return text(code, lang, numbers=" × ".join(re.findall(r"[0-9]+", told)))  # noqa: RUF001 (it is a product)


def plain(words: str) -> str:
    r"""Words from outside as Streamlit shows them as they are, never as markup.

    >>> plain("![x](http://a)")
    '\\!\\[x\\](http\\://a)'
    """
    return _MARKUP.sub(r"\\\1", " ".join(words.split()))
