"""Names from data sets: of folders, files and classes. They name things and do nothing."""

import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import neurolupa as nl
from neurolupa.cli import main
from neurolupa.figures import charts_heat
from neurolupa.images.listing import natural_key
from neurolupa.locales import text

SITE = "layer4.1.relu"
# What a folder or file can be called on a file system that forbids nothing but "/" and NUL.
ON_DISK = (
    *(
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt;\"'",
        "=cmd|' C calc'!A0",
        "@SUM(A1)",
        "x" * 200,
        "two\nlines",
    ),
    *(
        "\u202egnp.exe",
        "\x1b[2J\x1b]0;owned\x07",
        "\x9b31m",
        "cr\rover",
        "a\u2028b",
        "t\tb",
        "CON",
        "nul.txt",
    ),
    *(
        "| a | b |",
        "`x` ![y](http:z)",
        "~",
        "-rf",
        "%2e%2e%2fx",
        "C:\\Windows\\x",
        "{0}{site}",
        "$\\frac$",
        "%s%n",
    ),
)
# What an array or a table can hold besides: the names of classes are any text at all.
ANY_TEXT = (
    "../../outside",
    "/etc/passwd",
    "nul\x00byte",
    "y" * 300,
    "</script><script>alert(1)</script>",
    "..",
    "",
)
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse these names")


@pytest.fixture
def types(capsys, monkeypatch):
    """Types a command line in a wide terminal; its exit code and what came out."""
    monkeypatch.setenv("COLUMNS", "10000")

    def typed(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(map(str, words)))
        told = capsys.readouterr()
        return left.value.code or 0, told.out, told.err

    return typed


def fill(root: Path, names: list[str]) -> None:
    """A folder for each class: two pictures and a broken one, called like other classes."""
    draw = np.random.default_rng(0)
    for place, name in enumerate(names):
        (root / name).mkdir(parents=True)
        others = [os.fsencode(names[(place + step) % len(names)])[:150] for step in range(3)]
        for other in others[:2]:
            pixels = draw.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / os.fsdecode(other + b".png"))
        (root / name / os.fsdecode(others[2] + b".png")).write_bytes(b"nonsense")


def listing(root: Path) -> set[Path]:
    return set(root.rglob("*"))


HOSTILE = sorted(ON_DISK, key=natural_key)
HARMLESS = [f"class{place:02d}" for place in range(len(HOSTILE))]


def lines_of(names: list[str]):
    """Command lines about a set with such classes; both sets answer with as many lines."""
    first, second = names[HOSTILE.index("two\nlines")], names[HOSTILE.index("\x1b[2J\x1b]0;owned\x07")]
    picture = f"photos/{first}/{first}.png"
    yield "scan", "embedded", "folder:photos", "--sites", SITE, "--out", "atlas"
    for what in ("layers", "classes", "exemplars", "summary"):
        more = {"classes": ["--site", SITE], "exemplars": ["--site", SITE, "--unit", "3"]}.get(what, [])
        yield "show", "atlas", what, *more
        yield "show", "atlas", what, *more, "--json"
    yield "export", "atlas", "exported"
    yield "unit", "atlas", SITE, "3", "--out", "unit"
    yield "compare-classes", "atlas", first, second, "--site", SITE, "--out", "compared"
    yield "inspect", "embedded", picture, "--site", SITE, "--out", "inspected"
    yield "attribute", "embedded", picture, "--out", "attributed"
    yield (
        "ablate",
        "embedded",
        "folder:photos",
        "--site",
        SITE,
        "--units",
        "1,2",
        "--truth",
        "prediction",
        "--out",
        "x",
    )
    yield "scan", "embedded", "folder:photos", "--strict", "--out", "strict"
    yield "show", second, "layers"
    yield "show", "atlas", "exemplars", "--site", second
    yield "scan", second, "folder:photos", "--out", "y"
    yield "compare-classes", "atlas", first, f"{second}x", "--site", SITE
    yield "scan", "embedded", "folder:photos", "--weights", second, "--out", "z"


