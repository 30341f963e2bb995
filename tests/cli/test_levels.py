"""`neurolupa levels` on a network whose unit 0 is the red channel."""

import json
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from neurolupa.cli import main
from tests.cli.conftest import Run, furnish

ASK = "levels generated natural --site conv --shuffles 19"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two atlases: of 400 generated pictures, and of eight natural ones, red of one class and dull."""
    folder = furnish(tmp_path_factory.mktemp("levels"))
    for name, red in (("red", 255), ("dull", 30)):
        (folder / "kinds" / name).mkdir(parents=True)
        for number in range(4):
            picture = Image.new("RGB", (8, 8), (red - 3 * number, 90, 90))
            picture.save(folder / "kinds" / name / f"{number}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for images, out in (("stimuli?size=32&limit=400", "generated"), ("kinds", "natural")):
            with pytest.raises(SystemExit, match="0"):
                main(["scan", "net.py:Net", images, "--sites", "conv", "--out", out])
    return folder


@pytest.fixture
def atlases(scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The two atlases in the new folder in which the command runs."""
    for name in ("generated", "natural"):
        (tmp_path / name).symlink_to(scanned / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_tells_levels_in_words_and_writes_table_source_and_figure(atlases, run: Run) -> None:
    found = run(f"{ASK} --out told --top 1")
    assert found.code == 0
    assert found.out.startswith("conv: Net · N = 2 units · 400 generated pictures")
    assert "8 pictures of 2 classes" in found.out
    assert "neither: 1" in found.out
    assert "at least 10 %" in found.out
    assert found.out.rstrip().endswith("told: 3 files")
    assert {path.name for path in (atlases / "told").iterdir()} == {"levels.csv", "levels.json", "levels.png"}
    table = pd.read_csv(atlases / "told" / "levels.csv").set_index("unit")
    assert table.loc[1, "level"] == "NEITHER"
    assert table.loc[0, "labels"] > 0.95
    kept = json.loads((atlases / "told" / "levels.json").read_text())
    assert sum(kept["counts"].values()) == 2
    assert kept["source"]["shuffles"] == 19


def test_json_has_every_row_and_its_source(atlases, run: Run) -> None:
    told = json.loads(run(f"{ASK} --units 1,0 --least 0.2 --times 3 --value max --seed 4 --json").out)
    assert [row["unit"] for row in told["rows"]] == [1, 0]
    rule = {name: told["source"][name] for name in ("least", "times", "value", "seed")}
    assert rule == {"least": 0.2, "times": 3.0, "value": "max", "seed": 4}
    assert told["rows"][0]["stimuli"] is None


def test_spanish(atlases, run: Run) -> None:
    found = run(f"{ASK} --lang es")
    assert "ni uno ni otro: 1" in found.out
    assert "8 imágenes de 2 clases" in found.out


def test_earlier_levels_are_replaced_only_when_asked(atlases, run: Run) -> None:
    assert run(f"{ASK} --out told").code == 0
    refused = run(f"{ASK} --out told --units 0")
    assert (refused.code, "--overwrite" in refused.err) == (1, True)
    assert len(pd.read_csv(atlases / "told" / "levels.csv")) == 2
    assert run(f"{ASK} --out told --units 0 --overwrite").code == 0
    assert len(pd.read_csv(atlases / "told" / "levels.csv")) == 1


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        ("generated natural --site cnov", "nearest: conv"),
        ("generated natural --site conv --units 0-2", "conv has no unit 2; its units are 0 to 1"),
        ("generated natural --site conv --units x", "--units takes numbers and ranges, as 3,5-9, not 'x'"),
        ("generated natural --site conv --value median", "unknown value of a unit 'median'; nearest: mean"),
        ("generated natural --site conv --least 0", "least lies between 0 and 1, not 0"),
        ("generated natural --site conv --least nan", "least"),
        ("generated natural --site conv --times 1", "times is above 1, not 1"),
        ("generated natural --site conv --times nan", "times"),
        ("generated natural --site conv --shuffles 0", "shuffles must be at least 1, not 0"),
        ("generated natural --site conv --seed -1", "seed must be at least 0, not -1"),
        ("generated natural --site conv --top 0", "--top is at least 1, not 0"),
        ("generated natural --site conv --lang fr", "en, es"),
        ("natural generated --site conv", "kinds has no factors"),
        ("generated natural", "--site"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(atlases, run: Run, ask: str, told: str) -> None:
    found = run(f"levels {ask} --out o")
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err
    assert not (atlases / "o").exists()


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        ("nowhere natural --site conv --out o", "no atlas at nowhere"),
        ("generated natural --site conv --out generated", "--overwrite"),
    ],
)
def test_what_is_wrong_with_a_folder_is_told_before_anything_is_computed(
    atlases, run: Run, ask: str, told: str
) -> None:
    found = run(f"levels {ask}")
    assert (found.code, told in found.err) == (1, True)
