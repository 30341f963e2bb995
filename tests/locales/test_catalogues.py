from string import Formatter

import pytest

from neurolupa.errors import UsageError
from neurolupa.locales import LANGUAGES, catalogue, text, whole

LOANWORDS = {"DeepDream", "Kernel", "kernel", "Logit", "magenta"}


def placeholders(sentence: str) -> set[tuple[str, str]]:
    return {(name, spec) for _, name, spec, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_the_codes_and_placeholders_of_english(lang):
    found = {code: placeholders(sentence) for code, sentence in catalogue(lang).items()}
    assert found == {code: placeholders(sentence) for code, sentence in catalogue("en").items()}


def test_spanish_is_not_english():
    same = {code for code, sentence in catalogue("es").items() if sentence == catalogue("en")[code]}
    assert {catalogue("en")[code] for code in same} <= LOANWORDS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty_or_ends_in_space(lang):
    assert all(sentence and sentence == sentence.strip() for sentence in catalogue(lang).values())


def test_an_unknown_language_names_the_valid_ones():
    for ask in (lambda: text("site", "de"), lambda: whole(1, "de"), lambda: text("site", "../en")):
        with pytest.raises(UsageError, match="en, es"):
            ask()


def test_an_unknown_code_names_the_nearest():
    with pytest.raises(UsageError, match=r"nearest: dead_units\.title"):
        text("dead_units.titel")


def test_numbers_are_rounded_by_the_catalogue():
    assert text("evolution.mean.RISES", "es", first=0.12345, last=2.0) == "La media aumenta: 0.123 → 2"


@pytest.mark.parametrize(
    ("number", "english", "spanish"),
    [(999, "999", "999"), (-1234, "-1,234", "-1234"), (1234567, "1,234,567", "1\u202f234\u202f567")],
)
def test_thousands(number, english, spanish):
    assert (whole(number), whole(number, "es")) == (english, spanish)
