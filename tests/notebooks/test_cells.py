"""A source becomes cells, or is refused with its line."""

import doctest

import pytest
from notebooks import cells, outputs
from notebooks.cells import Cell, SourceError, in_language, parse

GOOD = '''"""What the file is."""
# ruff: noqa: B018

# %% [markdown] en
# # One picture
#
# Look.

# %% [markdown] es
# # Una imagen
#
# Mira.

# %%
# %matplotlib inline
total = 1 + 1

total
'''


def parsed(tmp_path, text):
    path = tmp_path / "00_some.py"
    path.write_text(text, encoding="utf-8")
    return parse(path)


def test_cells_have_their_kind_their_text_and_their_line(tmp_path):
    assert parsed(tmp_path, GOOD) == [
        Cell("en", "# One picture\n\nLook.", 4),
        Cell("es", "# Una imagen\n\nMira.", 9),
        Cell("code", "%matplotlib inline\ntotal = 1 + 1\n\ntotal", 14),
    ]


def test_a_language_has_its_texts_and_all_of_the_code(tmp_path):
    both = parsed(tmp_path, GOOD)
    english, spanish = in_language(both, "en"), in_language(both, "es")
    assert [cell.kind for cell in english] == ["en", "code"]
    assert [cell.kind for cell in spanish] == ["es", "code"]
    assert english[1:] == spanish[1:]


EN, ES = "# %% [markdown] en\n# Hello\n", "# %% [markdown] es\n# Hola\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (EN + "\n# %%\n1\n", 1, "without its Spanish twin"),
        ("# %%\n1\n" + EN, 3, "without its Spanish twin"),
        (EN + EN + ES, 1, "without its Spanish twin"),
        (EN + "# %%\n1\n" + ES, 1, "without its Spanish twin"),
        (ES, 1, "without its English twin"),
        (EN + ES + ES, 5, "without its English twin"),
        (EN + EN.replace("en", "es"), 3, "word for word"),
        (EN + ES.replace("Hola", "## Hola"), 3, "headings"),
        ("# %% [markdown]\n# Hello\n", 1, "unknown marker '# %% [markdown]'"),
        ("# %% [markdown] fr\n# Salut\n", 1, "unknown marker"),
        ("# %% code\n1\n", 1, "unknown marker"),
        ("# %% [markdown] en\nHello\n" + ES, 2, "begin with '# '"),
        ("# %% [markdown] en\n# Hello\n#Hello\n" + ES, 3, "begin with '# '"),
        ("import os\n\n# %%\n1\n", 1, "code above the first marker"),
        ("# %%\n\n# %%\n1\n", 1, "nothing in it"),
        (EN + "# %% [markdown] es\n#\n", 3, "nothing in it"),
        ("(\n# %%\n1\n", 1, "above the first marker"),
        ('"""Nothing else."""\n', 1, "no cell"),
    ],
)
def test_a_faulty_source_is_refused_with_its_line(tmp_path, text, line, says):
    with pytest.raises(SourceError) as refused:
        parsed(tmp_path, text)
    assert str(refused.value).startswith(f"00_some.py:{line}: ")
    assert says in str(refused.value)


@pytest.mark.parametrize("module", [cells, outputs], ids=lambda module: module.__name__)
def test_the_examples_of_the_docstrings_hold(module):
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
