"""Both READMEs say the same, their commands parse, and their Python runs."""

import contextlib
import io

import pytest
import typer
from tests.docs.pages import LEEME, PAGES, README, ROOT, anchors, blocks, commands, levels, links

from neurolupa.cli.app import app

BOTH = pytest.mark.parametrize("page", [README, LEEME], ids=lambda page: page.name)
PROGRAM = typer.main.get_command(app)


def parse(words):
    """Parses a command line as the program would, and runs nothing; names and values are checked."""
    _, name, *rest = words
    command = PROGRAM.commands[name]
    with command.make_context(name, list(rest)) as context:
        return context.params


def is_refused(words):
    """Whether the parser says no; its errors are told by what they can do, as typer may bring its own."""
    try:
        parse(words)
    except Exception as error:
        return hasattr(error, "format_message")
    return False


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder that looks like the repository to what the READMEs run, and takes what they write."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@BOTH
def test_every_command_line_parses(page):
    typed = [words for words in commands(page) if words[0] == "neurolupa"]
    assert {words[1] for words in typed} >= {"doctor", "layers", "plan", "scan", "show", "export"}
    for words in typed:
        parse(words)


WRONG = [
    "neurolupa scan resnet18 photos --out a --colour red",
    "neurolupa scan resnet18",
    "neurolupa plan resnet18 photos --limit x",
]


@pytest.mark.parametrize("line", WRONG)
def test_the_parser_of_commands_refuses_what_the_program_refuses(line):
    assert is_refused(line.split())


@BOTH
def test_every_python_block_runs_and_prints_what_is_shown(page, elsewhere):
    names, told = {}, io.StringIO()
    with contextlib.redirect_stdout(told):
        for block in blocks(page, "python"):
            exec(compile(block, page.name, "exec"), names)
    (table,) = [text for text in blocks(page, "text") if text.startswith("Atlas of")]
    assert told.getvalue().splitlines()[0] == table.splitlines()[0]
    assert columns_of(told.getvalue()) == columns_of(table)
    assert (elsewhere / "evolution.png").stat().st_size > 10_000


def columns_of(text):
    """The sites, types, shapes of a printed atlas: what no other version of torch changes."""
    return [line.split("]")[0] for line in text.splitlines() if "F.relu" in line]


def test_both_have_the_same_sections_and_the_same_commands():
    assert levels(README) == levels(LEEME)
    assert commands(README) == commands(LEEME)
    assert len(blocks(README, "python")) == len(blocks(LEEME, "python"))
    assert blocks(README, "text") == blocks(LEEME, "text")


@BOTH
def test_the_place_of_the_benchmarks_is_marked(page):
    text = page.read_text()
    assert text.count("<!-- bench -->") == text.count("<!-- /bench -->") == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {path}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {path}#{anchor}"


def test_the_python_of_the_page_about_sites_holds():
    names = {}
    found = blocks(ROOT / "docs" / "sites.md", "python")
    assert len(found) == 2
    for block in found:
        exec(compile(block, "sites.md", "exec"), names)
