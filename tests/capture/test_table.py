"""Finding and choosing sites; the table of layers."""

import pytest
import torch
import torchvision
from torch import nn

from neurolupa.capture import Site, SiteTable, layers, trace
from neurolupa.errors import UsageError


@pytest.fixture(scope="module")
def model(as_model):
    with torch.device("meta"):
        net = torchvision.models.resnet18(weights=None)
    return as_model(net.to_empty(device="cpu"), 32)


@pytest.fixture(scope="module")
def table(model):
    return trace(model)


def names(sites):
    return [site.name for site in sites]


def test_bare_and_full_addresses(table):
    assert table.find("layer1.0.relu") is table.find("layer1.0.relu:1")
    assert table.find("layer1.0/add") is table.find("layer1.0/add:0")
    assert table.find("relu").address == "relu:0"
    assert table.find("/flatten").layer == ""


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("layer1.0.rleu", "layer1.0.relu"), ("layer1.0.relu:2", "layer1.0.relu:1"), ("layer5", "layer4")],
)
def test_unknown_sites_give_the_nearest(table, text, nearest):
    with pytest.raises(UsageError, match="unknown site") as caught:
        table.find(text)
    suggestions = str(caught.value).split("nearest: ")[1].split(", ")
    assert nearest in suggestions
    assert len({suggestion.split(":")[0] for suggestion in suggestions}) > 1 or ":" in text


def test_selections_are_in_forward_order_and_each_site_once(table):
    assert names(table.select("fc, conv1, layer1.0.relu:1, layer1.0.relu")) == [
        "conv1",
        "layer1.0.relu",
        "fc",
    ]
    assert names(table.select(["fc", "conv1,bn1", table.find("relu")])) == ["conv1", "bn1", "relu", "fc"]
    assert table.select(table.find("fc")) == (table.find("fc"),)


def test_globs_match_names_and_addresses(table):
    assert names(table.select("layer1.*.relu")) == ["layer1.0.relu", "layer1.1.relu"]
    assert names(table.select("layer1.*.relu:0")) == ["layer1.0.relu:0", "layer1.1.relu:0"]
    assert names(table.select("layer?.0/add")) == [f"layer{i}.0/add" for i in range(1, 5)]
    assert names(table.select("*.downsample.[01]"))[:2] == ["layer2.0.downsample.0", "layer2.0.downsample.1"]


def test_kinds(table):
    assert names(table.select("kind:relu")) == [
        "relu",
        *(f"layer{i}.{j}.relu" for i in range(1, 5) for j in (0, 1)),
    ]
    assert names(table.select("kind:linear")) == ["fc"]
    assert len(table.select("kind:all")) == 84
    assert len(table.select("kind:relu, kind:relu-calls")) == 17


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("kind:rely", "unknown kind of site 'rely'; nearest: relu"),
        (
            "kind:gate",
            "no site matches 'kind:gate'; kinds with sites: add, block, conv, linear, norm, other, pool",
        ),
        ("layer9.*", r"no site matches 'layer9.\*'"),
        ("", "selection of sites is empty"),
        ([], "selection of sites is empty"),
        (" , ", "selection of sites is empty"),
        ("conv1, convv1", "unknown site 'convv1'"),
    ],
)
def test_a_selection_without_a_match_says_what_there_is(table, selection, message):
    with pytest.raises(UsageError, match=message):
        table.select(selection)


def test_table_is_a_sequence(table):
    assert table[0].name == "conv1"
    assert table[-1].name == "fc"
    assert names(table[:2]) == ["conv1", "bn1"]
    assert table.find("fc") in table
    assert repr(table) == "SiteTable(84 sites: conv1 ... fc)"


@pytest.mark.parametrize(
    ("shape", "axis", "expected"),
    [
        ((64, 7, 5), 1, (64, 7, 5)),
        ((7, 5, 64), 3, (64, 7, 5)),
        ((10,), 1, (10, 1, 1)),
        ((50, 768), 2, (768, 1, 50)),
        ((8, 20), 1, (8, 1, 20)),
        ((4, 2, 3, 5), 1, (4, 6, 5)),
    ],
)
def test_units_and_map_sizes(shape, axis, expected):
    site = Site("a", shape=shape, channel_axis=axis)
    assert (site.units, site.height, site.width) == expected


def test_a_name_that_is_a_functional_s_too():
    """A bare `relu` is the module of that name, never the operation at the root."""
    module, operation = Site("relu", kind="relu"), Site("", "relu", kind="relu", order=1)
    table = SiteTable([module, operation], {})
    assert table.find("relu") is module
    assert table.find("/relu") is operation


def test_layers_frame(model):
    frame = layers(model)
    assert len(frame) == 84
    row = frame.set_index("site").loc["layer2.0.conv2"]
    assert row[["address", "type", "kind", "units", "parameters", "channel_axis"]].tolist() == [
        *("layer2.0.conv2:0", "Conv2d", "conv", 128, 128 * 128 * 9, 1)
    ]
    assert row[["norm", "relu", "link"]].tolist() == ["layer2.0.bn2", "layer2.0.relu", "after_add"]
    assert row["shape"] == (128, 4, 4)
    field = ["rf_height", "rf_width", "rf_stride_y", "rf_stride_x", "rf_start_y", "rf_start_x"]
    assert row[field].tolist() == [67, 67, 8, 8, -33, -33]
    assert frame["order"].tolist() == list(range(84))


def test_layers_frame_where_nothing_is_known(as_model):
    class Unknown(nn.Module):
        def forward(self, x):
            return torch.fft.rfft2(x).abs()

    frame = layers(as_model(nn.Sequential(nn.Conv2d(3, 4, 3), Unknown(), nn.Conv2d(4, 2, 1)))).set_index(
        "site"
    )
    assert frame.loc["2", ["rf_height", "norm", "relu"]].isna().all()
    assert frame.loc["2", "link"] == "none"


def test_behind_a_sum_every_convolution_that_is_joined_is_a_source(table):
    joined = table.find("layer2.0.relu")
    assert names(table.sources_of(joined)) == ["layer2.0.conv2", "layer2.0.downsample.0"]
    assert table.convolution_of(joined).name == "layer2.0.conv2"
    assert names(table.sources_of(table.find("layer2.0.relu:0"))) == ["layer2.0.conv1"]
    assert names(table.sources_of(table.find("conv1"))) == ["conv1"]
    assert table.sources_of(table.find("maxpool")) == ()
