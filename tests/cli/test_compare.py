"""`neurolupa compare`: what it prints, writes and refuses."""

import json

import pytest

import neurolupa as nl
from tests.cli.conftest import Run


@pytest.fixture
def two(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = nl.load_images("stimuli?count=40&size=32")
    for name, seed in (("a", 0), ("b", 1)):
        model = nl.load_model("embedded", weights=None, seed=seed)
        nl.scan(model, images, "layer1.0.relu,layer4.1.relu", tmp_path / name)
    return tmp_path


def test_it_tells_what_differs_and_writes_the_folder(two, run: Run) -> None:
    found = run("compare a b --out c --shuffles 19")
    assert found.code == 0, found.err
    assert "Other weights in a network of the same shape" in found.out
    assert "40 sampled pictures are in both" in found.out
    assert "The networks were trained apart" in found.out
    assert "95 % low" not in found.out
    assert (two / "c" / "matched_layer4.1.relu.png").is_file()
    assert found.out.rstrip().endswith("files")


def test_an_atlas_beside_itself(two, run: Run) -> None:
    found = run("compare a a --shuffles 19")
    assert found.code == 0, found.err
    assert "nothing should differ" in found.out


def test_json_and_spanish(two, run: Run) -> None:
    told = json.loads(run("compare a b --json --sites layer1.0.relu --shuffles 9").out)
    assert told["network"] == "SAME_SHAPE"
    assert len(told["matching"]) == 1
    assert 0 <= told["cka"][0]["cka"] <= 1
    assert "imágenes" in run("compare a b --lang es --shuffles 9").out


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("compare a nowhere", 1, "no atlas at nowhere"),
        ("compare a b --sites layer1", 2, "unknown site 'layer1'"),
        ("compare a b --of median", 2, "unknown measure of a map 'median'"),
        ("compare a b --top 0", 2, "--top"),
        ("compare a b --out a", 1, "holds files"),
        ("compare a b --lang fr", 2, "fr"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(two, run: Run, line: str, code: int, words: str) -> None:
    found = run(line)
    assert (found.code, words in found.err) == (code, True), found.err
    assert len(found.err.strip().splitlines()) == 1
