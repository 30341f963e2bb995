"""Short runs of the whole command on pictures that it can learn."""

import json

import pytest
import torch
from training.recipe import Recipe
from training.run import CHECKPOINT, CURVE, Run
from training.train_embedded import main, measure

from neurolupa.models.embedded.shipped import CARD, WEIGHTS, read_card, read_weights

EPOCHS = "6"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory, brightness_set):
    folder = tmp_path_factory.mktemp("shipped")
    run(brightness_set, folder / "run", folder)
    return folder


def run(spec, out, into, *more):
    sets = ["--train", spec, "--test", spec]
    assert main([*sets, "--epochs", EPOCHS, "--out", str(out), "--into", str(into), *more]) == 0


def test_it_writes_weights_card_page_and_curve(shipped):
    card = read_card(shipped)
    assert set(read_weights(shipped)) >= {"conv1.weight", "layer4.1.bn2.running_var", "fc.bias"}
    assert card["training"]["sets"] == {"brightness": 300}
    assert card["weights"]["sha256"] in (shipped / "CARD.md").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (shipped / "run" / CURVE).read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert [line["size"] for line in lines] == [24, 32, 32, 32, 32, 32]


def test_the_weights_that_ship_are_in_half_precision(shipped):
    from safetensors.torch import load_file

    assert {tensor.dtype for tensor in load_file(shipped / WEIGHTS).values()} == {torch.float16}


def test_the_same_command_again_trains_nothing_and_measures_the_same(shipped, brightness_set):
    before = (shipped / CARD).read_bytes()
    run(brightness_set, shipped / "run", shipped)
    assert (shipped / CARD).read_bytes() == before


def test_an_interrupted_run_ends_in_the_same_weights(shipped, brightness_set, tmp_path, monkeypatch):
    keep = Run._keep

    def pulled_after_the_second(self):
        keep(self)
        if self.epoch == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Run, "_keep", pulled_after_the_second)
    with pytest.raises(KeyboardInterrupt):
        run(brightness_set, tmp_path / "run", tmp_path)
    monkeypatch.undo()
    run(brightness_set, tmp_path / "run", tmp_path)
    assert (tmp_path / WEIGHTS).read_bytes() == (shipped / WEIGHTS).read_bytes()


def test_a_run_of_another_recipe_is_not_gone_on_with(shipped, brightness_set):
    with pytest.raises(SystemExit, match="another recipe"):
        run(brightness_set, shipped / "run", shipped, "--seed", "1")


def test_evaluating_compares_with_the_card(shipped, brightness_set, tmp_path, capsys):
    command = ["--evaluate", "--test", brightness_set, "--into"]
    assert main([*command, str(shipped)]) == 0
    card = read_card(shipped)
    card["evaluation"][0]["correct"] += 5
    (tmp_path / CARD).write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / WEIGHTS).write_bytes((shipped / WEIGHTS).read_bytes())
    assert main([*command, str(tmp_path)]) == 1
    assert "the card says otherwise" in capsys.readouterr().err


def test_the_run_learns(tmp_path, brightness_set):
    from training.pictures import read_pictures

    from neurolupa.models.embedded import PREPROCESSING

    recipe = Recipe(epochs=8, restarts=(5, 7), small_epochs=3, batches=(30, 30, 30), averaging=0.5, warm_up=1)
    run_of_eight = Run(tmp_path, recipe, PREPROCESSING, 10)
    run_of_eight.finish(read_pictures([brightness_set]))
    last = json.loads((tmp_path / CURVE).read_text().splitlines()[-1])
    assert last["accuracy"] > 0.5
    assert (tmp_path / CHECKPOINT).exists()


def test_measuring_reads_the_folder_that_it_is_given(shipped, brightness_set):
    assert measure(shipped, [brightness_set]) == read_card(shipped)["evaluation"]
