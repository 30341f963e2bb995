import json

import pandas as pd

from neurolupa.atlas import Code, Finding, Source
from neurolupa.atlas.summary import summarise

SOURCE = Source("net", "c0ffee", "photos", "da7a", 4, 0, "0.1.0")


def test_the_extremes_of_the_tiny_atlas(atlas):
    found = atlas.summary()
    assert found.most_sparse == Finding(Code.MOST_SPARSE, "deep.relu", 75.0)
    assert found.least_sparse == Finding(Code.LEAST_SPARSE, "early/relu", 68.75)
    assert found.most_dead == Finding(Code.MOST_DEAD, "fc", 100.0)
    assert found.lowest_mean == Finding(Code.LOWEST_MEAN, "fc", -4.5)
    assert found.highest_mean == Finding(Code.HIGHEST_MEAN, "deep.relu", 1.5)
    assert (found.dead, found.units, found.dead_percent) == (3, 7, 300 / 7)


def test_most_dead_is_by_percent_and_ties_go_to_the_first_layer():
    layers = pd.DataFrame(
        {
            "site": ["a", "b", "c"],
            "sparsity_%": 10.0,
            "mean": 1.0,
            "dead": [3, 2, 1],
            "total_neurons": [30, 4, 2],
        }
    )
    found = summarise(layers, SOURCE)
    assert (found.most_dead.site, found.most_dead.value) == ("b", 50.0)
    assert {one.site for one in (found.most_sparse, found.least_sparse, found.lowest_mean)} == {"a"}


def test_without_rectified_sites_there_is_no_sparsest():
    layers = pd.DataFrame(
        {"site": ["a"], "sparsity_%": float("nan"), "mean": [float("nan")], "dead": 0, "total_neurons": 2}
    )
    found = summarise(layers, SOURCE)
    assert (found.most_sparse, found.least_sparse, found.lowest_mean) == (None, None, None)
    assert [str(one.code) for one in found.findings()] == ["MOST_DEAD", "TOTAL_DEAD"]


def test_the_frame_and_the_dictionary_say_the_same(atlas):
    found = atlas.summary()
    assert found.to_frame().set_index("code").loc["MOST_DEAD", "site"] == "fc"
    told = json.loads(json.dumps(found.to_dict()))
    assert told["LOWEST_MEAN"] == {"site": "fc", "value": -4.5}
    assert told["TOTAL_DEAD"]["site"] is None
    assert (told["dead"], told["units"], told["source"]["images"]) == (3, 7, "photos")
