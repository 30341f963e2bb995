"""What the gallery says, in English and Spanish; `observations.json` is what was seen, unit by unit."""

import json
from functools import cache
from pathlib import Path

from neurolupa.figures.synthesis_words import caution

HERE = Path(__file__).parent


@cache
def words(lang: str) -> dict[str, str]:
    """The words of a language by their codes."""
    found: dict[str, str] = json.loads((HERE / "words.json").read_text(encoding="utf-8"))[lang]
    return found | {"caution": caution(lang)}


@cache
def observations() -> dict[str, dict[str, str]]:
    """What each unit seems to detect, by "network site unit" and language."""
    found: dict[str, dict[str, str]] = json.loads((HERE / "observations.json").read_text(encoding="utf-8"))
    return found


def name_of(row: dict) -> str:
    """Under which name a unit's observation stands.

    >>> name_of({"network": "embedded", "site": "relu", "unit": 3})
    'embedded relu 3'
    """
    return f"{row['network']} {row['site']} {row['unit']}"
