import json
import shutil

import pytest

from neurolupa.atlas import open_atlas
from neurolupa.errors import DataError


def refused(folder, match):
    with pytest.raises(DataError, match=match) as caught:
        open_atlas(folder)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_no_atlas(tmp_path):
    refused(tmp_path / "none", "no such folder")
    refused(tmp_path, "is not an atlas: it has no atlas.json")
    (tmp_path / "file").touch()
    refused(tmp_path / "file", "a file")


def test_an_interrupted_scan_says_how_to_go_on(tmp_path):
    (tmp_path / "checkpoint").mkdir()
    refused(tmp_path, "interrupted, run again with --resume")


def test_another_schema_version_names_both(tmp_path):
    (tmp_path / "atlas.json").write_text('{"schema": 7}')
    refused(tmp_path, "schema 7; this neurolupa reads schema 1")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": 1}', b"\xff\xfe\x00"])
def test_a_front_page_that_cannot_be_read(tmp_path, text):
    (tmp_path / "atlas.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(tmp_path, "damaged|not an atlas")


@pytest.mark.parametrize("part", ["model", "images", "neurolupa"])
def test_a_front_page_that_lacks_a_part(folder, tmp_path, part):
    copy = shutil.copytree(folder, tmp_path / "copy")
    manifest = json.loads((copy / "atlas.json").read_text())
    del manifest[part]
    (copy / "atlas.json").write_text(json.dumps(manifest))
    refused(copy, part)


def test_sites_that_are_not_stated(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    manifest = json.loads((copy / "atlas.json").read_text())
    del manifest["sites"]
    (copy / "atlas.json").write_text(json.dumps(manifest))
    with pytest.raises(DataError, match="its sites"):
        open_atlas(copy).site("fc")
