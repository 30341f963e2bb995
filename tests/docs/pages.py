"""Reading Markdown: fenced blocks, headings, links, and the command lines in them."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
README, LEEME = ROOT / "README.md", ROOT / "README.es.md"
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("notebooks/*.md"),
        *ROOT.glob("src/neurolupa/*/README.md"),
    ]
)


def blocks(page, language):
    """The fenced code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.M | re.S)


def prose(page):
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)


def commands(page):
    """Every line of the bash blocks, as words."""
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip()]


def levels(page):
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose(page), re.M)]


def links(page):
    """Relative targets of links and pictures: (path, anchor)."""
    found = re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", prose(page))
    return [(path, anchor) for path, anchor in found if path or anchor]


def anchors(page):
    """The anchors of the headings, as they are made on the web."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
