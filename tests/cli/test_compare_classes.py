"""`neurolupa compare-classes` on a network whose unit 0 is the red channel."""

import json

import pandas as pd
import pytest
from PIL import Image

from neurolupa.cli import main
from neurolupa.comparison.classes import ClassComparison
from tests.cli.conftest import Run, furnish

ASK = "compare-classes atlas bright dark --site relu --shuffles 19"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """Twelve bright and twelve dark red pictures, of which one bright one is dark red all the same."""
    folder = furnish(tmp_path_factory.mktemp("compared"))
    for name, base in (("bright", 200), ("dark", 50)):
        for number in range(2, 12):
            red = 52 if (name, number) == ("bright", 7) else base + 3 * number
            Image.new("RGB", (8, 8), (red, 0, 0)).save(folder / "photos" / name / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(SystemExit, match="0"):
            main(["scan", "net.py:Net", "photos", "--sites", "relu,fc", "--out", "atlas"])
    return folder


@pytest.fixture
def place(scanned, monkeypatch):
    monkeypatch.chdir(scanned)
    return scanned


def test_it_tells_the_unit_that_differs_and_writes_the_folder(place, run: Run, tmp_path):
    found = run(f"{ASK} --out {tmp_path / 'told'}")
    assert found.code == 0
    assert "bright against dark: 1 of 2 units differ; most of all unit 0, g = " in found.out
    assert "SILENT (1 x)" in found.out
    assert "N = 24 images" in found.out
    assert found.out.rstrip().endswith("told: 9 files")
    held = ClassComparison.load(tmp_path / "told")
    assert held.pairs[0].codes.tolist() == ["OK", "SILENT"]
    looks = pd.read_csv(tmp_path / "told" / "lookalikes.csv")
    assert looks[["id", "own", "other"]].to_numpy().tolist() == [["bright/7.png", "bright", "dark"]]


def test_it_speaks_spanish(place, run: Run):
    found = run(f"{ASK} --lang es")
    assert "bright frente a dark: difieren 1 de 2 unidades" in found.out
    assert "parecen de otra clase" in found.out


def test_json_has_every_unit_with_its_source(place, run: Run):
    told = json.loads(run(f"{ASK} --json").out)
    assert told["source"]["read"] == 24
    assert [each["images"] for each in told["classes"]] == [12, 12]
    assert [row["code"] for row in told["units"]] == ["OK", "SILENT"]
    assert told["units"][1]["g"] is None
    assert told["lookalikes"]["pictures"][0]["id"] == "bright/7.png"
    assert told["largest"][0]["p"] <= 0.05


@pytest.mark.parametrize("named", [" --model net.py:Net", " --model net.py:Net --images photos"])
def test_maps_show_the_pictures_once_more(place, run: Run, tmp_path, named):
    found = run(f"{ASK} --maps --out {tmp_path / 'told'}{named}")
    assert (found.code, found.err) == (0, "")
    maps = ClassComparison.load(tmp_path / "told").maps
    assert maps.units == (0,)
    assert maps.images.ravel().tolist() == [12, 12]
    means = json.loads(run(f"{ASK} --json").out)["units"][0]
    assert maps.mean[:, 0, 4, 4] == pytest.approx([means["mean_first"], means["mean_second"]], rel=1e-5)
    assert (tmp_path / "told" / "maps.png").is_file()


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (ASK.replace("dark", "drak"), 2, "unknown class 'drak'; nearest: dark"),
        (ASK.replace(" dark", ""), 2, "two or more classes are compared, not one: bright"),
        (ASK.replace("dark", "bright"), 2, "the class 'bright' is named twice"),
        (ASK.replace("relu", "rely"), 2, "unknown site 'rely'; nearest: relu"),
        (f"{ASK} --correction bonferoni", 2, "unknown correction 'bonferoni'"),
        (f"{ASK} --top 0", 2, "--top is at least 1, not 0"),
        (f"{ASK} --lang fr", 2, "unknown language 'fr'"),
        (f"{ASK} --model net.py:Net", 2, "--model is for --maps"),
        (f"{ASK} --maps", 2, "the atlas names code, net.py:Net, which runs only where you name it: model"),
        (f"{ASK} --maps --images samples", 2, "samples is not the image set that was scanned, photos"),
        (f"{ASK} --maps --model squeezenet1_1 --weights random", 2, "not the network that was scanned"),
        (
            ASK.replace("relu", "fc") + " --maps --model net.py:Net",
            2,
            "fc have one value a picture and no maps",
        ),
        (ASK.replace("atlas", "nowhere"), 1, "no atlas at nowhere"),
        (f"{ASK} --out photos", 1, "photos holds files; name a new folder, or --overwrite"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(place, run: Run, line: str, code: int, words: str):
    found = run(line)
    assert found.code == code
    assert words in found.err
    assert len(found.err.strip().splitlines()) == 1


def test_an_earlier_folder_is_replaced_where_it_is_asked_for(place, run: Run, tmp_path):
    for _ in range(2):
        assert run(f"{ASK} --out {tmp_path / 'told'} --overwrite").code == 0
    assert run(f"{ASK} --out {tmp_path / 'told'}").code == 1


def test_an_unlabelled_atlas_is_refused(place, run: Run, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    for number in range(3):
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(plain / f"{number}.png")
    assert run(f"scan net.py:Net {plain} --sites relu --out {tmp_path / 'atlas'}").code == 0
    found = run(ASK.replace("atlas", str(tmp_path / "atlas")))
    assert found.code == 1
    assert "has no labels" in found.err
