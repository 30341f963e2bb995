import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from neurolupa.reporting import Block, Page, as_html, as_picture

HOSTILE = '<script>alert("1")</script>'


def png(colour, size=(40, 20)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture
def page() -> Page:
    table = pd.DataFrame({"class": [HOSTILE, "dog"], "mean": [0.123456, np.nan], "n": [3, 4]})
    blocks = (
        Block("classes", f"Classes {HOSTILE}", ("A line.",), png("red"), HOSTILE, table),
        Block("empty", "Nothing here"),
    )
    return Page(f"Unit 3 {HOSTILE}", ("Lead.",), blocks, "embedded on photos", "es", "números")


class Seen(HTMLParser):
    """Which elements open and close, in order."""

    VOID = ("meta", "img")

    def __init__(self):
        super().__init__()
        self.open, self.names, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_runs_and_fetches_nothing(page):
    seen = Seen()
    seen.feed(as_html(page))
    assert not seen.open
    assert "script" not in seen.names
    assert "link" not in seen.names
    addresses = [value for name, value in seen.attributes if name in ("src", "href")]
    assert all(value.startswith(("data:", "#")) for value in addresses)
    assert ("lang", "es") in seen.attributes


def test_what_is_shown_is_what_was_given(page):
    html = as_html(page)
    assert html.count("&lt;script&gt;") == 6
    assert re.findall(r"<td>([^<]*)</td>", html)[1:] == ["0.1235", "3", "dog", "", "4"]
    assert html.count("<details>") == 1


def test_the_picture_has_all_pictures_and_no_word_is_left_out(page):
    whole = np.asarray(as_picture(page))
    assert whole.shape[1] == 1500
    red = (whole == (255, 0, 0)).all(-1)
    assert red.sum() == 40 * 20
    rows = (whole < 128).any((1, 2))
    assert rows[:90].any()
    assert rows[-80:].any()


def test_wide_pictures_are_reduced_to_the_page():
    page = Page("t", (), (Block("a", "A", picture=png("blue", (3000, 1000))),), "p", "en", "numbers")
    blue = (np.asarray(as_picture(page)) == (0, 0, 255)).all(-1)
    assert blue.any(0).sum() == 1420
    assert blue.any(1).sum() == round(1000 * 1420 / 3000)
