"""Probes as a folder: report, tables and figures."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.figures.probed import concept, report_of, rising, sparse

from neurolupa import figures
from neurolupa.errors import DataError, UsageError
from neurolupa.figures import probing_export
from neurolupa.probing.result import ProbeReport

BEST = "layer1.1.relu"


def made() -> ProbeReport:
    return report_of(
        concept("a/b", (0.3, 0.9, 0.5), classes=3, chance=0.34), concept("brightness", rising(3), classes=0)
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("export") / "probes"
    files = figures.export_probes(made(), place, narrowed=[sparse()], lang="es")
    assert {path.name for path in files} == {path.name for path in place.iterdir()}
    return place


@pytest.fixture
def undrawn(monkeypatch) -> None:
    monkeypatch.setattr(probing_export, "_figures", lambda *given: iter(()))


def test_the_folder_has_the_report_tables_and_figures(written):
    names = {path.name for path in written.iterdir()}
    assert names == {
        "files.json", "probes.json", "probes.safetensors", "probes.csv", "probes.png", "emergence.csv",
        "emergence.png", "confusion_a%2Fb.csv", "confusion_a%2Fb.png", "carriers_a%2Fb.csv",
        "carriers_a%2Fb.png", "carriers_brightness.csv", "carriers_brightness.png", "units_hue.csv",
        "units_hue.png",
    }  # fmt: skip
    assert set(json.loads((written / "files.json").read_text())["files"]) == names


def test_the_tables_are_those_of_the_report(written):
    rows = made().to_frame().drop(columns="codes")
    read = pd.read_csv(written / "probes.csv").drop(columns="codes")
    pd.testing.assert_frame_equal(read, rows, check_dtype=False)
    depths = pd.read_csv(written / "emergence.csv")
    assert depths["concept"].tolist() == [each.concept for each in made().emergence()]
    assert pd.read_csv(written / "units_hue.csv")["units"].tolist() == [1, 2, 4, 8, 16]
    again = ProbeReport.load(written).concept("a/b")
    np.testing.assert_array_equal(again.confusion(BEST), made().concept("a/b").confusion(BEST))


def test_confusion_and_carriers_are_of_the_best_site(written):
    table = pd.read_csv(written / "confusion_a%2Fb.csv")
    assert table["site"].unique().tolist() == [BEST]
    counts = table[["class 0", "class 1", "class 2"]].to_numpy()
    np.testing.assert_array_equal(counts, made().concept("a/b").confusion(BEST))
    np.testing.assert_allclose(table["recall"], counts.diagonal() / counts.sum(1))
    carried = pd.read_csv(written / "carriers_a%2Fb.csv")
    assert carried["unit"].tolist() == made().carriers("a/b", BEST)["unit"].tolist()


@pytest.mark.usefixtures("undrawn")
def test_an_earlier_folder_is_replaced_only_when_asked(tmp_path):
    place = tmp_path / "probes"
    figures.export_probes(made(), place)
    one = report_of(concept("shape", rising(2), classes=2))
    with pytest.raises(DataError, match="overwrite"):
        figures.export_probes(one, place)
    figures.export_probes(one, place, overwrite=True)
    assert not (place / "confusion_a%2Fb.csv").exists()
    assert (place / "confusion_shape.csv").exists()


def test_an_unknown_language_writes_nothing(tmp_path):
    with pytest.raises(UsageError, match="en, es"):
        figures.export_probes(made(), tmp_path / "probes", lang="fr")
    assert not (tmp_path / "probes").exists()
