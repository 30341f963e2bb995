"""Words of the dashboard, from the catalogues."""

from neurolupa.locales import text


def say(code: str, lang: str, /, **values: object) -> str:
    """The text `app.<code>` of the catalogue, its placeholders filled.

    Raises:
        UsageError: An unknown code or language.

    >>> say("button.analyse", "es")
    'Analizar activaciones'
    """
    return text(f"app.{code}", lang, **values)
