"""The folder of a log: what is refused, taken over, mended; the numbers of the loop."""

import numpy as np
import pytest
import torch
from tests.monitoring.nets import Net, batches, trained
from torch import nn

import neurolupa as nl
from neurolupa.capture import trace
from neurolupa.errors import DataError, UsageError
from neurolupa.monitoring import open_log
from neurolupa.monitoring.log import COLUMNS


class TestLog:
    def test_a_torn_last_line_is_left_out_and_mended_on_resuming(self, tmp_path):
        trained(tmp_path / "log")
        rows = tmp_path / "log" / "rows.jsonl"
        rows.write_bytes(rows.read_bytes()[:-40])
        log = open_log(tmp_path / "log")
        assert log.torn
        assert log.steps == (0, 2, 4, 6, 8)
        trained(tmp_path / "log", steps=4, resume=True)
        again = open_log(tmp_path / "log")
        assert again.steps == (0, 2, 4, 6, 8, 10, 12)
        assert not again.torn

    def test_the_log_of_another_network_or_other_files_are_not_written_to(self, tmp_path):
        trained(tmp_path / "log")
        with pytest.raises(DataError, match="is the log of something else"):
            nl.monitor(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), tmp_path / "log", resume=True)
        with pytest.raises(DataError, match="holds files"):
            nl.monitor(Net(), tmp_path / "log")

    def test_damage_in_the_middle_is_told(self, tmp_path):
        trained(tmp_path / "log")
        rows = tmp_path / "log" / "rows.jsonl"
        rows.write_bytes(b"{" + rows.read_bytes())
        with pytest.raises(DataError, match="is damaged"):
            open_log(tmp_path / "log")


class TestNumbersOfTheLoop:
    def test_they_stand_beside_the_rows_and_nan_is_no_number(self, tmp_path):
        net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
        with nl.monitor(net, tmp_path / "log", every=1) as watch:
            for numbers in (
                {"loss": torch.tensor(2.0, requires_grad=True)},
                {"loss": float("nan"), "rate": np.float32(0.5)},
            ):
                net(batches(1)[0])
                watch.step(**numbers)
        frame = open_log(tmp_path / "log").to_frame()
        assert list(frame.columns) == [*COLUMNS, "loss", "rate"]
        np.testing.assert_array_equal(frame[["loss", "rate"]], [[2, np.nan], [np.nan, 0.5]])

    @pytest.mark.parametrize(
        ("numbers", "line"),
        [
            ({"mean": 1.0}, "the log has a column of that name"),
            ({"loss": "low"}, "loss must be a number, not 'low'"),
            ({"loss": torch.ones(2)}, "loss must be a number"),
        ],
    )
    def test_what_cannot_be_kept(self, numbers, line, tmp_path):
        net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
        with nl.monitor(net, tmp_path / "log", every=1) as watch:
            net(batches(1)[0])
            with pytest.raises(UsageError, match=line):
                watch.step(**numbers)

    def test_a_watch_that_is_over(self, tmp_path):
        watch = nl.monitor(Net(), tmp_path / "log")
        watch.close()
        watch.close()
        with pytest.raises(UsageError, match="this watch is over"):
            watch.step()


class TestBeginning:
    def test_with_an_example_a_wrong_name_is_told_before_anything_is_written(self, tmp_path):
        with pytest.raises(UsageError, match="unknown"):
            nl.monitor(Net(), tmp_path / "log", sites="kind:rely", example=batches(1)[0])
        assert not (tmp_path / "log").exists()

    def test_without_one_it_is_told_at_the_first_step(self, tmp_path):
        net = Net()
        with nl.monitor(net, tmp_path / "log", sites="kind:rely") as watch:
            net(batches(1)[0])
            with pytest.raises(UsageError, match="unknown"):
                watch.step()

    def test_a_model_is_watched_by_its_own_sites(self, tmp_path, untouched):
        model = nl.load_model(Net(), input_size=8)
        site = trace(model).find("relu:0")
        with untouched(model), nl.monitor(model, tmp_path / "log", sites=[site, "/relu"]):
            pass
        with nl.monitor(model, tmp_path / "log", sites=[site, "/relu"], resume=True) as watch:
            model.module.train()(batches(1)[0])
            watch.step()
        assert open_log(tmp_path / "log").sites == ("relu:0", "/relu")

    def test_the_number_of_the_first_step(self, tmp_path):
        trained(tmp_path / "log", steps=5, every=4, start=6)
        assert open_log(tmp_path / "log").steps == (8,)
        trained(tmp_path / "log", steps=3, every=4, resume=True)
        assert open_log(tmp_path / "log").steps == (8,)
        trained(tmp_path / "log", steps=3, every=4, start=12, resume=True)
        assert open_log(tmp_path / "log").steps == (8, 12)
        with pytest.raises(DataError, match="holds step 12 already"):
            nl.monitor(Net(), tmp_path / "log", every=4, start=12, resume=True)

    @pytest.mark.parametrize(
        ("module", "kind", "line"),
        [
            (nn.DataParallel(nn.Linear(2, 2)), UsageError, "DataParallel runs copies"),
            ("net", UsageError, "a network is watched, not a str"),
            (torch.compile(nn.Linear(2, 2)), DataError, "is compiled"),
            (nn.Sequential(nn.LazyLinear(2)), DataError, "lazy layers"),
        ],
    )
    def test_what_cannot_be_watched(self, module, kind, line, tmp_path):
        with pytest.raises(kind, match=line):
            nl.monitor(module, tmp_path / "log")
        assert not (tmp_path / "log").exists()

    def test_a_file_is_no_folder(self, tmp_path):
        (tmp_path / "log").write_text("mine")
        with pytest.raises(DataError, match=r"holds files|cannot"):
            nl.monitor(Net(), tmp_path / "log", resume=True)
        assert (tmp_path / "log").read_text() == "mine"