def test_what_a_set_with_such_names_prints_is_text_line_by_line(tmp_path, monkeypatch, types):
    answers = []
    for place, names in (("harmless", HARMLESS), ("hostile", HOSTILE)):
        fill(tmp_path / place / "photos", names)
        monkeypatch.chdir(tmp_path / place)
        answers.append([(words, *types(*words)) for words in lines_of(names)])
    for (_, code, out, err), (words, hostile_code, hostile_out, hostile_err) in zip(*answers, strict=True):
        assert hostile_code == code, (words, hostile_err)
        assert OBEYED.findall(hostile_out + hostile_err) == [], words
        assert len(hostile_out.splitlines()) == len(out.splitlines()), words
        assert len(hostile_err.splitlines()) == len(err.splitlines()), words
    assert set(tmp_path.iterdir()) == {tmp_path / "harmless", tmp_path / "hostile"}
    made = {path.name for path in listing(tmp_path / "hostile") if "photos" not in path.parts}
    assert made == {path.name for path in listing(tmp_path / "harmless") if "photos" not in path.parts}


@pytest.fixture
def named(tmp_path, monkeypatch):
    """An archive whose classes are called anything, in a folder of its own."""
    names = [*ANY_TEXT, *ON_DISK]
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    draw = np.random.default_rng(0)
    pictures = draw.integers(0, 256, (2 * len(names), 32, 32, 3), dtype=np.uint8)
    np.savez("set.npz", images=pictures, labels=np.repeat(np.arange(len(names)), 2), classes=np.array(names))
    return home


class Tags(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, name) for name, _ in attrs} | {(tag, "")}


def test_classes_of_any_name_write_nowhere_else_and_say_what_they_are_called(named, types):
    before = listing(named.parent)
    for words in (
        ("scan", "embedded", "npz:set.npz", "--sites", SITE, "--out", "atlas"),
        ("export", "atlas", "exported", "--figures"),
        ("unit", "atlas", SITE, "3", "--out", "unit"),
    ):
        assert types(*words)[0] == 0
    places = {path.relative_to(named).parts[0] for path in listing(named.parent) - before}
    assert places == {"atlas", "exported", "unit"}
    code, out, err = types("show", "atlas", "classes", "--site", SITE, "--json")
    assert code == 0
    assert OBEYED.findall((out + err).replace("\t", "")) == []
    shown = {row["class_name"] for row in json.loads(out)["rows"]}
    assert {"../../outside", "y" * 300, "two\nlines", "\x1b[2J\x1b]0;owned\x07"} <= shown


def test_no_name_becomes_an_element_of_a_page(named, types):
    types("scan", "embedded", "npz:set.npz", "--sites", SITE, "--out", "atlas")
    types("unit", "atlas", SITE, "3", "--out", "unit")
    (page,) = (named / "unit").glob("*.html")
    written, tags = page.read_text(encoding="utf-8"), Tags()
    tags.feed(written)
    assert "&lt;img src=x onerror=alert(1)&gt;" in written
    assert not [name for tag, name in tags.found if tag == "script" or name.startswith("on")]
    assert "default-src 'none'" in written


def test_no_name_becomes_markup_of_a_chart(named):
    atlas = nl.scan("embedded", "npz:set.npz", SITE, named / "atlas")
    rows = atlas.classes(SITE)
    for label in charts_heat.places(rows["class_id"], rows["class_name"]):
        assert "<" not in label


def test_a_name_that_fills_a_sentence_stays_in_its_line():
    told = text("app.failed.network", "en", model="two\nlines\x1b[2J", reason="{0}")
    assert told == "The network two\\nlines\\u001b[2J does not work: {0}."


def test_names_that_are_no_utf8_are_scanned_and_shown(tmp_path, types):
    folder = os.fsencode(tmp_path) + b"/photos/caf\xe9"
    Path(os.fsdecode(folder)).mkdir(parents=True)
    for place in range(2):
        picture = os.fsdecode(folder + b"/\xff%d.png" % place)
        Image.new("RGB", (32, 32), (80 * place, 0, 0)).save(picture)
    code, _, err = types(
        "scan", "embedded", f"folder:{tmp_path}/photos", "--sites", SITE, "--out", tmp_path / "a"
    )
    assert (code, "error" in err) == (0, False)
    atlas = nl.open_atlas(tmp_path / "a")
    assert list(atlas.classes(SITE)["class_name"]) == ["caf\\xe9"]
