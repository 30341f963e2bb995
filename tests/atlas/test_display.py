import numpy as np

from neurolupa.atlas import open_atlas

from .builder import build


def test_the_text_says_where_from_and_one_line_for_each_site(atlas):
    lines = str(atlas).splitlines()
    assert lines[0] == "Atlas of tinynet on photos: 3 sites, 7 units, 3 dead (42.86 %)"
    assert lines[-1].split() == [
        "fc",
        "Conv2d",
        "[4,",
        "2,",
        "1,",
        "1]",
        "-4.5",
        "2.291",
        "-8",
        "-1",
        "n/a",
        "2",
        "of",
        "2",
    ]
    assert len(lines) == 7
    assert "tinynet on photos" in repr(atlas)


def test_the_page_is_escaped_self_contained_and_the_same_each_time(tmp_path):
    folder = build(tmp_path / "odd", {"<script>": np.ones((2, 1, 1, 1))}, images="a & b")
    page = open_atlas(folder)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "a &amp; b" in page
    assert not any(word in page for word in (" src=", " href=", " id=", "url("))
    assert page == open_atlas(folder)._repr_html_()


def test_many_sites_are_counted_not_listed(tmp_path):
    folder = build(tmp_path / "deep", {f"relu{index}": np.ones((1, 1, 1, 1)) for index in range(43)})
    assert str(open_atlas(folder)).endswith("... and 3 more sites")
    assert "and 3 more sites" in open_atlas(folder)._repr_html_()
