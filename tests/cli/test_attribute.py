"""`neurolupa attribute` and `neurolupa ablate`: what they print, what they write, what they refuse."""

import json

import pandas as pd
import pytest

from neurolupa.attribution import Ablation, Attribution
from tests.cli.conftest import Run

ASK = "attribute embedded samples#cat"
LOSE = "ablate embedded samples --site layer4.1.relu --truth prediction"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_map_with_all_that_can_be_asked_of_it(own_folder, run: Run) -> None:
    found = run(
        f"{ASK} --target dog --site layer3.1.relu --sanity --seeds 2 --stages 2 --deletion"
        " --units layer4.1.relu --value mean --out m"
    )
    assert found.code == 0, found.err
    assert "Grad-CAM at layer3.1.relu: dog" in found.out
    held = Attribution.load(own_folder / "m")
    assert (held.method, held.target.name) == ("gradcam", "dog")
    files = {path.name for path in (own_folder / "m").iterdir()}
    assert files == {
        "attribution.json", "attribution.safetensors", "original.png", "seen.png", "map.png", "units.csv",
        "sanity.csv", "sanity.json", "sanity.png", "deletion_insertion.csv", "deletion_insertion.json",
        "deletion_insertion.png", "unit_effects.csv", "unit_effects.png", "files.json",
    }  # fmt: skip
    assert len(pd.read_csv(own_folder / "m" / "unit_effects.csv")) == 128
    assert found.out.rstrip().endswith("m: 15 files")


def test_several_methods_have_a_folder_each_and_the_site_is_for_those_that_take_one(
    own_folder, run: Run
) -> None:
    found = run(f"{ASK} --method gradcam,saliency --method edges --site layer2.0.relu --out m")
    assert found.code == 0, found.err
    assert sorted(path.name for path in (own_folder / "m").iterdir()) == ["edges", "gradcam", "saliency"]
    assert Attribution.load(own_folder / "m" / "gradcam").site.name == "layer2.0.relu"
    assert Attribution.load(own_folder / "m" / "edges").site is None


def test_a_map_without_contrast_costs_the_other_maps_nothing(own_folder, run: Run) -> None:
    # Behind the last convolution stands only the mean over places: its gradient is the same everywhere.
    found = run(f"{ASK} --method layer_gradient,gradcam --deletion --out m")
    assert found.code == 0, found.err
    assert found.out.count("Deletion and insertion were left out: the map gives pixels no order.") == 1
    written = {place.parent.name for place in (own_folder / "m").glob("*/deletion_insertion.*")}
    assert written == {"gradcam"}
    flat, other = json.loads(run(f"{ASK} --method layer_gradient,gradcam --deletion --out n --json").out)
    assert flat["attribution"]["codes"] == ["flat"]
    assert flat["deletion_insertion"] is None
    assert 0 < other["deletion_insertion"]["deletion"]["area"] < 1


def test_a_window_larger_than_the_picture_is_refused(own_folder, run: Run) -> None:
    refused = run(f"{ASK} --method occlusion --window 33 --out m")
    assert refused.code == 2
    assert refused.err == "error: window is at most 32, the shorter side of the picture; got 33\n"
    assert not (own_folder / "m").exists()


def test_json_holds_the_map_s_facts_and_its_units(run: Run) -> None:
    found = run(f"{ASK} --method gradient_x_activation --out m --json")
    (told,) = json.loads(found.out)
    assert told["attribution"]["method"] == "gradient_x_activation"
    assert len(told["units"]) == 128


def test_an_earlier_attribution_is_replaced_only_when_asked(own_folder, run: Run) -> None:
    assert run(f"{ASK} --out m --method saliency").code == 0
    refused = run(f"{ASK} --out m")
    assert (refused.code, "--overwrite" in refused.err) == (1, True)
    assert run(f"{ASK} --out m --overwrite").code == 0
    assert Attribution.load(own_folder / "m").method == "gradcam"


def test_units_switched_off_over_pictures(own_folder, run: Run) -> None:
    found = run(f"{LOSE} --units 3,5-7 --together --group 1,2 --value mean --out a")
    assert found.code == 0, found.err
    assert "N = 7 pictures" in found.out
    held = Ablation.load(own_folder / "a")
    assert held.groups == ((3,), (5,), (6,), (7,), (3, 5, 6, 7), (1, 2))
    assert held.source.value == "mean"
    assert len(pd.read_csv(own_folder / "a" / "groups.csv")) == 6
    assert {path.name for path in (own_folder / "a").iterdir()} == {
        "ablation.json", "ablation.safetensors", "groups.csv", "groups.png", "classes.csv", "classes.png",
        "files.json",
    }  # fmt: skip


def test_an_ablation_as_json_and_in_spanish(run: Run) -> None:
    told = json.loads(run(f"{LOSE} --units 0 --out a --json").out)
    assert told["accuracy"] == 1
    assert len(told["groups"]) == 1
    assert "imágenes" in run(f"{LOSE} --units 0 --out b --lang es").out


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (f"{ASK} --out m --method gradcm", 2, "unknown attribution method 'gradcm'; nearest: gradcam"),
        (f"{ASK} --out m --target dgo", 2, "unknown network class 'dgo'; nearest: dog"),
        (f"{ASK} --out m --target 10", 2, "no network class 10; classes are 0 to 9"),
        (f"{ASK} --out m --site fc", 2, "fc has no map to attribute"),
        (f"{ASK} --out m --site layer9", 2, "unknown site 'layer9'"),
        (f"{ASK} --out m --method saliency --site relu", 2, "a method of pixels and takes no site"),
        (f"{ASK} --out m --units layer9", 2, "unknown site 'layer9'"),
        (f"{ASK} --out m --value x", 2, "--value takes a number or mean, not 'x'"),
        (f"{ASK} --out m --seeds 0", 2, "--seeds is at least 1, not 0"),
        (f"{ASK} --out m --baseline white", 2, "unknown baseline 'white'"),
        (f"{ASK} --out m --window 2 --stride 4", 2, "stride is at most the window of 2"),
        ("attribute embedded nowhere.jpg --out m", 1, "nowhere.jpg"),
        (f"{LOSE} --out a --units 128", 2, "no unit 128 at layer4.1.relu; units are 0 to 127"),
        (f"{LOSE} --out a --together", 2, "--together goes with --units"),
        (f"{LOSE} --out a --value median", 2, "--value takes a number or mean"),
        (
            LOSE.replace("samples", "stimuli?count=8&size=32&target=hue").replace("prediction", "label")
            + " --out a",
            1,
            "has no class of the network's",
        ),
        (LOSE.replace("prediction", "labels") + " --out a", 2, "unknown truth 'labels'; nearest: label"),
        (LOSE.replace("layer4.1.relu", "layer4.9") + " --out a", 2, "unknown site 'layer4.9'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    own_folder, run: Run, line: str, code: int, words: str
) -> None:
    found = run(line)
    assert (found.code, words in found.err) == (code, True), found.err
    assert len(found.err.strip().splitlines()) == 1
    assert not list(own_folder.iterdir())
