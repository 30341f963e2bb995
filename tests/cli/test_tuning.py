"""`neurolupa tuning` on a network whose unit 0 is the red channel."""

import json

import pandas as pd
import pytest

from neurolupa.cli.unit_ranges import units_named
from neurolupa.errors import UsageError
from neurolupa.units.tuning_curves import Tuning
from tests.cli.conftest import Run

ASK = "tuning net.py:Net --site conv --shuffles 19"


def test_it_writes_tables_curves_and_figures(place, run: Run) -> None:
    found = run(f"{ASK} --factors hue,shape --out tuned --top 1")
    assert found.code == 0
    assert found.out.startswith("conv:0: Net on ")
    assert "labels shuffled 19 times" in found.out
    assert "the most tuned, 1 of 2 units" in found.out
    written = {path.name for path in (place / "tuned").iterdir()}
    assert written == {"tuning.csv", "curves.csv", "tuning.json", "tuning.safetensors", "unit_0.png"}
    rows = pd.read_csv(place / "tuned" / "tuning.csv")
    hue = rows[(rows["unit"] == 0) & (rows["factor"] == "hue")].iloc[0]
    assert (float(hue["preferred"]), hue["angle"], hue["p"]) == (0.0, pytest.approx(0, abs=0.2), 0.05)
    assert rows[rows["unit"] == 1]["state"].tolist() == ["CONSTANT", "CONSTANT"]
    assert Tuning.load(place / "tuned").factors == ("hue", "shape")
    assert len(pd.read_csv(place / "tuned" / "curves.csv")) == 2 * (24 + 8)


def test_json_has_every_row_and_its_source(place, run: Run) -> None:
    told = json.loads(run(f"{ASK} --units 1,0 --factors hue --out tuned --json").out)
    assert [row["unit"] for row in told["rows"]] == [1, 0]
    assert told["source"]["address"] == "conv:0"
    assert told["rows"][0]["index"] is None


def test_spanish(place, run: Run) -> None:
    found = run(f"{ASK} --factors hue --units 0 --out tuned --lang es")
    assert "las más sintonizadas, 1 de 1 unidades" in found.out
    assert "etiquetas barajadas 19 veces" in found.out


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("--out o --units 0-2", "conv has no unit 2; its units are 0 to 1"),
        ("--out o --units x", "--units takes numbers and ranges, as 3,5-9, not 'x'"),
        ("--out o --factors colour", "choose from: frequency, hue, orientation, position, shape"),
        ("--out o --top 0", "--top is at least 1, not 0"),
        ("--out o --lang fr", "en, es"),
        ("--out o --point norm", "leads to no norm"),
        ("", "--out"),
    ],
)
def test_bad_input_is_one_line(place, run: Run, more: str, told: str) -> None:
    found = run(f"{ASK} {more}")
    assert found.code == 2
    assert told in found.err
    assert "Traceback" not in found.err
    assert not (place / "o").exists()


def test_an_unknown_site_names_the_nearest(place, run: Run) -> None:
    found = run("tuning net.py:Net --site cnov --out o")
    assert (found.code, "nearest: conv" in found.err) == (2, True)


def test_a_folder_that_cannot_be_written(place, run: Run) -> None:
    found = run(f"{ASK} --factors hue --out net.py")
    assert found.code == 1
    assert "net.py cannot be written" in found.err


@pytest.mark.parametrize("text", ["", "1-", "-3", "5-3", "1,,2", "a-b", "0-99999999999"])
def test_ranges_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="--units takes"):
        units_named(text)
